import { material, stuff } from "../look.ts";
import { limb, path, smooth, type Point } from "../shapes.ts";
import type { SubjectDrawing } from "./subject.ts";

const apple: SubjectDrawing = {
  colors: ["#d0383c"],
  gloss: 1,
  motion: "squash",
  draw: (pen, look) => {
    const kinds: Record<string, string> = {
      orange: "#e88f2e",
      peach: "#eea27a",
      tomato: "#d8402e",
      cherry: "#b8203c",
      plum: "#6a3a8a",
      pear: "#b5c24a",
      berry: "#5a5ac0",
    };
    const own = kinds[look.kind];
    const flesh = own !== undefined && !look.has("poison") ? material(own, { gloss: 1 }) : look.main();
    pen.tube(smooth(limb("0.5 0.3 0.025, 0.52 0.18 0.022, 0.58 0.08 0.024")), stuff.darkWood);
    if (look.kind === "pear") {
      pen.tube(smooth(limb("0.5 0.34 0.14, 0.5 0.5 0.22, 0.5 0.66 0.29")), flesh);
    } else {
      pen.mirror(() => pen.ball(0.36, 0.58, 0.27, 0.34, flesh, { soft: true }));
      pen.ball(0.5, 0.66, 0.24, 0.26, flesh, { soft: true });
    }
    pen.plate(path("0.55 0.2, 0.68 0.06, 0.88 0.1, 0.74 0.24"), stuff.leaf, { bevel: 0.05 });
    pen.dot(0.26, 0.46, [255, 244, 240]);
    pen.dot(0.26, 0.46 + pen.pixel, [255, 244, 240]);
  },
};

const bread: SubjectDrawing = {
  colors: ["#c98a42"],
  motion: "squash",
  draw: (pen, look) => {
    const crust = look.main();
    if (look.kind === "cake" || look.kind === "pie") {
      pen.slab(0.12, 0.5, 0.76, 0.36, material("#e8c48a"), { bevel: 0.05 });
      pen.slab(0.12, 0.66, 0.76, 0.07, look.second("liquid", 320), { soft: true });
      pen.tube(limb("0.18 0.48 0.1, 0.82 0.48 0.1"), material("#f6ece4", { contrast: 0.7 }));
      for (const x of [0.22, 0.42, 0.62])
        pen.tube(
          [
            [x, 0.52, 0.06],
            [x, 0.6, 0.05],
          ],
          material("#f6ece4", { contrast: 0.7 }),
          { soft: true },
        );
      pen.ball(0.5, 0.33, 0.09, 0.09, material("#d0303c", { gloss: 1 }));
      return;
    }
    pen.tube(limb("0.26 0.58 0.22, 0.74 0.58 0.22"), crust);
    pen.mirror(() => pen.ball(0.5, 0.44, 0.3, 0.16, crust, { soft: true }));
    for (const x of [0.3, 0.5, 0.7])
      pen.tube(
        [
          [x - 0.05, 0.42, 0.03],
          [x + 0.06, 0.58, 0.03],
        ],
        look.shade(null, { l: 0.14, c: 0.8 }),
        { soft: true },
      );
  },
};

const cheese: SubjectDrawing = {
  colors: ["#f0c040"],
  motion: "squash",
  draw: (pen, look) => {
    pen.plate(path("0.06 0.54, 0.66 0.2, 0.94 0.48"), look.shade(null, { l: 0.07 }), { bevel: 0.03 });
    pen.plate(path("0.06 0.54, 0.94 0.48, 0.94 0.8, 0.06 0.86"), look.main(), { bevel: 0.05 });
    for (const [x, y, r] of limb("0.26 0.7 0.07, 0.56 0.64 0.05, 0.76 0.7 0.065, 0.44 0.8 0.04"))
      pen.ball(x, y, r, r, look.shade(null, { l: -0.14 }), { soft: true, tone: -0.4 });
  },
};

const meat: SubjectDrawing = {
  colors: ["#b5623a"],
  gloss: 0.5,
  motion: "squash",
  draw: (pen, look) => {
    const flesh = look.main();
    pen.tube(limb("0.58 0.62 0.05, 0.8 0.84 0.05"), stuff.bone);
    pen.ball(0.82, 0.78, 0.07, 0.07, stuff.bone);
    pen.ball(0.76, 0.86, 0.07, 0.07, stuff.bone);
    pen.tube(smooth(limb("0.36 0.36 0.27, 0.5 0.52 0.2, 0.64 0.68 0.09")), flesh);
    pen.dot(0.26, 0.26, [255, 226, 196]);
  },
};

const carrot: SubjectDrawing = {
  colors: ["#e8832e"],
  motion: "sway",
  draw: (pen, look) => {
    for (const [dx, dy] of path("-0.12 -0.14, 0.02 -0.2, 0.14 -0.08"))
      pen.tube(
        [
          [0.66, 0.34, 0.04],
          [0.74 + dx, 0.28 + dy, 0.03],
        ],
        stuff.leaf,
      );
    pen.tube(smooth(limb("0.62 0.4 0.15, 0.42 0.62 0.11, 0.14 0.9 0.015")), look.main());
    for (const t of [0.25, 0.5, 0.75])
      pen.tube(
        [
          [0.62 - t * 0.48, 0.36 + t * 0.5, 0.01],
          [0.68 - t * 0.5, 0.44 + t * 0.5, 0.01],
        ],
        look.shade(null, { l: -0.1 }),
        { soft: true },
      );
  },
};

const mushroom: SubjectDrawing = {
  colors: ["#d23c3c", "#b5763c", "#7d5ab0"],
  motion: "squash",
  draw: (pen, look) => {
    const stem = look.part("trunk", material("#ecdfc4", { contrast: 0.8 }));
    pen.tube(smooth(limb("0.5 0.5 0.15, 0.5 0.76 0.16, 0.5 0.86 0.19")), stem);
    const cap: Point[] = Array.from({ length: 20 }, (_, i): Point => {
      const angle = Math.PI + (i / 19) * Math.PI;
      return [0.5 + Math.cos(angle) * 0.46, 0.54 + Math.sin(angle) * 0.46];
    });
    pen.plate([...cap, [0.9, 0.6], [0.5, 0.66], [0.1, 0.6]], look.main(), { bevel: 0.3 });
    for (const [x, y, r] of limb("0.32 0.34 0.085, 0.62 0.24 0.075, 0.74 0.46 0.06, 0.5 0.48 0.05, 0.2 0.5 0.045"))
      pen.ball(x, y, r, r * 0.9, stuff.white, { soft: true });
    if (look.has("cute") || look.has("evil")) pen.mirror(() => pen.eye(0.43, 0.72, 0.04, look.eyes));
  },
};

export const food = { apple, bread, cheese, meat, carrot, mushroom } as const satisfies Record<string, SubjectDrawing>;
