import { ink, material, stuff, type Look } from "../look.ts";
import { limb, path, smooth } from "../shapes.ts";
import type { Material, Pen } from "../pen.ts";

/** What a person wears and holds. */
interface Outfit {
  readonly skin: Material;
  readonly top: Material;
  readonly sleeves: Material;
  readonly legs: Material;
  readonly boots: Material;
  /** Reaches to the ground. */
  readonly robe?: Material;
  readonly cape?: Material;
  readonly belt?: Material;
  readonly headgear: (pen: Pen, look: Look) => void;
  readonly held?: (pen: Pen) => void;
  readonly shield?: Material;
  /** Thickness of limbs, 1 is usual. */
  readonly bulk?: number;
}

export const headY = 0.3;

/** A small person with a large head, seen from the front. */
export function drawPerson(pen: Pen, look: Look, outfit: Outfit): void {
  const bulk = (outfit.bulk ?? 1) * (look.has("fat") ? 1.25 : look.has("thin") ? 0.8 : 1);
  if (outfit.cape !== undefined) {
    pen.plate(path("0.32 0.48, 0.68 0.48, 0.8 0.87, 0.5 0.93, 0.2 0.87"), outfit.cape, { bevel: 0.06, tone: -0.4 });
  }
  outfit.held?.(pen);
  pen.mirror(() => {
    pen.tube(
      [
        [0.42, 0.72, 0.07 * bulk],
        [0.41, 0.88, 0.062 * bulk],
      ],
      outfit.legs,
    );
    pen.tube(
      [
        [0.41, 0.87, 0.068 * bulk],
        [0.41, 0.915, 0.06 * bulk],
        [0.37, 0.92, 0.05 * bulk],
      ],
      outfit.boots,
    );
  });
  if (outfit.robe !== undefined) {
    pen.plate(
      [
        [0.5 - 0.13 * bulk, 0.5],
        [0.5 + 0.13 * bulk, 0.5],
        [0.5 + 0.24 * bulk, 0.94],
        [0.5 - 0.24 * bulk, 0.94],
      ],
      outfit.robe,
      { bevel: 0.13 },
    );
  } else {
    pen.tube(
      [
        [0.5, 0.55, 0.145 * bulk],
        [0.5, 0.7, 0.125 * bulk],
      ],
      outfit.top,
    );
  }
  if (outfit.belt !== undefined)
    pen.tube(
      [
        [0.5 - 0.12 * bulk, 0.735, 0.025],
        [0.5 + 0.12 * bulk, 0.735, 0.025],
      ],
      outfit.belt,
      { soft: true },
    );
  pen.mirror(() => {
    pen.tube(
      smooth([
        [0.37, 0.53, 0.066 * bulk],
        [0.28, 0.62, 0.058 * bulk],
        [0.255, 0.7, 0.055 * bulk],
      ]),
      outfit.sleeves,
    );
    pen.ball(0.25, 0.735, 0.05 * bulk, 0.05, outfit.skin);
  });
  if (outfit.shield !== undefined) {
    pen.plate(path("0.6 0.56, 0.84 0.56, 0.84 0.74, 0.72 0.88, 0.6 0.74"), outfit.shield, { bevel: 0.06 });
    pen.plate(path("0.7 0.61, 0.74 0.61, 0.74 0.79, 0.7 0.79"), look.part("emblem", stuff.gold), {
      soft: true,
      bevel: 0.01,
    });
  }
  pen.ball(0.5, headY + 0.02, 0.205, 0.2, outfit.skin);
  outfit.headgear(pen, look);
}

export function eyes(pen: Pen, look: Look, y = headY + 0.05): void {
  const glowing = look.has("evil") || look.said("eyes") !== null;
  pen.mirror(() => {
    if (pen.size < 20) {
      pen.dot(0.42, y, glowing ? look.eyes.white : ink);
      if (pen.size > 15) pen.dot(0.42, y + pen.pixel, glowing ? look.eyes.pupil : ink);
    } else {
      const column = Math.max(1, Math.round(pen.size / 32));
      for (let i = 0; i < column; i += 1) {
        for (let j = 0; j < column * 2; j += 1) {
          pen.dot(
            0.42 + (i - column / 2) * pen.pixel,
            y - 0.02 + j * pen.pixel,
            j === 0 ? [250, 250, 250] : glowing ? look.eyes.pupil : ink,
          );
        }
      }
    }
  });
}

export function hairCap(pen: Pen, hair: Material, long: boolean): void {
  if (long) pen.mirror(() => pen.tube(smooth(limb("0.33 0.24 0.07, 0.29 0.38 0.07, 0.31 0.52 0.045")), hair));
  pen.tube(smooth(limb("0.32 0.31 0.045, 0.34 0.18 0.08, 0.5 0.13 0.095, 0.66 0.18 0.08, 0.68 0.31 0.045")), hair, {
    soft: true,
  });
  pen.plate(path("0.34 0.2, 0.66 0.2, 0.62 0.29, 0.5 0.24, 0.4 0.3"), hair, { soft: true });
}

export function sword(pen: Pen): void {
  pen.plate(path("0.185 0.66, 0.17 0.24, 0.2 0.17, 0.23 0.24, 0.225 0.66"), stuff.steel, { bevel: 0.03 });
  pen.tube(limb("0.12 0.67 0.022, 0.29 0.67 0.022"), stuff.gold);
  pen.tube(limb("0.205 0.69 0.02, 0.205 0.8 0.02"), stuff.leather);
}

export function staff(pen: Pen, tip: Material): void {
  pen.tube(limb("0.2 0.2 0.024, 0.2 0.92 0.024"), stuff.wood);
  pen.ball(0.2, 0.17, 0.075, 0.075, tip);
}

export function axe(pen: Pen): void {
  pen.tube(limb("0.2 0.28 0.022, 0.2 0.86 0.022"), stuff.wood);
  pen.plate(path("0.22 0.28, 0.06 0.24, 0.03 0.36, 0.07 0.47, 0.22 0.42"), stuff.steel, { bevel: 0.05 });
}

export function bow(pen: Pen): void {
  pen.tube(smooth(limb("0.24 0.36 0.012, 0.1 0.5 0.024, 0.1 0.76 0.024, 0.24 0.9 0.012")), stuff.wood);
  pen.tube(limb("0.24 0.36 0.006, 0.24 0.9 0.006"), stuff.paper);
}

/** What the prompt puts in the hand, else what is usual. */
export function weapon(look: Look, usual: ((pen: Pen) => void) | undefined): { held?: (pen: Pen) => void } {
  const held = look.with("sword", "dagger")
    ? sword
    : look.with("axe", "hammer")
      ? axe
      : look.with("bow", "arrow")
        ? bow
        : look.with("staff", "spear")
          ? (pen: Pen) => staff(pen, look.part("gem", material("#62c8e8", { gloss: 1 })))
          : usual;
  return held === undefined ? {} : { held };
}

export function caped(look: Look, always: boolean): { cape?: Material } {
  const said = look.said("cape");
  if (said !== null) return { cape: material(said) };
  return always ? { cape: look.second("cape", 170) } : {};
}
