import { grain, material, speckled, stuff } from "../look.ts";
import { limb, path, type Point, smooth } from "../shapes.ts";
import type { Material, Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

const pane = material("#f4cf6a", { contrast: 0.6 });

function bricks(): NonNullable<Material["texture"]> {
  return (x, y) => (y % 4 === 0 || (x + (Math.floor(y / 4) % 2) * 3) % 6 === 0 ? -0.9 : 0);
}

function window(pen: Pen, x: number, y: number, size: number): void {
  pen.slab(x - size * 0.6, y - size * 0.6, size * 1.2, size * 1.2, stuff.darkWood, { bevel: 0.02 });
  pen.slab(x - size * 0.42, y - size * 0.42, size * 0.84, size * 0.84, pane, { soft: true, bevel: 0.02 });
  if (pen.size > 26) {
    pen.tube(
      [
        [x, y - size * 0.4, 0.01],
        [x, y + size * 0.4, 0.01],
      ],
      stuff.darkWood,
      { soft: true },
    );
    pen.tube(
      [
        [x - size * 0.4, y, 0.01],
        [x + size * 0.4, y, 0.01],
      ],
      stuff.darkWood,
      { soft: true },
    );
  }
}

const house: SubjectDrawing = {
  colors: ["#d9c6a0", "#c9b9a6", "#b98a5a", "#a5706a"],
  motion: "squash",
  draw: (pen, look) => {
    const cabin = look.kind === "cabin" || look.kind === "hut" || look.kind === "barn";
    const wall = cabin
      ? material("#9a6a40", { texture: (_x, y) => (y % 4 === 0 ? -1 : 0) })
      : look.main({ contrast: 0.8 });
    const roof = look.part(
      "roof",
      material(look.random.pick(["#b5473c", "#4f6fa8", "#7a5a8a", "#8a5a38"]), {
        texture: (x, y) => (y % 3 === 0 || (x + (Math.floor(y / 3) % 2) * 2) % 4 === 0 ? -0.6 : 0),
      }),
    );
    pen.slab(0.68, 0.12, 0.1, 0.24, material("#9a5a4a", { texture: bricks() }), { bevel: 0.03 });
    pen.slab(0.14, 0.46, 0.72, 0.48, wall, { bevel: 0.04 });
    pen.plate(path("0.03 0.52, 0.27 0.18, 0.73 0.18, 0.97 0.52"), roof, { bevel: 0.05 });
    pen.slab(0.41, 0.64, 0.19, 0.3, look.part(null, stuff.wood), { bevel: 0.04 });
    pen.dot(0.56, 0.8, [240, 206, 96]);
    pen.mirror(() => window(pen, 0.27, 0.68, 0.13));
  },
};

const castle: SubjectDrawing = {
  colors: ["#8c8f9c", "#a39a8c", "#76788a"],
  motion: "bob",
  draw: (pen, look) => {
    const wall = look.main({ texture: pen.size > 26 ? bricks() : null });
    const roof = look.part("roof", look.second("roof", 200));
    const tower = (x: number, half: number, top: number, pointed: boolean): void => {
      pen.slab(x - half, top, half * 2, 0.94 - top, wall, { bevel: half * 0.9 });
      if (pointed)
        pen.plate(
          [
            [x - half - 0.035, top],
            [x, top - 0.24],
            [x + half + 0.035, top],
          ],
          roof,
          { bevel: 0.06 },
        );
      else
        for (const dx of [-half, -half / 3, half / 3])
          pen.slab(x + dx, top - 0.07, half * 0.62, 0.09, wall, { bevel: 0.02 });
    };
    if (look.kind === "tower" || look.kind === "lighthouse" || look.kind === "keep") {
      tower(0.5, 0.23, 0.3, true);
      window(pen, 0.5, 0.5, 0.13);
      pen.tube(limb("0.5 0.82 0.075, 0.5 0.94 0.075"), stuff.darkWood, { soft: true });
      return;
    }
    pen.slab(0.2, 0.5, 0.6, 0.44, wall, { bevel: 0.03 });
    for (let i = 0; i < 4; i += 1) pen.slab(0.3 + i * 0.115, 0.44, 0.065, 0.09, wall, { bevel: 0.02 });
    tower(0.19, 0.125, 0.34, true);
    tower(0.81, 0.125, 0.34, true);
    pen.tube(limb("0.5 0.78 0.1, 0.5 0.94 0.1"), stuff.darkWood);
    pen.slab(0.4, 0.9, 0.2, 0.05, stuff.darkWood, { soft: true });
    for (const x of [0.19, 0.81])
      pen.tube(
        [
          [x, 0.5, 0.025],
          [x, 0.58, 0.025],
        ],
        material("#2c2838"),
        { soft: true },
      );
    pen.tube(limb("0.5 0.44 0.012, 0.5 0.18 0.012"), stuff.wood);
    pen.plate(path("0.51 0.18, 0.68 0.23, 0.51 0.29"), look.part("sails", material("#c8343c")), { bevel: 0.03 });
  },
};

const tent: SubjectDrawing = {
  colors: ["#c8884a", "#b5473c", "#4f7fa8"],
  motion: "sway",
  draw: (pen, look) => {
    pen.plate(
      path("0.5 0.1, 0.97 0.92, 0.03 0.92"),
      look.main({ texture: (x) => (Math.floor(x / 4) % 2 === 0 ? 0.7 : 0) }),
      { bevel: 0.1 },
    );
    pen.plate(path("0.5 0.34, 0.65 0.92, 0.35 0.92"), material("#3a2c34"), { bevel: 0.03 });
    pen.tube(limb("0.5 0.12 0.02, 0.5 0.02 0.02"), stuff.wood);
    pen.plate(path("0.51 0.02, 0.66 0.06, 0.51 0.1"), look.second("sails", 180), { bevel: 0.02 });
  },
};

const door: SubjectDrawing = {
  colors: ["#8a5a34", "#7a4a30"],
  motion: "squash",
  draw: (pen, look) => {
    const arch = (grow: number): Point[] => {
      const points: Point[] = [];
      for (let i = 0; i <= 14; i += 1) {
        const angle = Math.PI + (i / 14) * Math.PI;
        points.push([0.5 + Math.cos(angle) * (0.34 + grow), 0.4 + Math.sin(angle) * (0.3 + grow)]);
      }
      return [...points, [0.84 + grow, 0.95], [0.16 - grow, 0.95]];
    };
    pen.plate(arch(0.08), material("#8c8f9c", { texture: speckled(2, 3, 0.8) }), { bevel: 0.05 });
    pen.plate(arch(0), look.main({ texture: grain(5, true, 0.9) }), { bevel: 0.04 });
    for (const y of [0.42, 0.74]) pen.slab(0.17, y, 0.5, 0.06, stuff.iron, { bevel: 0.02 });
    pen.ball(0.72, 0.62, 0.05, 0.05, stuff.gold);
  },
};

const sign: SubjectDrawing = {
  colors: ["#a8743f"],
  motion: "sway",
  draw: (pen, look) => {
    pen.slab(0.45, 0.5, 0.1, 0.45, stuff.darkWood, { bevel: 0.03 });
    pen.plate(path("0.06 0.16, 0.8 0.14, 0.96 0.36, 0.8 0.58, 0.06 0.56"), look.main({ texture: grain(9, false) }), {
      bevel: 0.05,
    });
    for (const y of [0.3, 0.42])
      pen.tube(
        [
          [0.18, y, 0.014],
          [0.66, y, 0.014],
        ],
        stuff.darkWood,
        { soft: true },
      );
  },
};

const boat: SubjectDrawing = {
  colors: ["#8a5a34", "#7a4a34"],
  motion: "bob",
  facing: "right",
  draw: (pen, look) => {
    const wood = look.main({ texture: (_x, y) => (y % 3 === 0 ? -0.8 : 0) });
    const sail = look.part("sails", material("#ece4cf", { contrast: 0.8 }));
    pen.tube(limb("0.48 0.08 0.022, 0.48 0.7 0.026"), stuff.darkWood);
    pen.plate(path("0.52 0.14, 0.9 0.56, 0.52 0.6"), sail, { bevel: 0.1 });
    pen.plate(path("0.44 0.2, 0.14 0.58, 0.44 0.6"), sail, { bevel: 0.08 });
    pen.plate(path("0.48 0.02, 0.66 0.06, 0.48 0.12"), look.second("emblem", 0), { bevel: 0.02 });
    pen.plate(path("0.02 0.64, 0.98 0.6, 0.84 0.92, 0.16 0.92"), wood, { bevel: 0.08 });
    pen.tube(limb("0.03 0.66 0.028, 0.97 0.63 0.028"), stuff.darkWood, { soft: true });
  },
};

const spaceship: SubjectDrawing = {
  colors: ["#c4ccd8", "#d0584a", "#5a86c8", "#8a94a8"],
  gloss: 0.8,
  motion: "float",
  draw: (pen, look) => {
    const hull = look.main();
    const trim = look.second("wings", 180);
    if (look.kind === "saucer" || look.kind === "ufo") {
      pen.ball(0.5, 0.4, 0.22, 0.24, material("#8fdcea", { gloss: 1 }));
      pen.ball(0.5, 0.58, 0.46, 0.16, hull);
      for (const x of [0.2, 0.4, 0.6, 0.8])
        pen.ball(x, 0.6, 0.04, 0.035, material("#f4c84a", { gloss: 1 }), { soft: true });
      return;
    }
    const flame = look.part("flame", material("#e8862e"));
    pen.mirror(() => pen.tube(limb("0.42 0.82 0.05, 0.42 0.96 0.015"), flame));
    pen.tube(limb("0.5 0.84 0.055, 0.5 0.99 0.015"), material("#f4c84a"));
    pen.mirror(() => {
      pen.plate(path("0.42 0.42, 0.06 0.74, 0.06 0.88, 0.42 0.78"), trim, { bevel: 0.06 });
      pen.tube(limb("0.07 0.6 0.028, 0.07 0.88 0.035"), hull);
    });
    pen.tube(smooth(limb("0.5 0.06 0.02, 0.5 0.26 0.12, 0.5 0.56 0.165, 0.5 0.82 0.11")), hull);
    pen.ball(0.5, 0.38, 0.075, 0.11, material("#5ac8e0", { gloss: 1 }), { soft: true });
    pen.slab(0.38, 0.64, 0.24, 0.05, trim, { soft: true });
  },
};

const car: SubjectDrawing = {
  colors: ["#d0443c", "#3f7fc0", "#e0b038", "#5a9a58"],
  gloss: 0.9,
  motion: "bob",
  facing: "right",
  draw: (pen, look) => {
    const paint = look.main();
    if (look.kind === "tank") {
      pen.tube(limb("0.5 0.36 0.035, 0.98 0.32 0.035"), look.shade(null, { l: -0.08 }));
      pen.ball(0.46, 0.42, 0.22, 0.16, paint);
      pen.plate(path("0.06 0.5, 0.9 0.5, 0.97 0.66, 0.03 0.66"), paint, { bevel: 0.05 });
      pen.tube(limb("0.16 0.78 0.13, 0.84 0.78 0.13"), stuff.iron);
      for (const x of [0.18, 0.4, 0.62, 0.83]) pen.ball(x, 0.78, 0.075, 0.075, stuff.dark);
      return;
    }
    pen.plate(path("0.2 0.52, 0.3 0.26, 0.64 0.26, 0.8 0.52"), paint, { bevel: 0.05 });
    pen.plate(path("0.27 0.5, 0.34 0.32, 0.46 0.32, 0.46 0.5"), material("#a8dcec", { gloss: 1 }), { soft: true });
    pen.plate(path("0.5 0.5, 0.5 0.32, 0.61 0.32, 0.72 0.5"), material("#a8dcec", { gloss: 1 }), { soft: true });
    pen.tube(limb("0.13 0.62 0.11, 0.87 0.62 0.11"), paint);
    pen.ball(0.94, 0.6, 0.04, 0.045, material("#f8e08a"), { soft: true });
    for (const x of [0.26, 0.75]) {
      pen.ball(x, 0.76, 0.135, 0.135, stuff.dark);
      pen.ball(x, 0.76, 0.06, 0.06, stuff.steel, { soft: true });
    }
  },
};

export const places = { house, castle, tent, door, sign, boat, spaceship, car } as const satisfies Record<
  string,
  SubjectDrawing
>;
