import { caped, headY, drawPerson, eyes, hairCap, sword, staff, axe, bow, weapon } from "./figure.ts";
import { crown } from "./faces.ts";
import { ink, material, stuff } from "../look.ts";
import { limb, path, smooth } from "../shapes.ts";
import type { SubjectDrawing } from "./subject.ts";

const person: SubjectDrawing = {
  colors: ["#c8503c", "#3f7fc0", "#4a9a5a", "#b08a3a", "#7d5aa8"],
  motion: "walk",
  aspect: 0.86,
  draw: (pen, look) => {
    const female = ["woman", "girl", "heroine", "lady", "sorceress"].includes(look.kind);
    const top = look.main();
    drawPerson(pen, look, {
      skin: look.skin(),
      top,
      sleeves: top,
      legs: look.part("legs", material(look.random.pick(["#4a5a7c", "#6b5138", "#55535e"]))),
      boots: stuff.leather,
      belt: stuff.darkWood,
      ...(female && { robe: top }),
      ...caped(look, false),
      ...weapon(look, undefined),
      ...(look.with("shield") && { shield: stuff.steel }),
      headgear: (_pen, own) => {
        hairCap(pen, own.hair(), female);
        eyes(pen, own);
        if (own.said("hat") !== null || own.kind === "farmer" || own.kind === "peasant") {
          const straw = own.part("hat", material("#d9b45a"));
          pen.ball(0.5, 0.19, 0.33, 0.055, straw);
          pen.ball(0.5, 0.13, 0.17, 0.11, straw, { soft: true });
        }
      },
    });
  },
};

const knight: SubjectDrawing = {
  colors: ["#8f9cad", "#a3acb8", "#7f8aa0"],
  gloss: 1,
  motion: "walk",
  aspect: 0.88,
  draw: (pen, look) => {
    const plate = look.main();
    const cloth = look.second("cape", 200);
    drawPerson(pen, look, {
      skin: plate,
      top: plate,
      sleeves: plate,
      legs: look.shade("legs", { l: -0.08 }),
      boots: look.shade(null, { l: -0.14 }),
      belt: stuff.leather,
      bulk: 1.1,
      shield: look.part("emblem", cloth),
      ...caped(look, look.random.chance(0.4)),
      ...weapon(look, sword),
      headgear: () => {
        pen.tube(
          smooth(limb("0.5 0.1 0.03, 0.42 0.02 0.05, 0.3 0.05 0.045, 0.26 0.16 0.02")),
          look.part("hat", material("#c8343c")),
        );
        pen.ball(0.5, headY - 0.01, 0.225, 0.225, plate, { soft: true });
        pen.mirror(() =>
          pen.plate(path("0.31 0.29, 0.48 0.29, 0.48 0.36, 0.33 0.36"), material("#241f2c"), { soft: true }),
        );
        pen.tube(limb("0.5 0.2 0.018, 0.5 0.46 0.018"), look.shade(null, { l: 0.12 }), { soft: true });
        if (look.has("evil")) pen.mirror(() => pen.dot(0.41, 0.325, [236, 60, 52]));
        if (look.has("horned") || look.kind === "viking")
          pen.mirror(() => pen.tube(smooth(limb("0.3 0.2 0.05, 0.17 0.16 0.04, 0.15 0.03 0.012")), stuff.bone));
      },
    });
  },
};

