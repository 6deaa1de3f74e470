import { star } from "./star.ts";
import { grain, ink, material, scales, speckled, stuff } from "../look.ts";
import { limb, path, smooth, type Point } from "../shapes.ts";
import type { SubjectDrawing } from "./subject.ts";

const potion: SubjectDrawing = {
  colors: ["#d23b4a", "#4a7fe0", "#58b34a", "#a855c8", "#e0a02e"],
  gloss: 1,
  motion: "bob",
  draw: (pen, look) => {
    const liquid = look.part("liquid", look.main());
    const glass = material("#b9d6e2", { gloss: 1, contrast: 0.7 });
    const tall = look.kind === "vial" || look.kind === "phial" || look.has("thin");
    pen.slab(0.42, 0.04, 0.16, 0.13, material("#a8713f"), { bevel: 0.04 });
    pen.slab(0.4, 0.16, 0.2, 0.24, glass, { bevel: 0.06 });
    if (tall) {
      pen.tube(limb("0.5 0.42 0.19, 0.5 0.76 0.19"), glass);
      pen.tube(limb("0.5 0.58 0.13, 0.5 0.76 0.13"), liquid, { soft: true });
    } else {
      pen.ball(0.5, 0.65, 0.36, 0.3, glass);
      pen.ball(0.5, 0.67, 0.3, 0.24, liquid, { soft: true });
      pen.plate(path("0.2 0.5, 0.8 0.5, 0.76 0.58, 0.24 0.58"), glass, { soft: true, tone: 0.4 });
      pen.ball(0.5, 0.585, 0.27, 0.04, look.shade("liquid", { l: 0.14 }), { soft: true });
    }
    pen.slab(0.36, 0.15, 0.28, 0.07, glass, { bevel: 0.04, tone: 0.5 });
    const { glint, tones } = liquid.ramp;
    for (let i = 0; i < 4; i += 1)
      pen.dot(look.random.between(0.36, 0.64), look.random.between(0.66, 0.84), i % 2 === 0 ? tones[4] : glint);
    if (pen.size > 18) for (let i = 0; i < 3; i += 1) pen.dot(0.29 + i * 0.006, 0.62 + i * pen.pixel, [255, 255, 255]);
    if (look.has("poison") || look.with("skull")) {
      pen.ball(0.5, 0.7, 0.09, 0.08, stuff.bone, { soft: true });
      pen.dot(0.46, 0.7, ink);
      pen.dot(0.53, 0.7, ink);
    }
  },
};

const gem: SubjectDrawing = {
  colors: ["#d2304a", "#3f7fe0", "#2fa868", "#a850d0", "#5ac8e0", "#e8b43a"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const at = (l: number): ReturnType<typeof material> => look.shade(null, { l });
    if (["crystal", "shard"].includes(look.kind)) {
      pen.plate(path("0.5 0.03, 0.72 0.26, 0.66 0.8, 0.5 0.97, 0.34 0.8, 0.28 0.26"), look.main(), { bevel: 0.02 });
      pen.plate(path("0.5 0.03, 0.5 0.97, 0.34 0.8, 0.28 0.26"), at(0.1), { soft: true, bevel: 0.02 });
      pen.plate(path("0.5 0.3, 0.72 0.26, 0.66 0.8, 0.5 0.97"), at(-0.1), { soft: true, bevel: 0.02 });
      pen.plate(path("0.5 0.03, 0.72 0.26, 0.5 0.3, 0.28 0.26"), at(0.17), { soft: true, bevel: 0.02 });
      return;
    }
    const [l, r, top, girdle, tip] = [0.08, 0.92, 0.16, 0.38, 0.92];
    const facets: [Point[], number][] = [
      [
        [
          [0.28, top],
          [0.72, top],
          [0.62, girdle],
          [0.38, girdle],
        ],
        0.14,
      ],
      [
        [
          [0.28, top],
          [0.38, girdle],
          [l, girdle],
        ],
        0.06,
      ],
      [
        [
          [0.72, top],
          [r, girdle],
          [0.62, girdle],
        ],
        -0.03,
      ],
      [
        [
          [l, girdle],
          [0.38, girdle],
          [0.5, tip],
        ],
        0.02,
      ],
      [
        [
          [0.38, girdle],
          [0.62, girdle],
          [0.5, tip],
        ],
        -0.05,
      ],
      [
        [
          [0.62, girdle],
          [r, girdle],
          [0.5, tip],
        ],
        -0.14,
      ],
    ];
    pen.plate(
      [
        [0.28, top],
        [0.72, top],
        [r, girdle],
        [0.5, tip],
        [l, girdle],
      ],
      look.main(),
      { bevel: 0.01 },
    );
    for (const [points, tone] of facets) pen.plate(points, at(tone), { soft: true, bevel: 0.012 });
    pen.dot(0.34, 0.24, [255, 255, 255]);
    pen.dot(0.34 + pen.pixel, 0.24, [255, 255, 255]);
    pen.dot(0.34, 0.24 + pen.pixel, [255, 255, 255]);
  },
};

