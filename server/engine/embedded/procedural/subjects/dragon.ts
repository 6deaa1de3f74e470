import { teeth } from "./faces.ts";
import { ink, material, scales, stuff } from "../look.ts";
import { limb, path, smooth, type Point, type TubePoint } from "../shapes.ts";
import type { Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

export const dragon: SubjectDrawing = {
  colors: ["#c23b3b", "#3f8f4a", "#3f6fc0", "#7d4bb0", "#33313d", "#d08a2e"],
  motion: "bob",
  facing: "right",
  draw: (pen, look) => {
    const hide = look.main({ texture: pen.size > 28 ? scales(0.35) : null });
    const belly = look.part("belly", look.shade("belly", { l: 0.2, c: 0.6, h: 35 }, 0));
    const membrane = look.shade("wings", { l: -0.08, h: 28, c: 0.9 }, 0);
    const horn = look.part("horns", stuff.bone);
    const raised = look.random.between(-0.05, 0.03);
    // far wing
    if (pen.size > 40)
      wing(pen, look.shade("wings", { l: -0.18, h: 20 }, 0), look.shade(null, { l: -0.14 }), 0.56, 0.4, 0.85);
    // tail
    const tail: TubePoint[] = [
      [0.4, 0.7, 0.12],
      [0.22, 0.84, 0.075],
      [0.09, 0.78, 0.045],
      [0.07, 0.6 + raised, 0.02],
    ];
    pen.tube(smooth(tail), hide);
    pen.plate(
      [
        [0.0, 0.6 + raised],
        [0.075, 0.47 + raised],
        [0.14, 0.61 + raised],
        [0.07, 0.66 + raised],
      ],
      membrane,
    );
    // far legs
    leg(pen, look.shade(null, { l: -0.1 }), 0.56, 0.72, 0.04);
    leg(pen, look.shade(null, { l: -0.1 }), 0.36, 0.74, 0.04);
    // body, chest, neck
    pen.ball(0.46, 0.65, 0.2, 0.165, hide);
    const neck: TubePoint[] = [
      [0.56, 0.6, 0.135],
      [0.67, 0.46, 0.1],
      [0.69, 0.32 + raised, 0.085],
    ];
    pen.tube(smooth(neck), hide, { soft: true });
    pen.tube(smooth(limb("0.52 0.75 0.07, 0.64 0.6 0.055, 0.735 0.43 0.035")), belly, { soft: true });
    // near legs
    leg(pen, hide, 0.6, 0.76, 0.075);
    leg(pen, hide, 0.38, 0.78, 0.09);
    // spines along the neck and back
    const spine: Point[] = path("0.6 0.33, 0.56 0.45, 0.46 0.49, 0.34 0.54");
    for (const [x, y] of spine) {
      pen.plate(
        [
          [x - 0.02, y + 0.05],
          [x - 0.045, y - 0.045],
          [x + 0.05, y + 0.015],
        ],
        membrane,
        { soft: true },
      );
    }
    // head
    const [hx, hy] = [0.72, 0.24 + raised];
    pen.tube(
      [
        [hx - 0.02, hy - 0.05, 0.026],
        [hx - 0.11, hy - 0.12, 0.02],
        [hx - 0.17, hy - 0.13, 0.008],
      ],
      horn,
    );
    pen.tube(
      [
        [hx + 0.02, hy + 0.09, 0.05],
        [hx + 0.17, hy + 0.1, 0.032],
      ],
      look.shade(null, { l: -0.06 }),
    );
    if (pen.size > 22) teeth(pen, [hx + 0.06, hy + 0.06], [hx + 0.2, hy + 0.06], 3, 0.045);
    pen.ball(hx, hy, 0.105, 0.095, hide);
    pen.tube(
      [
        [hx + 0.03, hy + 0.01, 0.075],
        [hx + 0.19, hy + 0.03, 0.048],
      ],
      hide,
      { soft: true },
    );
    pen.dot(hx + 0.215, hy + 0.005, ink);
    pen.eye(
      hx + 0.035,
      hy - 0.025,
      0.034,
      { white: look.has("cute") ? [250, 250, 244] : [248, 208, 72], pupil: ink },
      [0.5, 0],
    );
    // near wing
    wing(pen, membrane, look.shade(null, { l: 0.03 }), 0.47, 0.5, 1);
    if (look.has("burning") || look.with("fire")) breath(pen, hx + 0.24, hy + 0.08);
  },
};

function breath(pen: Pen, x: number, y: number): void {
  pen.tube(
    [
      [x, y, 0.02],
      [x + 0.1, y + 0.05, 0.05],
    ],
    material("#e2602a"),
    { soft: true },
  );
  pen.tube(
    [
      [x, y, 0.01],
      [x + 0.07, y + 0.035, 0.026],
    ],
    material("#f7c948"),
    { soft: true },
  );
}

function wing(
  pen: Pen,
  membrane: ReturnType<typeof material>,
  bone: ReturnType<typeof material>,
  x: number,
  y: number,
  size: number,
): void {
  const at = (dx: number, dy: number): Point => [x + dx * size, y + dy * size];
  const wrist = at(-0.06, -0.38);
  const tips = [at(-0.34, -0.46), at(-0.47, -0.2), at(-0.35, 0), at(-0.14, 0.1)] as const;
  const outline = [
    at(0.07, 0.03),
    wrist,
    tips[0],
    at(-0.32, -0.27),
    tips[1],
    at(-0.3, -0.12),
    tips[2],
    at(-0.19, -0.03),
    tips[3],
  ];
  pen.plate(outline, membrane, { bevel: 0.05 });
  pen.tube(
    [
      [...at(0.06, 0.02), 0.028],
      [...wrist, 0.026],
      [...tips[0], 0.01],
    ],
    bone,
    { soft: true },
  );
  if (pen.size < 26) return;
  for (const tip of [tips[1], tips[2]])
    pen.tube(
      [
        [...wrist, 0.014],
        [...tip, 0.008],
      ],
      bone,
      { soft: true },
    );
}

function leg(pen: Pen, hide: ReturnType<typeof material>, x: number, y: number, thick: number): void {
  pen.tube(
    [
      [x, y, thick],
      [x + 0.015, y + 0.13, thick * 0.62],
      [x + 0.01, 0.925, thick * 0.55],
    ],
    hide,
  );
  pen.tube(
    [
      [x, 0.935, 0.032],
      [x + 0.065, 0.94, 0.026],
    ],
    hide,
    { soft: true },
  );
}
