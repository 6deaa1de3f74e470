import { star } from "./star.ts";
import { material, stuff } from "../look.ts";
import { limb, path, smooth, type Point } from "../shapes.ts";
import type { SubjectDrawing } from "./subject.ts";

const helmet: SubjectDrawing = {
  colors: ["#98a4b4", "#7f8aa0"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const metal = look.main();
    if (look.has("horned") || look.has("evil"))
      pen.mirror(() =>
        pen.tube(smooth(limb("0.22 0.34 0.08, 0.06 0.26 0.06, 0.05 0.06 0.015")), look.part("horns", stuff.bone)),
      );
    else pen.tube(smooth(limb("0.5 0.1 0.05, 0.3 0.03 0.06, 0.12 0.16 0.03")), look.part("hat", material("#c8343c")));
    pen.tube(limb("0.5 0.44 0.36, 0.5 0.74 0.3"), metal);
    pen.plate(
      path("0.2 0.46, 0.8 0.46, 0.8 0.56, 0.56 0.58, 0.55 0.9, 0.45 0.9, 0.44 0.58, 0.2 0.56"),
      material("#241f2c"),
      { soft: true },
    );
    pen.tube(limb("0.5 0.1 0.03, 0.5 0.44 0.03"), look.shade(null, { l: 0.1 }), { soft: true });
  },
};

const armor: SubjectDrawing = {
  colors: ["#98a4b4", "#8a7048", "#7f8aa0"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const metal = look.main();
    pen.mirror(() => pen.ball(0.16, 0.28, 0.16, 0.15, look.shade(null, { l: -0.04 })));
    pen.plate(path("0.26 0.16, 0.4 0.22, 0.6 0.22, 0.74 0.16, 0.78 0.55, 0.7 0.92, 0.3 0.92, 0.22 0.55"), metal, {
      bevel: 0.14,
    });
    pen.tube(limb("0.5 0.28 0.014, 0.5 0.64 0.014"), look.shade(null, { l: -0.14 }), { soft: true });
    pen.slab(0.27, 0.68, 0.46, 0.08, stuff.leather, { soft: true });
    pen.ball(0.5, 0.72, 0.05, 0.05, stuff.gold, { soft: true });
    if (look.said("emblem") !== null || look.has("ornate"))
      pen.plate(star(0.5, 0.42, 0.12, 0.05), look.part("emblem", stuff.gold), { soft: true });
  },
};

const boots: SubjectDrawing = {
  colors: ["#83532f", "#5a4a6a", "#7a3a34"],
  motion: "walk",
  draw: (pen, look) => {
    const leather = look.main();
    for (const x of [0.08, 0.52]) {
      pen.tube(
        [
          [x + 0.14, 0.2, 0.12],
          [x + 0.14, 0.72, 0.11],
        ],
        leather,
      );
      pen.tube(
        [
          [x + 0.14, 0.8, 0.11],
          [x + 0.29, 0.82, 0.09],
        ],
        leather,
        { soft: true },
      );
      pen.slab(x + 0.02, 0.88, 0.37, 0.06, stuff.dark, { bevel: 0.02 });
      pen.tube(
        [
          [x + 0.04, 0.16, 0.055],
          [x + 0.24, 0.16, 0.055],
        ],
        look.second("emblem", 30),
      );
      if (look.has("winged"))
        pen.plate(
          [
            [x + 0.05, 0.6],
            [x - 0.08, 0.44],
            [x + 0.1, 0.5],
          ],
          stuff.white,
        );
    }
  },
};

const crown: SubjectDrawing = {
  colors: ["#e0b038", "#b4bfcd"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const metal = look.main();
    const points: Point[] = path("0.1 0.86, 0.05 0.28, 0.28 0.54, 0.5 0.14, 0.72 0.54, 0.95 0.28, 0.9 0.86");
    pen.plate(points, metal, { bevel: 0.07 });
    pen.slab(0.1, 0.74, 0.8, 0.14, look.shade(null, { l: -0.06 }), { bevel: 0.04 });
    for (const [x, y] of path("0.05 0.24, 0.5 0.1, 0.95 0.24")) pen.ball(x * 0.92 + 0.04, y, 0.05, 0.05, metal);
    const gems = ["#d2304a", "#3f7fe0", "#2fa868"];
    for (const [i, x] of [0.28, 0.5, 0.72].entries())
      pen.ball(x, 0.81, 0.05, 0.05, look.part("gem", material(gems[i] ?? "#d2304a", { gloss: 1 })), { soft: true });
  },
};

const ring: SubjectDrawing = {
  colors: ["#e0b038", "#b4bfcd"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    // A ruby or emerald names the stone, gold and silver the ring.
    const jewel = look.isNamed && look.base.c > 0.11 && (look.base.h < 70 || look.base.h > 110);
    const metal = jewel ? stuff.gold : look.main();
    const circle = Array.from({ length: 33 }, (_, i): [number, number, number] => {
      const angle = (i / 32) * 2 * Math.PI - Math.PI / 2;
      return [0.5 + Math.cos(angle) * 0.29, 0.62 + Math.sin(angle) * 0.28, 0.055];
    });
    pen.tube(circle, metal);
    pen.slab(0.4, 0.3, 0.2, 0.08, metal, { bevel: 0.03 });
    const stone = look.part("gem", jewel ? look.main({ gloss: 1 }) : look.second("gem", 200));
    pen.plate(path("0.36 0.2, 0.5 0.07, 0.64 0.2, 0.5 0.35"), stone, { bevel: 0.08 });
    pen.dot(0.47, 0.17, [255, 255, 255]);
  },
};

const bag: SubjectDrawing = {
  colors: ["#b98a4a", "#9a6a3c", "#7a4a6a"],
  motion: "squash",
  draw: (pen, look) => {
    const cloth = look.main();
    pen.plate(path("0.36 0.08, 0.64 0.08, 0.58 0.28, 0.42 0.28"), cloth, { bevel: 0.05 });
    pen.ball(0.5, 0.63, 0.37, 0.31, cloth);
    pen.tube(limb("0.38 0.29 0.035, 0.62 0.29 0.035"), look.second("emblem", 40));
    if (look.with("coin") || look.random.chance(0.5)) pen.ball(0.5, 0.64, 0.13, 0.13, stuff.gold, { soft: true });
  },
};

export const worn = { helmet, armor, boots, crown, ring, bag } as const satisfies Record<string, SubjectDrawing>;