const coin: SubjectDrawing = {
  colors: ["#e0b038"],
  gloss: 1,
  motion: "spin",
  draw: (pen, look) => {
    const metal = look.main();
    const dark = look.shade(null, { l: -0.13 }, 0);
    pen.ball(0.5, 0.5, 0.44, 0.46, metal);
    pen.ball(0.5, 0.5, 0.34, 0.36, dark, { soft: true });
    pen.ball(0.49, 0.49, 0.325, 0.345, metal, { soft: true });
    if (pen.size < 12) return;
    const mark = look.shade("emblem", { l: -0.16 }, 0);
    if (look.with("skull")) {
      pen.ball(0.5, 0.47, 0.15, 0.13, mark, { soft: true });
      pen.slab(0.42, 0.55, 0.16, 0.12, mark, { soft: true });
    } else if (look.random.chance(0.5)) pen.slab(0.44, 0.28, 0.12, 0.44, mark, { bevel: 0.02, soft: true });
    else pen.plate(star(0.5, 0.5, 0.24, 0.1), mark, { bevel: 0.02, soft: true });
  },
};

const key: SubjectDrawing = {
  colors: ["#e0b038", "#b0b8c4", "#b9763c"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const metal = look.main();
    pen.tube(limb("0.38 0.62 0.05, 0.88 0.12 0.05"), metal);
    pen.tube(limb("0.72 0.28 0.04, 0.84 0.4 0.045"), metal, { soft: true });
    pen.tube(limb("0.85 0.15 0.04, 0.95 0.25 0.045"), metal, { soft: true });
    const bow = Array.from({ length: 25 }, (_, i): [number, number, number] => {
      const angle = (i / 24) * 2 * Math.PI;
      return [0.27 + Math.cos(angle) * 0.155, 0.73 + Math.sin(angle) * 0.155, 0.065];
    });
    pen.tube(bow, metal);
    if (look.said("gem") !== null || look.has("magic"))
      pen.ball(0.27, 0.73, 0.08, 0.08, look.part("gem", material("#d23b48", { gloss: 1 })));
  },
};

