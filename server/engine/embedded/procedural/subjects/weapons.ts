import { material, stuff, type Look } from "../look.ts";
import { limb, path, type Point, smooth } from "../shapes.ts";
import type { Material, Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

/** Points along the diagonal from the lower left (0) to the upper right (1), `off` to its left. */
function diagonal(along: number, off = 0): Point {
  const [from, to] = [0.07, 0.93];
  const at = from + (to - from) * along;
  return [at - off * 0.7071, 1 - at - off * 0.7071];
}

function plateAlong(pen: Pen, outline: readonly Point[], made: Material, bevel = 0.05, tone = 0): void {
  pen.plate(
    outline.map(([along, off]) => diagonal(along, off)),
    made,
    { bevel, tone },
  );
}

function rod(pen: Pen, from: number, to: number, radius: number, made: Material): void {
  pen.tube(
    [
      [...diagonal(from), radius],
      [...diagonal(to), radius],
    ],
    made,
  );
}

function blade(look: Look): Material {
  return look.main();
}

function hilt(look: Look): Material {
  return look.part("handle", stuff.leather);
}

function guardMetal(look: Look): Material {
  return look.has("evil") ? stuff.dark : stuff.gold;
}

function drawBlade(pen: Pen, look: Look, from: number, wide: number, curved: boolean): void {
  const steel = blade(look);
  const bend = curved ? 0.07 : 0;
  const edge: [number, number][] = [
    [from, wide],
    [0.5, wide * 1.02 + bend],
    [0.86, wide * 0.9 + bend * 0.8],
    [1, bend * 0.2],
    [0.86, -wide * 0.9 + bend],
    [0.5, -wide * 1.02 + bend * 1.2],
    [from, -wide],
  ];
  plateAlong(pen, edge, steel, wide * 1.05);
  if (!curved && pen.size > 18) {
    const groove = look.shade(null, { l: -0.1 });
    pen.tube(
      [
        [...diagonal(from), 0.008],
        [...diagonal(0.84), 0.008],
      ],
      groove,
      { soft: true },
    );
  }
}

const sword: SubjectDrawing = {
  colors: ["#a9b6c6", "#98a8bd", "#b8c0c8"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const curved = ["katana", "saber", "sabre", "scimitar", "cutlass"].includes(look.kind);
    const thin = look.kind === "rapier" || look.has("thin") || look.kind === "katana";
    const wide =
      look.kind === "greatsword" || look.kind === "claymore" || look.has("big") || look.has("fat")
        ? 0.095
        : thin
          ? 0.045
          : 0.066;
    if (look.has("burning") || look.with("fire")) flameAround(pen);
    drawBlade(pen, look, 0.28, wide, curved);
    rod(pen, 0.06, 0.26, 0.032, hilt(look));
    const guard = guardMetal(look);
    pen.tube(
      smooth([
        [...diagonal(0.3, 0.19), 0.03],
        [...diagonal(0.26), 0.042],
        [...diagonal(0.3, -0.19), 0.03],
      ]),
      guard,
    );
    pen.ball(...diagonal(0.05), 0.055, 0.055, guard);
    if (pen.size > 20)
      pen.ball(...diagonal(0.265), 0.035, 0.035, look.part("gem", material("#d23b48", { gloss: 1 })), { soft: true });
  },
};

function flameAround(pen: Pen): void {
  const fire = material("#e2602a");
  const core = material("#f4b83c");
  for (const [along, off, r] of limb(
    "0.45 0.12 0.06, 0.62 -0.11 0.07, 0.75 0.12 0.06, 0.92 -0.05 0.07, 0.5 -0.12 0.05, 0.86 0.1 0.05",
  )) {
    const [x, y] = diagonal(along, off);
    pen.tube(
      [
        [x, y, r],
        [x - 0.02, y - 0.13, 0.012],
      ],
      fire,
    );
    pen.ball(x, y, r * 0.5, r * 0.5, core, { soft: true });
  }
}

const dagger: SubjectDrawing = {
  colors: ["#a9b6c6", "#98a8bd"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    drawBlade(pen, look, 0.42, 0.07, false);
    rod(pen, 0.13, 0.4, 0.04, hilt(look));
    pen.tube(
      [
        [...diagonal(0.41, 0.14), 0.032],
        [...diagonal(0.41, -0.14), 0.032],
      ],
      guardMetal(look),
    );
    pen.ball(...diagonal(0.12), 0.055, 0.055, guardMetal(look));
  },
};

const axe: SubjectDrawing = {
  colors: ["#98a4b4", "#8793a3"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const head = look.main();
    rod(pen, 0.0, 0.94, 0.034, look.part("handle", stuff.wood));
    const bit: Point[] = path(
      "0.66 0.03, 0.6 0.15, 0.5 0.27, 0.62 0.35, 0.78 0.37, 0.94 0.33, 0.99 0.2, 0.88 0.13, 0.86 0.03",
    );
    plateAlong(pen, bit, head, 0.08);
    if (look.kind === "battleaxe" || look.has("big") || look.has("evil") || look.random.chance(0.4))
      plateAlong(
        pen,
        bit.map(([along, off]): Point => [along, -off]),
        head,
        0.08,
      );
    else plateAlong(pen, path("0.66 -0.02, 0.7 -0.14, 0.8 -0.14, 0.84 -0.02"), head, 0.04);
    rod(pen, 0.6, 0.9, 0.045, stuff.iron);
    if (pen.size > 20)
      for (const at of [0.06, 0.14, 0.22])
        pen.tube(
          [
            [...diagonal(at, 0.035), 0.014],
            [...diagonal(at + 0.02, -0.035), 0.014],
          ],
          stuff.leather,
          { soft: true },
        );
  },
};

const bow: SubjectDrawing = {
  colors: ["#946338", "#7a5030", "#a8742f"],
  motion: "float",
  draw: (pen, look) => {
    const wood = look.main();
    const string = stuff.paper;
    pen.tube(limb("0.2 0.06 0.008, 0.94 0.8 0.008"), string);
    if (look.kind !== "crossbow") {
      pen.tube(limb("0.24 0.76 0.012, 0.68 0.32 0.012"), stuff.wood, { soft: true });
    }
    pen.tube(
      smooth(limb("0.2 0.06 0.02, 0.14 0.3 0.036, 0.24 0.6 0.045, 0.4 0.76 0.045, 0.7 0.86 0.036, 0.94 0.8 0.02")),
      wood,
    );
    pen.tube(limb("0.27 0.64 0.052, 0.36 0.73 0.052"), look.part("handle", stuff.leather), { soft: true });
  },
};

const arrow: SubjectDrawing = {
  colors: ["#946338"],
  motion: "float",
  draw: (pen, look) => {
    const feather = look.part("wings", look.second("wings", 200));
    plateAlong(pen, path("0.02 0, 0.04 0.11, 0.22 0.11, 0.28 0"), feather, 0.03);
    plateAlong(pen, path("0.02 0, 0.04 -0.11, 0.22 -0.11, 0.28 0"), feather, 0.03);
    rod(pen, 0.0, 0.84, 0.026, look.main());
    plateAlong(pen, path("0.78 0.11, 1 0, 0.78 -0.11, 0.84 0"), stuff.steel, 0.05);
  },
};

const spear: SubjectDrawing = {
  colors: ["#946338", "#7a5030"],
  motion: "float",
  draw: (pen, look) => {
    rod(pen, 0.0, 0.72, 0.03, look.part("handle", look.main()));
    const head = look.part("emblem", stuff.steel);
    if (look.kind === "trident") {
      pen.tube(
        [
          [...diagonal(0.7, 0.15), 0.028],
          [...diagonal(0.68), 0.03],
          [...diagonal(0.7, -0.15), 0.028],
        ],
        head,
      );
      for (const off of [-0.15, 0, 0.15])
        plateAlong(
          pen,
          [
            [0.7, off + 0.03],
            [0.98, off],
            [0.7, off - 0.03],
          ],
          head,
          0.03,
        );
    } else {
      plateAlong(pen, path("0.66 0.02, 0.74 0.1, 1 0, 0.74 -0.1, 0.66 -0.02"), head, 0.08);
      pen.tube(
        [
          [...diagonal(0.65, 0.06), 0.026],
          [...diagonal(0.65, -0.06), 0.026],
        ],
        look.second("cape", 30),
      );
    }
  },
};

const staff: SubjectDrawing = {
  colors: ["#8a5a34", "#6b4a5c", "#5a4a38"],
  motion: "float",
  draw: (pen, look) => {
    const wood = look.said("handle") === null && !look.has("magic") ? stuff.wood : look.part("handle", stuff.darkWood);
    const gem = look.part("gem", look.isNamed ? look.main({ gloss: 1 }) : material("#5ac8e8", { gloss: 1 }));
    const wand = look.kind === "wand" || look.kind === "scepter" || look.kind === "sceptre";
    rod(pen, wand ? 0.18 : 0.0, 0.74, wand ? 0.036 : 0.034, wand ? look.part("handle", stuff.gold) : wood);
    pen.tube(
      smooth([
        [...diagonal(0.68), 0.032],
        [...diagonal(0.76, 0.14), 0.028],
        [...diagonal(0.92, 0.15), 0.016],
      ]),
      wand ? stuff.gold : wood,
    );
    pen.tube(
      smooth([
        [...diagonal(0.68), 0.032],
        [...diagonal(0.76, -0.14), 0.028],
        [...diagonal(0.92, -0.15), 0.016],
      ]),
      wand ? stuff.gold : wood,
    );
    pen.ball(...diagonal(0.84), 0.115, 0.115, gem);
  },
};

const hammer: SubjectDrawing = {
  colors: ["#8793a3", "#7f8794"],
  gloss: 0.7,
  motion: "float",
  draw: (pen, look) => {
    const head = look.main();
    if (look.kind === "pickaxe") {
      rod(pen, 0.0, 0.85, 0.036, look.part("handle", stuff.wood));
      pen.tube(smooth(limb("0.36 0.1 0.012, 0.62 0.15 0.05, 0.8 0.24 0.06, 0.88 0.42 0.05, 0.92 0.66 0.012")), head);
      return;
    }
    rod(pen, 0.0, 0.76, 0.038, look.part("handle", stuff.wood));
    if (look.kind === "mace" || look.kind === "club") {
      pen.ball(...diagonal(0.8), 0.17, 0.17, look.kind === "club" ? stuff.wood : head);
      for (const [a, o] of path("0.8 0.2, 0.8 -0.2, 0.99 0, 0.93 0.14, 0.93 -0.14")) {
        const [x, y] = diagonal(a, o);
        pen.ball(x, y, 0.035, 0.035, stuff.bone);
      }
      return;
    }
    plateAlong(pen, path("0.6 0.29, 0.92 0.29, 0.92 -0.29, 0.6 -0.29"), head, 0.08);
    plateAlong(pen, path("0.57 0.08, 0.95 0.08, 0.95 -0.08, 0.57 -0.08"), guardMetal(look), 0.04);
    rod(pen, 0.02, 0.2, 0.044, stuff.leather);
  },
};

const shield: SubjectDrawing = {
  colors: ["#3f6fc0", "#b03a3c", "#4a8a4a", "#8a6a3a"],
  motion: "float",
  draw: (pen, look) => {
    const rim = look.has("evil") ? stuff.iron : stuff.steel;
    const face = look.main();
    const round = look.kind === "buckler" || look.random.chance(0.3);
    const outline = (grow: number): Point[] => [
      [0.14 - grow, 0.12 - grow],
      [0.5, 0.06 - grow],
      [0.86 + grow, 0.12 - grow],
      [0.84 + grow, 0.52],
      [0.5, 0.94 + grow],
      [0.16 - grow, 0.52],
    ];
    if (round) {
      pen.ball(0.5, 0.5, 0.45, 0.45, rim);
      pen.ball(0.5, 0.5, 0.36, 0.36, face);
      pen.ball(0.5, 0.5, 0.12, 0.12, stuff.gold);
      return;
    }
    pen.plate(outline(0), rim, { bevel: 0.07 });
    pen.plate(outline(-0.075), face, { bevel: 0.09 });
    const emblem = look.part("emblem", stuff.gold);
    pen.slab(0.455, 0.2, 0.09, 0.56, emblem, { bevel: 0.03 });
    pen.slab(0.25, 0.34, 0.5, 0.09, emblem, { bevel: 0.03, soft: true });
  },
};

const gun: SubjectDrawing = {
  colors: ["#5b6478", "#6a6470"],
  gloss: 0.8,
  motion: "float",
  facing: "right",
  draw: (pen, look) => {
    const metal = look.main();
    pen.plate(path("0.2 0.5, 0.42 0.5, 0.36 0.84, 0.16 0.84"), look.part("handle", stuff.wood), { bevel: 0.05 });
    pen.tube(smooth(limb("0.42 0.54 0.016, 0.5 0.66 0.016, 0.4 0.68 0.016")), metal);
    pen.slab(0.12, 0.3, 0.78, 0.2, metal, { bevel: 0.06 });
    pen.slab(0.5, 0.5, 0.3, 0.07, look.shade(null, { l: -0.1 }), { bevel: 0.03 });
    pen.slab(0.86, 0.27, 0.08, 0.26, look.shade(null, { l: -0.08 }), { bevel: 0.03 });
    if (look.kind === "blaster" || look.kind === "laser")
      pen.slab(0.3, 0.36, 0.4, 0.07, material("#5ae0d8", { contrast: 0.5 }), { soft: true });
  },
};

export const weapons = { sword, dagger, axe, bow, arrow, spear, staff, hammer, shield, gun } as const satisfies Record<
  string,
  SubjectDrawing
>;
