import { material, speckled, stuff, type Look } from "../look.ts";
import { lattice } from "../random.ts";
import { limb, path, type Point, smooth } from "../shapes.ts";
import type { Material, Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

function foliage(look: Look): Material {
  const leaf = look.main({ texture: speckled(look.random.integer(0, 9999), 1.7, 1.1) });
  return leaf;
}

/** A crown of leaves: lobes of one size around a middle, as the seed has it. */
function canopy(pen: Pen, look: Look, x: number, y: number, radius: number, leaf: Material): void {
  const lobes = 7;
  for (let i = 0; i < lobes; i += 1) {
    const angle = (i / lobes) * 2 * Math.PI + look.random.between(-0.2, 0.2);
    const r = radius * look.random.between(0.46, 0.58);
    pen.ball(x + Math.cos(angle) * radius * 0.6, y + Math.sin(angle) * radius * 0.5, r, r * 0.9, leaf, {
      soft: true,
      tone: Math.sin(angle) > 0.3 ? -0.7 : 0,
    });
  }
  pen.ball(x, y - radius * 0.1, radius * 0.68, radius * 0.62, leaf, { soft: true, tone: 0.2 });
}

function trunk(pen: Pen, look: Look, top: number, thick: number): Material {
  const bark = look.part("trunk", material("#7d5433", { texture: (x, y) => (lattice(5, x, y >> 2) > 0.4 ? -0.8 : 0) }));
  pen.tube(
    smooth([
      [0.5, top, thick * 0.8],
      [0.5, 0.76, thick],
      [0.5, 0.93, thick * 1.25],
    ]),
    bark,
  );
  pen.mirror(() =>
    pen.tube(
      [
        [0.46, 0.88, thick * 0.6],
        [0.38, 0.95, 0.02],
      ],
      bark,
      { soft: true },
    ),
  );
  return bark;
}

const tree: SubjectDrawing = {
  colors: ["#4f9a44", "#5aa83e", "#3f8a50"],
  motion: "sway",
  draw: (pen, look) => {
    const bark = trunk(pen, look, 0.5, 0.075);
    if (look.has("dead")) {
      for (const [x, y] of path("0.2 0.2, 0.36 0.06, 0.66 0.08, 0.84 0.26, 0.14 0.42"))
        pen.tube(
          smooth([
            [0.5, 0.6, 0.05],
            [(x + 0.5) / 2, (y + 0.62) / 2, 0.035],
            [x, y, 0.012],
          ]),
          bark,
        );
      return;
    }
    const cherry = look.kind === "cherry";
    const leaf =
      look.has("autumn") && look.said(null) === null
        ? material(look.random.pick(["#d9762a", "#c8502c", "#d9a02e"]), { texture: speckled(4, 1.7, 1.1) })
        : cherry
          ? material("#eeaac0", { texture: speckled(4, 1.7, 1) })
          : foliage(look);
    canopy(pen, look, 0.5, 0.36, 0.38, leaf);
    if (look.with("apple") || look.random.chance(0.25))
      for (let i = 0; i < 5; i += 1)
        pen.ball(
          look.random.between(0.22, 0.78),
          look.random.between(0.2, 0.54),
          0.035,
          0.035,
          material("#d2363c", { gloss: 1 }),
          { soft: true },
        );
  },
};

const pine: SubjectDrawing = {
  colors: ["#2f7a52", "#3f8a4a", "#2f6a5a"],
  motion: "sway",
  draw: (pen, look) => {
    trunk(pen, look, 0.7, 0.06);
    const leaf = foliage(look);
    for (const [top, bottom, half] of limb("0.5 0.84 0.38, 0.28 0.64 0.31, 0.06 0.42 0.23")) {
      const fringe: Point[] = [];
      for (let i = 0; i <= 6; i += 1)
        fringe.push([0.5 + half - (i / 6) * half * 2, bottom + (i % 2 === 0 ? 0.01 : -0.035)]);
      pen.plate([[0.5, top - 0.03], ...fringe], leaf, { bevel: 0.16 });
    }
    if (look.has("frozen") || look.with("snow"))
      for (const [y, w] of path("0.08 0.05, 0.36 0.1, 0.58 0.14"))
        pen.tube(
          [
            [0.5 - w, y + 0.06, 0.03],
            [0.5, y, 0.035],
            [0.5 + w * 0.6, y + 0.05, 0.025],
          ],
          stuff.white,
          { soft: true },
        );
  },
};

const palm: SubjectDrawing = {
  colors: ["#4fa84a"],
  motion: "sway",
  draw: (pen, look) => {
    const bark = look.part("trunk", material("#a5794a", { texture: (_x, y) => (y % 3 === 0 ? -0.9 : 0) }));
    pen.tube(smooth(limb("0.44 0.94 0.075, 0.48 0.66 0.055, 0.56 0.36 0.045")), bark);
    const leaf = look.main();
    for (const [x, y] of path("0.08 0.42, 0.16 0.16, 0.5 0.05, 0.84 0.14, 0.97 0.4, 0.74 0.54, 0.36 0.54"))
      pen.tube(
        smooth([
          [0.56, 0.32, 0.04],
          [(0.56 + x) / 2, (0.3 + y) / 2 - 0.07, 0.06],
          [x, y, 0.012],
        ]),
        leaf,
      );
    for (const x of [0.52, 0.6]) pen.ball(x, 0.39, 0.045, 0.045, material("#6b452b"));
  },
};

const bush: SubjectDrawing = {
  colors: ["#4f9a44", "#3f8a50"],
  motion: "sway",
  draw: (pen, look) => {
    const leaf = foliage(look);
    for (const [x, y, r] of limb("0.22 0.72 0.2, 0.78 0.72 0.2, 0.36 0.54 0.22, 0.64 0.52 0.23, 0.5 0.72 0.24"))
      pen.ball(x, y, r, r * 0.95, leaf, { soft: true });
    const berry = look.part("petals", material(look.random.pick(["#d2363c", "#e8e0f0", "#5a5ac0"]), { gloss: 1 }));
    for (let i = 0; i < 6; i += 1)
      pen.ball(look.random.between(0.18, 0.82), look.random.between(0.42, 0.82), 0.035, 0.035, berry, { soft: true });
  },
};

const flower: SubjectDrawing = {
  colors: ["#e0527a", "#e8b43a", "#8a5ad6", "#e8e4f0", "#d8443c"],
  motion: "sway",
  draw: (pen, look) => {
    const stem = look.part("trunk", stuff.leaf);
    pen.tube(smooth(limb("0.5 0.44 0.032, 0.48 0.7 0.032, 0.5 0.94 0.036")), stem);
    pen.plate(path("0.49 0.82, 0.2 0.62, 0.28 0.8, 0.48 0.88"), stem, { bevel: 0.05 });
    pen.plate(path("0.5 0.76, 0.78 0.58, 0.72 0.76, 0.5 0.84"), stem, { bevel: 0.05 });
    const petal = look.part("petals", look.main());
    if (look.kind === "tulip") {
      pen.plate(path("0.24 0.1, 0.38 0.24, 0.5 0.06, 0.62 0.24, 0.76 0.1, 0.72 0.44, 0.5 0.54, 0.28 0.44"), petal, {
        bevel: 0.14,
      });
      return;
    }
    if (look.kind === "rose") {
      pen.ball(0.5, 0.3, 0.25, 0.23, petal);
      pen.ball(0.42, 0.34, 0.16, 0.15, petal, { tone: -0.2 });
      pen.ball(0.58, 0.26, 0.14, 0.13, petal);
      pen.ball(0.5, 0.25, 0.08, 0.075, petal, { tone: -0.6 });
      return;
    }
    const petals = look.kind === "sunflower" || look.kind === "daisy" ? 10 : look.random.integer(5, 7);
    for (let i = 0; i < petals; i += 1) {
      const angle = (i / petals) * 2 * Math.PI - Math.PI / 2;
      pen.ball(0.5 + Math.cos(angle) * 0.2, 0.3 + Math.sin(angle) * 0.2, 0.125, petals > 7 ? 0.07 : 0.1, petal, {
        rotate: (angle * 180) / Math.PI,
      });
    }
    pen.ball(0.5, 0.3, 0.115, 0.115, look.kind === "sunflower" ? material("#6b4426") : material("#f0c23c"));
  },
};

const cactus: SubjectDrawing = {
  colors: ["#4f9a58", "#5aa84a"],
  motion: "squash",
  draw: (pen, look) => {
    const flesh = look.main({ texture: (x, y) => (x % 3 === 0 && y % 3 === 1 ? 1.4 : 0) });
    pen.tube(smooth(limb("0.52 0.56 0.07, 0.78 0.56 0.075, 0.8 0.3 0.07")), flesh);
    pen.tube(smooth(limb("0.48 0.68 0.07, 0.22 0.68 0.07, 0.2 0.46 0.065")), flesh);
    pen.tube(limb("0.5 0.2 0.15, 0.5 0.93 0.16"), flesh);
    if (look.said("petals") !== null || look.random.chance(0.6))
      pen.ball(0.5, 0.07, 0.075, 0.06, look.part("petals", material("#e8629a")));
    if (look.has("cute")) pen.mirror(() => pen.eye(0.44, 0.42, 0.035, look.eyes));
  },
};

const rock: SubjectDrawing = {
  colors: ["#85858f", "#8c8378", "#767a88"],
  motion: "squash",
  draw: (pen, look) => {
    const stone = look.main({ texture: speckled(look.random.integer(0, 9999), 2.2, 0.9) });
    const jag = (): number => look.random.between(-0.03, 0.03);
    pen.plate(
      [
        [0.06, 0.9],
        [0.04 + jag(), 0.6],
        [0.22, 0.34 + jag()],
        [0.5 + jag(), 0.2],
        [0.76, 0.32 + jag()],
        [0.95, 0.62],
        [0.94, 0.9],
      ],
      stone,
      { bevel: 0.3 },
    );
    pen.plate(path("0.24 0.4, 0.5 0.26, 0.62 0.5, 0.4 0.62"), stone, { soft: true, tone: 0.9, bevel: 0.05 });
    if (look.kind === "ore" || look.has("magic"))
      for (let i = 0; i < 5; i += 1)
        pen.ball(look.random.between(0.2, 0.8), look.random.between(0.5, 0.82), 0.06, 0.055, look.second("gem", 60), {
          soft: true,
        });
    if (look.with("leaves", "grass"))
      pen.tube(limb("0.2 0.42 0.06, 0.5 0.26 0.06, 0.7 0.34 0.05"), stuff.leaf, { soft: true });
  },
};

const crystals: SubjectDrawing = {
  colors: ["#8a5ad6", "#48b8d8", "#d85aa0", "#4ac08a"],
  gloss: 1,
  motion: "float",
  draw: (pen, look) => {
    const spire = (x: number, tip: number, half: number, lean: number): void => {
      const base = 0.92;
      const top: Point = [x + lean, tip];
      pen.plate(
        [
          top,
          [x + lean * 0.6 + half, tip + half * 1.6],
          [x + half, base],
          [x - half, base],
          [x + lean * 0.6 - half, tip + half * 1.6],
        ],
        look.main(),
        { bevel: 0.02 },
      );
      pen.plate(
        [
          top,
          [x + lean * 0.6 + half * 0.1, tip + half * 2.2],
          [x, base],
          [x - half, base],
          [x + lean * 0.6 - half, tip + half * 1.6],
        ],
        look.shade(null, { l: 0.13 }),
        { soft: true, bevel: 0.02 },
      );
    };
    spire(0.26, 0.42, 0.1, -0.12);
    spire(0.76, 0.36, 0.1, 0.12);
    spire(0.5, 0.06, 0.14, look.random.between(-0.04, 0.04));
    spire(0.36, 0.6, 0.08, -0.05);
    spire(0.64, 0.62, 0.08, 0.06);
    pen.tube(limb("0.16 0.93 0.045, 0.84 0.93 0.045"), stuff.stone);
  },
};

export const nature = { tree, pine, palm, bush, flower, cactus, rock, crystals } as const satisfies Record<
  string,
  SubjectDrawing
>;
