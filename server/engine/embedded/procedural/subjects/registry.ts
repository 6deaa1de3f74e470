import { animals } from "./animals.ts";
import { beast } from "./beast.ts";
import { dragon } from "./dragon.ts";
import { effects } from "./effects.ts";
import { food } from "./food.ts";
import { items } from "./items.ts";
import { monsters } from "./monsters.ts";
import { nature } from "./nature.ts";
import { people } from "./people.ts";
import { places } from "./places.ts";
import { weapons } from "./weapons.ts";
import { worn } from "./worn.ts";
import type { Ground } from "../ground.ts";
import type { Subject } from "../vocabulary.ts";
import type { SubjectDrawing } from "./subject.ts";

/** A drawing for every subject that is not a ground. */
export const drawings: Readonly<Record<Exclude<Subject, Ground>, SubjectDrawing>> = {
  dragon,
  beast,
  ...animals,
  ...monsters,
  ...people,
  ...weapons,
  ...items,
  ...worn,
  ...food,
  ...nature,
  ...places,
  ...effects,
};