const chest: SubjectDrawing = {
  colors: ["#8a4f2e", "#7d4a30", "#94562f"],
  motion: "squash",
  draw: (pen, look) => {
    const wood = look.main({ texture: grain(7, false) });
    const band = look.has("old") ? stuff.iron : stuff.gold;
    if (["crate", "box"].includes(look.kind)) {
      pen.slab(0.1, 0.14, 0.8, 0.8, look.main({ texture: grain(7, true) }), { bevel: 0.03 });
      const beam = look.shade(null, { l: 0.05 }, 0);
      pen.tube(limb("0.16 0.88 0.055, 0.84 0.2 0.055"), beam);
      for (const [x, y, w, h] of [
        [0.08, 0.12, 0.84, 0.11],
        [0.08, 0.85, 0.84, 0.11],
        [0.08, 0.12, 0.11, 0.84],
        [0.81, 0.12, 0.11, 0.84],
      ] as const)
        pen.slab(x, y, w, h, beam, { bevel: 0.03 });
      return;
    }
    if (look.has("open")) {
      pen.plate(path("0.1 0.4, 0.16 0.1, 0.84 0.1, 0.9 0.4"), look.shade(null, { l: -0.1 }), { bevel: 0.05 });
      pen.ball(0.5, 0.44, 0.36, 0.16, stuff.gold);
      for (const x of [0.3, 0.45, 0.62, 0.72]) pen.ball(x, 0.36 + Math.abs(x - 0.5) * 0.2, 0.075, 0.065, stuff.gold);
      pen.plate(path("0.5 0.2, 0.58 0.3, 0.5 0.4, 0.42 0.3"), material("#d2304a", { gloss: 1 }), { bevel: 0.05 });
    } else pen.tube(limb("0.22 0.42 0.17, 0.78 0.42 0.17"), wood);
    pen.slab(0.06, 0.46, 0.88, 0.47, wood, { bevel: 0.05 });
    for (const x of [0.08, 0.8]) {
      if (!look.has("open"))
        pen.tube(
          [
            [x + 0.06, 0.3, 0.05],
            [x + 0.06, 0.46, 0.05],
          ],
          band,
        );
      pen.slab(x, 0.46, 0.12, 0.47, band, { bevel: 0.03 });
    }
    pen.slab(0.06, 0.44, 0.88, 0.08, band, { bevel: 0.03 });
    pen.slab(0.4, 0.42, 0.2, 0.22, band, { bevel: 0.05 });
    pen.ball(0.5, 0.51, 0.035, 0.04, material("#2a2028"), { soft: true });
    pen.tube(limb("0.5 0.52 0.016, 0.5 0.58 0.016"), material("#2a2028"), { soft: true });
  },
};

const egg: SubjectDrawing = {
  colors: ["#efe2c0", "#cfe0c4", "#d8cfe6"],
  gloss: 0.5,
  motion: "squash",
  draw: (pen, look) => {
    const dragon = look.with("dragon", "monster");
    pen.tube(
      smooth(limb("0.5 0.3 0.2, 0.5 0.48 0.3, 0.5 0.62 0.33")),
      look.main({ texture: dragon ? scales(0.9) : speckled(look.random.integer(0, 9999), 2.4, 1.2) }),
    );
  },
};

const barrel: SubjectDrawing = {
  colors: ["#9a6236", "#8a5a38"],
  motion: "squash",
  draw: (pen, look) => {
    const wood = look.main({ texture: grain(3, true) });
    pen.tube(smooth(limb("0.5 0.2 0.26, 0.5 0.5 0.36, 0.5 0.8 0.26")), wood);
    pen.slab(0.22, 0.1, 0.56, 0.1, wood);
    for (const y of [0.3, 0.72])
      pen.tube(
        [
          [0.2, y, 0.04],
          [0.8, y, 0.04],
        ],
        stuff.iron,
      );
    pen.ball(0.5, 0.15, 0.27, 0.08, look.shade(null, { l: 0.06 }));
    pen.ball(0.5, 0.15, 0.2, 0.05, look.shade(null, { l: -0.1 }), { soft: true });
  },
};

const book: SubjectDrawing = {
  colors: ["#a83a44", "#3f5fa8", "#4a7a4a", "#6a4a8a", "#7a5030"],
  motion: "float",
  draw: (pen, look) => {
    const cover = look.main();
    pen.plate(path("0.16 0.14, 0.78 0.08, 0.88 0.84, 0.26 0.94"), look.shade(null, { l: -0.1 }), { bevel: 0.03 });
    pen.plate(path("0.2 0.82, 0.84 0.74, 0.86 0.82, 0.25 0.91"), stuff.paper, { bevel: 0.01 });
    pen.plate(path("0.14 0.12, 0.76 0.06, 0.84 0.74, 0.2 0.82"), cover, { bevel: 0.05 });
    pen.plate(path("0.14 0.12, 0.25 0.11, 0.32 0.81, 0.2 0.82"), look.shade(null, { l: -0.07 }), {
      soft: true,
      bevel: 0.03,
    });
    const emblem = look.part("emblem", stuff.gold);
    if (look.with("skull") || look.has("evil")) {
      pen.ball(0.54, 0.4, 0.13, 0.12, stuff.bone, { soft: true });
      pen.dot(0.49, 0.4, ink);
      pen.dot(0.58, 0.4, ink);
    } else pen.plate(star(0.53, 0.42, 0.17, 0.075), emblem, { soft: true, bevel: 0.03 });
    for (const [x, y] of path("0.73 0.1, 0.78 0.71")) pen.ball(x, y, 0.045, 0.045, emblem, { soft: true });
  },
};