const wizard: SubjectDrawing = {
  colors: ["#4a55b8", "#7d4bb0", "#3f8a8a", "#a83a5a", "#4a4058"],
  motion: "bob",
  aspect: 0.86,
  draw: (pen, look) => {
    const robe = look.part("cape", look.main());
    const hat = look.part("hat", look.main());
    const beard = look.part("hair", material(look.random.pick(["#e6e6ea", "#b9b4ac", "#8a6a4a"]), { contrast: 0.8 }));
    const witch = ["witch", "sorceress", "cleric", "priest", "monk", "shaman", "druid"].includes(look.kind);
    drawPerson(pen, look, {
      skin: look.skin(),
      top: robe,
      sleeves: robe,
      legs: robe,
      boots: stuff.leather,
      robe,
      belt: stuff.gold,
      ...weapon(look, (p) => staff(p, look.part("gem", look.second("gem", 180)))),
      headgear: () => {
        eyes(pen, look);
        if (witch)
          pen.mirror(() => pen.tube(smooth(limb("0.32 0.28 0.05, 0.28 0.42 0.055, 0.3 0.56 0.03")), look.hair()));
        else {
          pen.plate(path("0.33 0.37, 0.67 0.37, 0.6 0.58, 0.5 0.68, 0.4 0.58"), beard, { bevel: 0.07 });
          pen.mirror(() => pen.tube(limb("0.48 0.4 0.03, 0.38 0.42 0.02"), beard, { soft: true }));
        }
        if (look.kind === "monk" || look.kind === "priest" || look.kind === "cleric") {
          pen.tube(smooth(limb("0.31 0.34 0.05, 0.33 0.18 0.085, 0.5 0.12 0.1, 0.67 0.18 0.085, 0.69 0.34 0.05")), hat);
          return;
        }
        pen.ball(0.5, 0.21, 0.31, 0.06, hat);
        pen.tube(smooth(limb("0.5 0.18 0.18, 0.53 0.06 0.11, 0.6 -0.04 0.05, 0.7 0.0 0.025")), hat, { soft: true });
        pen.tube(limb("0.34 0.185 0.028, 0.66 0.185 0.028"), stuff.gold, { soft: true });
      },
    });
  },
};

const rogue: SubjectDrawing = {
  colors: ["#4a7a48", "#6b4a38", "#4b4a5c", "#7a3540"],
  motion: "walk",
  aspect: 0.86,
  draw: (pen, look) => {
    const cloth = look.main();
    const masked = ["ninja", "assassin", "thief", "bandit"].includes(look.kind);
    const pirate = look.kind === "pirate";
    const archer = ["archer", "ranger", "hunter"].includes(look.kind);
    drawPerson(pen, look, {
      skin: look.skin(),
      top: cloth,
      sleeves: look.shade(null, { l: -0.06 }),
      legs: look.part("legs", look.shade("legs", { l: -0.14 })),
      boots: stuff.leather,
      belt: look.part("emblem", stuff.leather),
      ...caped(look, !pirate && look.random.chance(0.5)),
      ...weapon(look, archer ? bow : sword),
      headgear: () => {
        eyes(pen, look);
        if (masked) {
          pen.tube(limb("0.36 0.42 0.06, 0.64 0.42 0.06"), look.part("hat", cloth), { soft: true });
          eyes(pen, look, headY + 0.03);
        }
        if (pirate) {
          const hat = look.part("hat", material("#3a3242"));
          pen.plate(path("0.2 0.24, 0.3 0.08, 0.5 0.02, 0.7 0.08, 0.8 0.24, 0.5 0.17"), hat, { bevel: 0.05 });
          pen.ball(0.5, 0.12, 0.045, 0.045, stuff.bone, { soft: true });
          pen.dot(0.42, headY + 0.05, ink);
          return;
        }
        pen.tube(
          smooth(
            limb(
              "0.32 0.38 0.045, 0.31 0.24 0.065, 0.4 0.12 0.09, 0.5 0.08 0.1, 0.6 0.12 0.09, 0.69 0.24 0.065, 0.68 0.38 0.045",
            ),
          ),
          look.part("hat", cloth),
          { soft: true },
        );
        pen.plate(path("0.44 0.08, 0.56 0.08, 0.5 0.24"), look.part("hat", cloth), { soft: true });
      },
    });
  },
};

