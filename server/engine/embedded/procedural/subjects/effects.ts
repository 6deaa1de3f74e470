import { fromHex, material, toRgb, type Look } from "../look.ts";
import { noise } from "../random.ts";
import { limb, path, type Point, smooth, type TubePoint } from "../shapes.ts";
import type { Rgb } from "../color.ts";
import type { Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

/** From the heart of a flame outwards. */
function heat(look: Look): readonly Rgb[] {
  const { base } = look;
  if (base.h > 20 && base.h < 100)
    return ["#fff6cf", "#fbd75a", "#f29b32", "#d9532a", "#8e2c2c"].map((hex) => toRgb(fromHex(hex)));
  return [0.4, 0.24, 0.1, -0.04, -0.2].map((l) =>
    toRgb({ l: Math.min(0.97, Math.max(0.15, base.l + l)), c: base.c * (1 - Math.max(0, l)), h: base.h }),
  );
}

/** Fills where `level` (0 the heart … 1 the rim) is below 1. */
function glow(pen: Pen, colors: readonly Rgb[], level: (u: number, v: number) => number): void {
  for (let y = 0; y < pen.height; y += 1) {
    for (let x = 0; x < pen.width; x += 1) {
      const [u, v] = pen.unit(x, y);
      const at = level(u, v);
      const color = at < 1 ? colors[Math.max(0, Math.floor(at * colors.length))] : undefined;
      if (color !== undefined) pen.pixelAt(x, y, color, true);
    }
  }
}

const explosion: SubjectDrawing = {
  colors: ["#e8862e"],
  motion: "squash",
  draw: (pen, look) => {
    const seed = look.random.integer(0, 99_999);
    glow(pen, heat(look), (u, v) => {
      const angle = Math.atan2(v - 0.5, u - 0.5);
      const spikes =
        0.07 * Math.cos(angle * 9 + seed) + 0.1 * noise(seed, Math.cos(angle) * 3 + 9, Math.sin(angle) * 3 + 9);
      return Math.hypot(u - 0.5, v - 0.5) / (0.41 + spikes) + 0.2 * noise(seed + 1, u * 8, v * 8) * 0.6;
    });
    const [, , , , rim] = heat(look);
    if (rim !== undefined) {
      for (let i = 0; i < 14; i += 1) {
        const angle = look.random.between(0, 2 * Math.PI);
        const far = look.random.between(0.42, 0.5);
        pen.dot(0.5 + Math.cos(angle) * far, 0.5 + Math.sin(angle) * far, heat(look)[2] ?? rim, true);
      }
    }
  },
};

const fire: SubjectDrawing = {
  colors: ["#e8762e"],
  motion: "flicker",
  draw: (pen, look) => {
    const seed = look.random.integer(0, 99_999);
    const camp = look.kind === "campfire" || look.kind === "bonfire";
    const ball = look.kind === "fireball";
    const floor = camp ? 0.84 : 0.94;
    if (camp) {
      const log = material("#7a4c2c");
      pen.tube(limb("0.16 0.92 0.06, 0.82 0.8 0.06"), log);
      pen.tube(limb("0.84 0.92 0.06, 0.18 0.8 0.06"), log);
    }
    if (ball) {
      glow(pen, heat(look), (u, v) => {
        // The tail streams to the upper left of the ball.
        const [du, dv] = [u - 0.64, v - 0.64];
        const back = Math.max(0, -(du + dv) * 0.7071);
        const aside = Math.abs(du - dv) * 0.7071 + 0.05 * back * 4 * noise(seed, u * 9, v * 9);
        const head = Math.hypot(du, dv) / 0.27;
        const tail = back <= 0 || back > 0.72 ? 2 : aside / Math.max(0.001, 0.26 * (1 - back / 0.76)) + back * 0.75;
        return Math.min(head, tail);
      });
      return;
    }
    // Tongues of their own height side by side, the middle one the highest.
    const tongues = [-0.24, -0.09, 0.05, 0.21].map((at) => ({
      at: 0.5 + at + look.random.between(-0.03, 0.03),
      high: (1.06 - Math.abs(at) * 1.9) * look.random.between(0.88, 1.02),
      wide: look.random.between(0.19, 0.23),
      bend: look.random.between(-0.14, 0.14),
    }));
    glow(pen, heat(look), (u, v) => {
      const up = floor - v;
      if (up < 0) return 2;
      const body = Math.hypot((u - 0.5) / 0.36, (up - 0.2) / 0.28);
      const flames = tongues.map(({ at, high, wide, bend }) => {
        const t = up / high;
        if (t > 1) return 2;
        const lean = bend * t * t + 0.05 * noise(seed, t * 4, at * 9);
        const half = wide * Math.sqrt(Math.min(1, t * 4 + 0.3)) * (1 - t) ** 0.8;
        return Math.abs(u - at - lean) / Math.max(0.001, half) + t * 0.3;
      });
      const nearest = Math.min(body, ...flames);
      return nearest >= 1 ? 2 : Math.max(nearest * 0.99, Math.min(0.99, Math.hypot((u - 0.5) / 0.5, up / 1.05)));
    });
  },
};

const smoke: SubjectDrawing = {
  colors: ["#c9cfdc", "#b8bccb"],
  motion: "float",
  draw: (pen, look) => {
    const puff = look.main({ contrast: 0.75 });
    const cloud = look.kind !== "smoke" && look.kind !== "puff" && look.kind !== "dust";
    const lobes: TubePoint[] = cloud
      ? limb("0.2 0.62 0.16, 0.8 0.63 0.15, 0.36 0.46 0.2, 0.62 0.42 0.23, 0.5 0.62 0.2")
      : limb("0.3 0.68 0.2, 0.68 0.7 0.2, 0.5 0.5 0.24, 0.36 0.32 0.15, 0.64 0.26 0.13");
    for (const [x, y, r] of lobes) pen.ball(x + look.random.between(-0.02, 0.02), y, r, r * 0.92, puff, { soft: true });
    if (cloud) pen.tube(limb("0.16 0.7 0.09, 0.84 0.7 0.09"), puff, { soft: true, tone: -0.5 });
  },
};

const lightning: SubjectDrawing = {
  colors: ["#f2cf3a"],
  motion: "flicker",
  draw: (pen, look) => {
    pen.plate(path("0.62 0.02, 0.2 0.55, 0.44 0.55, 0.3 0.98, 0.8 0.4, 0.55 0.4, 0.74 0.02"), look.main(), {
      bevel: 0.07,
    });
  },
};

const portal: SubjectDrawing = {
  colors: ["#8a5ad6", "#3fa8d8", "#4ac08a"],
  motion: "squash",
  draw: (pen, look) => {
    const { base } = look;
    const shades = [-0.3, -0.16, 0, 0.14, 0.26].map((l) =>
      toRgb({ ...base, l: Math.min(0.95, Math.max(0.12, base.l + l)) }),
    );
    glow(
      pen,
      [0, 1, 2, 3, 4].map((i) => shades[i] ?? [0, 0, 0]),
      (u, v) => {
        const [x, y] = [(u - 0.5) / 0.36, (v - 0.5) / 0.47];
        const r = Math.hypot(x, y);
        if (r > 1) return 2;
        if (r > 0.86) return 0.9;
        return Math.min(
          0.79,
          0.39 + 0.38 * Math.sin(Math.atan2(y, x) * 2 + r * 9 + look.random.between(0, 0)) * r + 0.1 * r,
        );
      },
    );
    const stones = material("#7d7d8c");
    for (let i = 0; i < 14; i += 1) {
      const angle = (i / 14) * 2 * Math.PI;
      const at: Point = [0.5 + Math.cos(angle) * 0.4, 0.5 + Math.sin(angle) * 0.455];
      pen.ball(at[0], at[1], 0.075, 0.06, stones);
    }
    pen.tube(smooth(limb("0.2 0.95 0.04, 0.8 0.95 0.04")), stones);
  },
};

export const effects = { explosion, fire, smoke, lightning, portal } as const satisfies Record<string, SubjectDrawing>;