const scroll: SubjectDrawing = {
  colors: ["#e0cf9a"],
  motion: "float",
  draw: (pen, look) => {
    const paper = look.main({ contrast: 0.8 });
    pen.slab(0.2, 0.18, 0.6, 0.64, paper, { bevel: 0.05 });
    if (pen.size > 12) {
      const inked = look.shade("emblem", { l: -0.3 });
      for (const y of [0.36, 0.46, 0.56, 0.66])
        pen.tube(
          [
            [0.3, y, 0.012],
            [look.random.between(0.5, 0.7), y, 0.012],
          ],
          inked,
          { soft: true },
        );
    }
    for (const y of [0.16, 0.84]) {
      pen.tube(
        [
          [0.16, y, 0.085],
          [0.84, y, 0.085],
        ],
        paper,
      );
      pen.ball(0.13, y, 0.06, 0.07, stuff.wood);
      pen.ball(0.87, y, 0.06, 0.07, stuff.wood);
    }
    pen.ball(0.62, 0.74, 0.07, 0.07, look.second("gem", 300), { soft: true });
  },
};

const bomb: SubjectDrawing = {
  colors: ["#3a3846", "#44485c"],
  gloss: 1,
  motion: "squash",
  draw: (pen, look) => {
    pen.tube(smooth(limb("0.62 0.26 0.02, 0.7 0.14 0.02, 0.82 0.12 0.018")), stuff.paper);
    pen.plate(star(0.86, 0.11, 0.12, 0.05), material("#f0a83a", { contrast: 0.7 }), { bevel: 0.02 });
    pen.dot(0.86, 0.11, [255, 248, 210]);
    pen.tube(limb("0.57 0.34 0.09, 0.61 0.28 0.09"), stuff.iron);
    pen.ball(0.45, 0.6, 0.36, 0.36, look.main());
    if (look.with("skull")) {
      pen.ball(0.45, 0.6, 0.15, 0.13, stuff.bone, { soft: true });
      pen.dot(0.4, 0.6, ink);
      pen.dot(0.5, 0.6, ink);
    }
  },
};

const torch: SubjectDrawing = {
  colors: ["#e2762a"],
  motion: "flicker",
  draw: (pen, look) => {
    const candle = look.kind === "candle";
    pen.tube(
      [
        [0.5, 0.5, candle ? 0.11 : 0.07],
        [0.5, 0.93, candle ? 0.11 : 0.05],
      ],
      candle ? stuff.paper : stuff.wood,
    );
    if (!candle) pen.tube(limb("0.5 0.47 0.12, 0.5 0.55 0.1"), stuff.iron);
    const wild = look.random.between(-0.04, 0.04);
    pen.tube(
      smooth([
        [0.5, 0.38, 0.17],
        [0.5 + wild, 0.22, 0.12],
        [0.53 - wild, 0.04, 0.015],
      ]),
      look.part("flame", look.main()),
    );
    pen.tube(
      smooth([
        [0.5, 0.41, 0.11],
        [0.49 + wild, 0.28, 0.07],
        [0.51, 0.18, 0.012],
      ]),
      material("#f2b33a"),
      { soft: true },
    );
    pen.ball(0.5, 0.42, 0.055, 0.06, stuff.glow, { soft: true });
  },
};