const goblin: SubjectDrawing = {
  colors: ["#6a9a42", "#7f8f3a", "#5a8a5a", "#8a7a5a"],
  motion: "walk",
  aspect: 0.95,
  draw: (pen, look) => {
    const hide = look.part("skin", look.main());
    const big = ["orc", "troll", "ogre"].includes(look.kind);
    drawPerson(pen, look, {
      skin: hide,
      top: big ? stuff.leather : hide,
      sleeves: hide,
      legs: look.part("legs", stuff.leather),
      boots: hide,
      belt: stuff.darkWood,
      bulk: big ? 1.35 : 0.95,
      ...weapon(look, big ? axe : sword),
      headgear: () => {
        pen.mirror(() => {
          pen.plate(
            big ? path("0.32 0.26, 0.22 0.22, 0.31 0.38") : path("0.33 0.25, 0.06 0.16, 0.15 0.3, 0.33 0.38"),
            hide,
            { bevel: 0.04 },
          );
          pen.eye(0.41, headY + 0.01, 0.045, { white: [246, 214, 74], pupil: [90, 20, 24] }, [0.3, 0]);
          pen.tube(
            [
              [0.34, headY - 0.07, 0.016],
              [0.47, headY - 0.02, 0.016],
            ],
            material("#2a2a24"),
            { soft: true },
          );
          pen.plate(
            big ? path("0.37 0.44, 0.43 0.44, 0.39 0.35") : path("0.41 0.41, 0.45 0.41, 0.43 0.46"),
            stuff.bone,
            { soft: true, bevel: 0.01 },
          );
        });
        pen.ball(0.5, headY + 0.07, 0.04, 0.035, look.shade(null, { l: -0.06 }), { soft: true });
      },
    });
  },
};

const skeleton: SubjectDrawing = {
  colors: ["#e2d9bd"],
  motion: "walk",
  aspect: 0.84,
  draw: (pen, look) => {
    const zombie = look.kind === "zombie" || look.kind === "mummy";
    const bone = zombie ? material(look.kind === "mummy" ? "#d9cba6" : "#86a868") : look.main();
    const hole = material("#2b2230");
    if (zombie) {
      const rags = look.part("cape", material("#5a6a7c"));
      drawPerson(pen, look, {
        skin: bone,
        top: look.kind === "mummy" ? material("#d9cba6", { texture: (_x, y) => (y % 3 === 0 ? -1 : 0) }) : rags,
        sleeves: bone,
        legs: look.part("legs", material("#5a4a3a")),
        boots: bone,
        ...weapon(look, undefined),
        headgear: () =>
          pen.mirror(() => pen.eye(0.41, headY + 0.02, 0.05, { white: [240, 236, 200], pupil: [140, 30, 30] })),
      });
      return;
    }
    weapon(look, sword).held?.(pen);
    pen.mirror(() => {
      pen.tube(limb("0.44 0.72 0.026, 0.42 0.8 0.034, 0.42 0.9 0.024, 0.37 0.925 0.028"), bone);
      pen.tube(limb("0.38 0.52 0.026, 0.28 0.62 0.026, 0.25 0.74 0.03"), bone);
      for (const y of [0.54, 0.6, 0.66])
        pen.tube(
          [
            [0.49, y, 0.018],
            [0.38, y + 0.012, 0.018],
          ],
          bone,
        );
      pen.tube(limb("0.49 0.735 0.03, 0.42 0.72 0.03"), bone);
    });
    pen.tube(limb("0.5 0.48 0.024, 0.5 0.74 0.024"), bone);
    pen.tube(limb("0.45 0.42 0.07, 0.55 0.42 0.07"), bone);
    pen.ball(0.5, 0.27, 0.21, 0.19, bone, { soft: true });
    pen.mirror(() => {
      pen.ball(0.41, 0.3, 0.06, 0.062, hole, { soft: true });
      pen.dot(0.42, 0.31, look.has("evil") || look.kind === "lich" ? [236, 70, 60] : [250, 220, 120]);
    });
    pen.dot(0.49, 0.38, ink);
    for (const x of [0.44, 0.5, 0.56]) pen.dot(x, 0.45, ink);
    if (look.kind === "lich") crown(pen, 0.5, 0.1, 0.14);
  },
};

