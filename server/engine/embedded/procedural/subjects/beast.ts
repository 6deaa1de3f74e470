import { ink, material, speckled, stuff, type Look } from "../look.ts";
import { path, smooth } from "../shapes.ts";
import type { Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

interface BeastShape {
  readonly colors: readonly string[];
  readonly ears: "pointed" | "round" | "long" | "flat";
  readonly tail: "bushy" | "thin" | "short";
  readonly snout: number;
  readonly legs: number;
  readonly nose: string;
  readonly mark?: "stripes" | "patches" | "mane" | "antlers" | "curls" | "horn" | "bull";
}

const beasts: Readonly<Record<string, BeastShape>> = {
  wolf: {
    colors: ["#7b8290", "#5c5f6b", "#8c7a66"],
    ears: "pointed",
    tail: "bushy",
    snout: 0.13,
    legs: 0.24,
    nose: "#2b2730",
  },
  fox: { colors: ["#d9722e", "#c8602a"], ears: "pointed", tail: "bushy", snout: 0.13, legs: 0.2, nose: "#2b2730" },
  dog: {
    colors: ["#b9803f", "#8a5a34", "#d9c6a0"],
    ears: "flat",
    tail: "thin",
    snout: 0.11,
    legs: 0.21,
    nose: "#2b2730",
  },
  cat: {
    colors: ["#d98a3a", "#55505c", "#b8aa98"],
    ears: "pointed",
    tail: "thin",
    snout: 0.05,
    legs: 0.19,
    nose: "#d9788a",
    mark: "stripes",
  },
  tiger: { colors: ["#e08a30"], ears: "round", tail: "thin", snout: 0.07, legs: 0.2, nose: "#b05a5a", mark: "stripes" },
  lion: { colors: ["#d9a24a"], ears: "round", tail: "thin", snout: 0.08, legs: 0.2, nose: "#5a3428", mark: "mane" },
  bear: {
    colors: ["#7a5236", "#55402f", "#e6e2da"],
    ears: "round",
    tail: "short",
    snout: 0.1,
    legs: 0.17,
    nose: "#2b2428",
  },
  rabbit: {
    colors: ["#c9b8a4", "#e8e2dc", "#8d7460"],
    ears: "long",
    tail: "short",
    snout: 0.05,
    legs: 0.14,
    nose: "#d9788a",
  },
  mouse: { colors: ["#9a97a3", "#b59a82"], ears: "round", tail: "thin", snout: 0.1, legs: 0.11, nose: "#d9788a" },
  pig: { colors: ["#e9a0a6"], ears: "flat", tail: "short", snout: 0.08, legs: 0.15, nose: "#c96a78" },
  boar: { colors: ["#6b4a38"], ears: "pointed", tail: "short", snout: 0.13, legs: 0.15, nose: "#3a2a28" },
  horse: {
    colors: ["#8a5a34", "#55402f", "#d8d0c8"],
    ears: "pointed",
    tail: "bushy",
    snout: 0.16,
    legs: 0.3,
    nose: "#3a2c2a",
    mark: "mane",
  },
  unicorn: {
    colors: ["#f0ecf6"],
    ears: "pointed",
    tail: "bushy",
    snout: 0.16,
    legs: 0.3,
    nose: "#b08aa0",
    mark: "horn",
  },
  cow: { colors: ["#e9e4da"], ears: "flat", tail: "thin", snout: 0.13, legs: 0.22, nose: "#d99a9a", mark: "patches" },
  bull: { colors: ["#6b3f2e"], ears: "flat", tail: "thin", snout: 0.13, legs: 0.22, nose: "#3a2624", mark: "bull" },
  goat: {
    colors: ["#d9d2c6", "#8a7866"],
    ears: "flat",
    tail: "short",
    snout: 0.12,
    legs: 0.24,
    nose: "#5a4a48",
    mark: "bull",
  },
  sheep: { colors: ["#efece4"], ears: "flat", tail: "short", snout: 0.08, legs: 0.18, nose: "#3f3840", mark: "curls" },
  deer: {
    colors: ["#a8713f"],
    ears: "pointed",
    tail: "short",
    snout: 0.11,
    legs: 0.3,
    nose: "#3a2c2a",
    mark: "antlers",
  },
};

const beastNames: Readonly<Record<string, string>> = {
  puppy: "dog",
  hound: "dog",
  kitten: "cat",
  panther: "cat",
  puma: "cat",
  rat: "mouse",
  bunny: "rabbit",
  pony: "horse",
};

function beastOf(kind: string): BeastShape {
  const shape = beasts[beastNames[kind] ?? kind] ?? beasts["wolf"];
  if (shape === undefined) throw new Error("The wolf is missing");
  return shape;
}

function drawBeast(pen: Pen, look: Look): void {
  const shape = beastOf(look.kind);
  const own = look.said("hair");
  const coat =
    shape.mark === "stripes" && pen.size > 24
      ? look.main({ texture: (x, y) => ((x + Math.floor(y / 3)) % 6 === 0 && y % 5 < 3 ? -1.3 : 0) })
      : shape.mark === "patches"
        ? look.main({ texture: (x, y) => (speckled(look.random.integer(1, 1), 5, 1)(x, y) > 0.2 ? -3 : 0) })
        : look.main();
  const dark = look.shade(null, { l: -0.1 });
  const pale = look.part("belly", look.shade("belly", { l: 0.17, c: 0.5 }));
  const mane =
    own === null ? (shape.mark === "horn" ? material("#d982c0") : look.shade("hair", { l: -0.16 })) : material(own);
  const floor = 0.93;
  const back = floor - shape.legs - 0.34;
  const middle = back + 0.2;
  // tail
  if (shape.tail === "bushy") {
    pen.tube(
      smooth([
        [0.2, back + 0.08, 0.04],
        [0.07, back + 0.05, 0.08],
        [0.06, back + 0.22, 0.05],
        [0.05, back + 0.3, 0.015],
      ]),
      shape.mark === "horn" || shape.mark === "mane" ? mane : coat,
    );
  } else if (shape.tail === "thin") {
    pen.tube(
      smooth([
        [0.2, back + 0.08, 0.03],
        [0.06, back, 0.025],
        [0.05, back - 0.14, 0.02],
      ]),
      coat,
    );
    if (shape.mark === "mane") pen.ball(0.05, back - 0.15, 0.04, 0.05, mane);
  } else pen.ball(0.16, back + 0.08, 0.055, 0.055, coat);
  for (const x of [0.3, 0.62])
    pen.tube(
      [
        [x, middle, 0.06],
        [x, floor - 0.03, 0.042],
      ],
      dark,
    );
  if (shape.mark === "curls") {
    for (const [x, y] of path("0.25 0, 0.38 -0.06, 0.52 -0.06, 0.63 0, 0.3 0.1, 0.46 0.12, 0.6 0.1")) {
      pen.ball(x, middle + y, 0.125, 0.12, coat, { soft: true });
    }
  } else {
    pen.tube(
      smooth([
        [0.26, middle, 0.185],
        [0.44, middle + 0.01, 0.175],
        [0.6, middle - 0.01, 0.2],
      ]),
      coat,
    );
    pen.tube(
      [
        [0.34, middle + 0.11, 0.04],
        [0.58, middle + 0.11, 0.04],
      ],
      pale,
      { soft: true },
    );
  }
  for (const x of [0.23, 0.56])
    pen.tube(
      [
        [x, middle + 0.04, 0.07],
        [x, floor - 0.03, 0.048],
      ],
      shape.mark === "curls" ? dark : coat,
    );
  for (const x of [0.23, 0.56])
    pen.tube(
      [
        [x + 0.01, floor - 0.02, 0.04],
        [x + 0.04, floor - 0.02, 0.035],
      ],
      shape.mark === "curls" ? dark : coat,
      { soft: true },
    );
  // neck and head
  const [hx, hy] = [0.72, back - (shape.legs > 0.26 ? 0.1 : 0.04)];
  const head = shape.mark === "curls" ? material("#4a4048") : coat;
  if (shape.mark === "mane" && shape.legs < 0.26) pen.ball(hx - 0.03, hy + 0.03, 0.27, 0.28, mane);
  pen.tube(
    [
      [0.62, middle - 0.05, 0.11],
      [hx - 0.03, hy + 0.03, 0.1],
    ],
    shape.mark === "curls" ? coat : head,
    { soft: true },
  );
  if ((shape.mark === "mane" && shape.legs >= 0.26) || shape.mark === "horn") {
    pen.tube(
      smooth([
        [hx - 0.06, hy - 0.13, 0.04],
        [hx - 0.14, hy, 0.06],
        [0.56, middle - 0.12, 0.05],
      ]),
      mane,
    );
  }
  ears(pen, shape, head, dark, hx, hy);
  pen.ball(hx, hy, 0.165, 0.16, head, { soft: true });
  pen.tube(
    [
      [hx + 0.05, hy + 0.04, 0.085],
      [hx + 0.06 + shape.snout, hy + 0.06, 0.06],
    ],
    shape.nose === "#c96a78" ? look.shade(null, { l: -0.03 }) : head,
    { soft: true },
  );
  if (shape.snout > 0.06)
    pen.tube(
      [
        [hx + 0.04, hy + 0.085, 0.05],
        [hx + 0.05 + shape.snout, hy + 0.09, 0.035],
      ],
      pale,
      { soft: true },
    );
  pen.ball(hx + 0.11 + shape.snout, hy + 0.035, 0.03, 0.028, material(shape.nose));
  pen.eye(hx + 0.045, hy - 0.03, 0.032, look.has("evil") ? look.eyes : { white: ink, pupil: ink });
  if (shape.mark === "antlers" || look.has("horned")) {
    for (const dx of [-0.05, 0.02]) {
      pen.tube(
        [
          [hx + dx, hy - 0.11, 0.018],
          [hx + dx - 0.04, hy - 0.25, 0.016],
          [hx + dx + 0.03, hy - 0.34, 0.01],
        ],
        stuff.bone,
      );
      pen.tube(
        [
          [hx + dx - 0.04, hy - 0.24, 0.014],
          [hx + dx - 0.12, hy - 0.32, 0.01],
        ],
        stuff.bone,
      );
    }
  }
  if (shape.mark === "horn")
    pen.tube(
      [
        [hx + 0.05, hy - 0.11, 0.026],
        [hx + 0.14, hy - 0.3, 0.006],
      ],
      stuff.gold,
    );
  if (shape.mark === "bull" || look.kind === "cow") {
    pen.tube(
      smooth([
        [hx, hy - 0.1, 0.03],
        [hx + 0.07, hy - 0.17, 0.026],
        [hx + 0.06, hy - 0.27, 0.008],
      ]),
      stuff.bone,
    );
  }
}

function ears(
  pen: Pen,
  { ears: kind }: BeastShape,
  head: ReturnType<typeof material>,
  dark: ReturnType<typeof material>,
  hx: number,
  hy: number,
): void {
  for (const [dx, fur] of [
    [0.03, dark],
    [-0.07, head],
  ] as const) {
    if (kind === "pointed")
      pen.plate(
        [
          [hx + dx - 0.055, hy - 0.07],
          [hx + dx - 0.02, hy - 0.22],
          [hx + dx + 0.06, hy - 0.09],
        ],
        fur,
        { bevel: 0.03 },
      );
    else if (kind === "round") pen.ball(hx + dx, hy - 0.12, 0.05, 0.05, fur);
    else if (kind === "long")
      pen.tube(
        [
          [hx + dx, hy - 0.08, 0.04],
          [hx + dx - 0.05, hy - 0.3, 0.035],
        ],
        fur,
      );
    else
      pen.tube(
        [
          [hx + dx - 0.03, hy - 0.09, 0.04],
          [hx + dx - 0.1, hy + 0.01, 0.035],
        ],
        dark,
      );
  }
}

export const beast: SubjectDrawing = {
  colors: (kind) => beastOf(kind).colors,
  motion: "walk",
  facing: "right",
  draw: drawBeast,
};
