import { ink, material, stuff, type Look } from "../look.ts";
import { smooth, type Point } from "../shapes.ts";
import type { Pen } from "../pen.ts";

/** A row of teeth along a line. */
export function teeth(pen: Pen, from: Point, to: Point, count: number, down: number): void {
  for (let i = 0; i < count; i += 1) {
    const t = (i + 0.5) / count;
    const x = from[0] + (to[0] - from[0]) * t;
    const y = from[1] + (to[1] - from[1]) * t;
    const w = (to[0] - from[0]) / count / 2;
    pen.plate(
      [
        [x - w, y],
        [x + w, y],
        [x, y + down],
      ],
      stuff.bone,
      { soft: true, bevel: 0.01 },
    );
  }
}

/** Brows that fall towards the nose. */
export function angryBrow(pen: Pen, x: number, y: number, width: number, look: Look): void {
  if (!look.has("evil")) return;
  pen.tube(
    [
      [x - width, y - width * 0.5, 0.018],
      [x + width, y + width * 0.35, 0.018],
    ],
    material("#2a2030"),
    { soft: true },
  );
}

export function horns(pen: Pen, look: Look, x: number, y: number, length: number): void {
  const horn = look.part("horns", stuff.bone);
  pen.mirror(() =>
    pen.tube(
      smooth([
        [x, y, 0.045],
        [x - length * 0.55, y - length * 0.45, 0.032],
        [x - length * 0.5, y - length, 0.008],
      ]),
      horn,
    ),
  );
}

/** A smile, or its opposite. */
export function mouth(pen: Pen, x: number, y: number, width: number, look: Look): void {
  if (pen.size < 14) return;
  const bend = look.has("sad") || look.has("evil") ? -0.035 : 0.035;
  const steps = Math.max(3, Math.round((width * 2) / pen.pixel));
  for (let i = 0; i < steps; i += 1) {
    const t = (i + 0.5) / steps;
    pen.dot(x - width + t * width * 2, y + bend * Math.sin(t * Math.PI), ink);
  }
}

export function crown(pen: Pen, x: number, y: number, width: number): void {
  const [l, r] = [x - width, x + width];
  pen.plate(
    [
      [l, y + 0.07],
      [l - 0.01, y - 0.08],
      [x - width * 0.5, y - 0.01],
      [x, y - 0.11],
      [x + width * 0.5, y - 0.01],
      [r + 0.01, y - 0.08],
      [r, y + 0.07],
    ],
    stuff.gold,
    { bevel: 0.03 },
  );
  pen.dot(x, y + 0.02, [206, 52, 68]);
}