const royal: SubjectDrawing = {
  colors: ["#a8303c", "#6a3fa0", "#2f5fa8"],
  motion: "bob",
  aspect: 0.88,
  draw: (pen, look) => {
    const robe = look.main();
    const female = ["queen", "princess", "empress"].includes(look.kind);
    drawPerson(pen, look, {
      skin: look.skin(),
      top: robe,
      sleeves: robe,
      legs: robe,
      boots: stuff.leather,
      robe,
      belt: stuff.gold,
      cape: look.part("cape", look.second("cape", 40)),
      ...weapon(look, undefined),
      headgear: (_pen, own) => {
        const hair = own.hair();
        hairCap(pen, hair, female);
        eyes(pen, own);
        if (look.kind === "king" || look.kind === "emperor")
          pen.plate(path("0.34 0.39, 0.66 0.39, 0.5 0.55"), hair, { bevel: 0.06 });
        crown(pen, 0.5, 0.12, 0.17);
      },
    });
  },
};

const robot: SubjectDrawing = {
  colors: ["#8a9ab0", "#c87a3a", "#5aa0a8", "#c8b04a"],
  gloss: 0.8,
  motion: "bob",
  draw: (pen, look) => {
    const shell = look.main();
    const joint = stuff.iron;
    const screen = look.part("eyes", material("#4fd8e8", { contrast: 0.5 }));
    pen.mirror(() => {
      pen.tube(limb("0.4 0.76 0.05, 0.4 0.86 0.05"), joint);
      pen.slab(0.28, 0.85, 0.2, 0.09, shell, { bevel: 0.04 });
      pen.tube(smooth(limb("0.28 0.55 0.045, 0.19 0.62 0.045, 0.18 0.72 0.045")), joint);
      pen.ball(0.18, 0.77, 0.075, 0.07, shell);
    });
    pen.slab(0.27, 0.5, 0.46, 0.3, shell, { bevel: 0.06 });
    pen.slab(0.38, 0.58, 0.24, 0.13, look.shade(null, { l: -0.12 }), { bevel: 0.02 });
    pen.dot(0.44, 0.64, [236, 70, 60]);
    pen.dot(0.52, 0.64, [250, 206, 70]);
    pen.tube(limb("0.5 0.12 0.014, 0.5 0.05 0.014"), joint);
    pen.ball(0.5, 0.05, 0.04, 0.04, material("#d8433c", { gloss: 1 }));
    pen.tube(limb("0.5 0.46 0.06, 0.5 0.52 0.06"), joint);
    pen.slab(0.24, 0.13, 0.52, 0.35, shell, { bevel: 0.08 });
    pen.slab(0.31, 0.22, 0.38, 0.17, material("#232838"), { bevel: 0.02 });
    pen.mirror(() => pen.ball(0.41, 0.305, 0.045, 0.05, screen, { soft: true }));
  },
};

const astronaut: SubjectDrawing = {
  colors: ["#e6e8ef"],
  motion: "float",
  aspect: 0.88,
  draw: (pen, look) => {
    const suit = look.main({ contrast: 0.9 });
    pen.slab(0.3, 0.48, 0.4, 0.3, stuff.iron, { bevel: 0.05 });
    drawPerson(pen, look, {
      skin: suit,
      top: suit,
      sleeves: suit,
      legs: suit,
      boots: stuff.iron,
      belt: look.second("emblem", 30),
      bulk: 1.2,
      headgear: () => {
        pen.ball(0.5, headY, 0.25, 0.245, suit, { soft: true });
        pen.ball(0.5, headY + 0.03, 0.185, 0.15, material("#e0963a", { gloss: 1 }));
      },
    });
  },
};

export const people = {
  person,
  knight,
  wizard,
  rogue,
  goblin,
  skeleton,
  royal,
  robot,
  astronaut,
} as const satisfies Record<string, SubjectDrawing>;