const lantern: SubjectDrawing = {
  colors: ["#b98a3a", "#666f7d"],
  gloss: 0.8,
  motion: "sway",
  draw: (pen, look) => {
    const metal = look.main();
    pen.tube(smooth(limb("0.36 0.2 0.02, 0.5 0.05 0.02, 0.64 0.2 0.02")), metal);
    pen.plate(path("0.5 0.12, 0.74 0.3, 0.26 0.3"), metal);
    pen.slab(0.28, 0.3, 0.44, 0.5, material("#f4c862", { contrast: 0.6 }), { bevel: 0.1 });
    pen.tube(smooth(limb("0.5 0.68 0.08, 0.5 0.52 0.05, 0.51 0.42 0.01")), look.part("flame", material("#e8862e")), {
      soft: true,
    });
    for (const x of [0.27, 0.68]) pen.slab(x, 0.28, 0.06, 0.54, metal, { bevel: 0.02 });
    pen.slab(0.2, 0.79, 0.6, 0.13, metal, { bevel: 0.04 });
  },
};

const heart: SubjectDrawing = {
  colors: ["#d8344a"],
  gloss: 1,
  motion: "squash",
  draw: (pen, look) => {
    const flesh = look.main();
    const outline: Point[] = [];
    for (let i = 0; i < 40; i += 1) {
      const t = (i / 40) * 2 * Math.PI;
      outline.push([
        0.5 + 0.028 * 16 * Math.sin(t) ** 3,
        0.46 - 0.028 * (13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t)),
      ]);
    }
    pen.plate(outline, flesh, { bevel: 0.24 });
    pen.dot(0.26, 0.3, [255, 255, 255]);
    pen.dot(0.26 + pen.pixel, 0.3, [255, 255, 255]);
    pen.dot(0.26, 0.3 + pen.pixel, [255, 255, 255]);
    if (look.has("winged")) pen.mirror(() => pen.plate(path("0.12 0.5, 0.0 0.2, 0.12 0.3"), stuff.white));
  },
};

const starShape: SubjectDrawing = {
  colors: ["#f0c23c"],
  gloss: 0.8,
  motion: "spin",
  draw: (pen, look) => {
    pen.plate(star(0.5, 0.53, 0.48, 0.22), look.main(), { bevel: 0.16 });
    if (look.has("cute")) pen.mirror(() => pen.eye(0.42, 0.53, 0.035, look.eyes));
  },
};

const orb: SubjectDrawing = {
  colors: ["#5a8fe0", "#a85ad0", "#48c0a0", "#d2584a"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const planet = ["planet", "moon", "sun"].includes(look.kind);
    if (look.kind === "sun") {
      for (let i = 0; i < 12; i += 1) {
        const angle = (i / 12) * 2 * Math.PI;
        pen.tube(
          [
            [0.5 + Math.cos(angle) * 0.3, 0.5 + Math.sin(angle) * 0.3, 0.06],
            [0.5 + Math.cos(angle) * 0.46, 0.5 + Math.sin(angle) * 0.46, 0.015],
          ],
          material("#f0a83a"),
        );
      }
      pen.ball(0.5, 0.5, 0.32, 0.32, material("#f4c84a"));
      return;
    }
    const size = planet ? 0.44 : 0.38;
    pen.ball(
      0.5,
      planet ? 0.5 : 0.44,
      size,
      size,
      planet ? look.main({ texture: speckled(look.random.integer(0, 9999), 7, 1.6), gloss: 0 }) : look.main(),
    );
    if (planet) return;
    pen.ball(0.5, 0.5, 0.2, 0.18, look.shade(null, { l: 0.13 }), { soft: true });
    pen.dot(0.33, 0.27, [255, 255, 255]);
    pen.dot(0.33 + pen.pixel, 0.27, [255, 255, 255]);
    pen.plate(path("0.24 0.94, 0.32 0.74, 0.68 0.74, 0.76 0.94"), stuff.gold, { bevel: 0.05 });
  },
};

export const items = {
  potion,
  gem,
  coin,
  key,
  chest,
  egg,
  barrel,
  book,
  scroll,
  bomb,
  torch,
  lantern,
  heart,
  star: starShape,
  orb,
} as const satisfies Record<string, SubjectDrawing>;
