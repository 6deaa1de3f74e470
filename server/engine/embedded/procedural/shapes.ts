export type Point = readonly [x: number, y: number];
export type TubePoint = readonly [x: number, y: number, radius: number];
export type Normal = readonly [x: number, y: number, z: number];

/** A solid to draw, in one system of coordinates. */
export type Solid =
  | {
      readonly kind: "ball";
      readonly x: number;
      readonly y: number;
      readonly rx: number;
      readonly ry: number;
      /** Degrees, clockwise. */
      readonly rotate: number;
    }
  | { readonly kind: "tube"; readonly points: readonly TubePoint[] }
  | { readonly kind: "plate"; readonly points: readonly Point[]; readonly bevel: number };

/** A solid as the renderer sees it: where it may be, and which way its surface looks at a place (null: not there). */
export interface Surface {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  normalAt(x: number, y: number): Normal | null;
}

/** Nothing is drawn thinner than this many pixels from its middle, so that limbs do not break up. */
const thinnest = 0.56;

/** The surface of a solid whose coordinates are pixels. */
export function solidOf(solid: Solid): Surface {
  switch (solid.kind) {
    case "ball":
      return ball(solid);
    case "tube":
      return tube(solid.points);
    case "plate":
      return plate(solid.points, solid.bevel);
  }
}

function ball({ x, y, rx, ry, rotate }: Solid & { kind: "ball" }): Surface {
  const [across, down] = [Math.max(rx, thinnest), Math.max(ry, thinnest)];
  const reach = Math.max(across, down);
  const angle = (rotate * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    left: x - reach,
    right: x + reach,
    top: y - reach,
    bottom: y + reach,
    normalAt: (px, py) => {
      const [dx, dy] = [px - x, py - y];
      const [u, v] = [(dx * cos + dy * sin) / across, (-dx * sin + dy * cos) / down];
      const inside = 1 - u * u - v * v;
      return inside < 0 ? null : [u * cos - v * sin, u * sin + v * cos, Math.sqrt(inside)];
    },
  };
}

function tube(points: readonly TubePoint[]): Surface {
  const reach = Math.max(thinnest, ...points.map(([, , r]) => r));
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return {
    left: Math.min(...xs) - reach,
    right: Math.max(...xs) + reach,
    top: Math.min(...ys) - reach,
    bottom: Math.max(...ys) + reach,
    normalAt: (px, py) => {
      let best: { depth: number; u: number; v: number } | null = null;
      for (let i = 0; i < Math.max(1, points.length - 1); i += 1) {
        const [ax, ay, ar] = points[i] ?? [0, 0, 0];
        const [bx, by, br] = points[i + 1] ?? [ax, ay, ar];
        const [vx, vy] = [bx - ax, by - ay];
        const length = vx * vx + vy * vy;
        const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * vx + (py - ay) * vy) / length));
        const radius = Math.max(thinnest, ar + (br - ar) * t);
        const [u, v] = [(px - ax - vx * t) / radius, (py - ay - vy * t) / radius];
        const depth = 1 - u * u - v * v;
        if (depth >= 0 && (best === null || depth > best.depth)) best = { depth, u, v };
      }
      return best === null ? null : [best.u, best.v, Math.sqrt(best.depth)];
    },
  };
}

function plate(points: readonly Point[], bevel: number): Surface {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const edges = points.map((from, i): [Point, Point] => [from, points[(i + 1) % points.length] ?? from]);
  return {
    left: Math.min(...xs) - 1,
    right: Math.max(...xs) + 1,
    top: Math.min(...ys) - 1,
    bottom: Math.max(...ys) + 1,
    normalAt: (px, py) => {
      let inside = false;
      let nearest = Infinity;
      let [nx, ny] = [0, 0];
      for (const [[ax, ay], [bx, by]] of edges) {
        if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) inside = !inside;
        const [vx, vy] = [bx - ax, by - ay];
        const length = vx * vx + vy * vy;
        const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * vx + (py - ay) * vy) / length));
        const [dx, dy] = [ax + vx * t - px, ay + vy * t - py];
        const distance = Math.hypot(dx, dy);
        if (distance < nearest) [nearest, nx, ny] = [distance, dx, dy];
      }
      // A sliver thinner than a pixel still shows.
      if (!inside && nearest > 0.35) return null;
      if (nearest >= bevel || nearest === 0) return [0, 0, 1];
      const slope = inside ? 0.75 * (1 - nearest / bevel) : 0.75;
      return [(nx / nearest) * slope, (ny / nearest) * slope, Math.sqrt(1 - slope * slope)];
    },
  };
}

/** Points written as `x y, x y, …`: an outline that can be read at a glance. */
export function path(text: string): Point[] {
  return numbers(text).map(([x = 0, y = 0]): Point => [x, y]);
}

/** Points with a radius each, written as `x y radius, x y radius, …`. */
export function limb(text: string): TubePoint[] {
  return numbers(text).map(([x = 0, y = 0, radius = 0]): TubePoint => [x, y, radius]);
}

function numbers(text: string): number[][] {
  return text.split(",").map((point) => point.trim().split(" ").map(Number));
}

/** A smooth line through points (Catmull-Rom), with `steps` pieces between two. */
export function smooth(points: readonly TubePoint[], steps = 5): TubePoint[] {
  const at = (i: number): TubePoint => points[Math.min(points.length - 1, Math.max(0, i))] ?? [0, 0, 0];
  const line: TubePoint[] = [];
  for (let i = 0; i < points.length - 1; i += 1) {
    const [p, q, r, s] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let step = 0; step < steps; step += 1) {
      const t = step / steps;
      const along = (k: 0 | 1 | 2): number =>
        0.5 *
        (2 * q[k] +
          (r[k] - p[k]) * t +
          (2 * p[k] - 5 * q[k] + 4 * r[k] - s[k]) * t * t +
          (3 * q[k] - p[k] - 3 * r[k] + s[k]) * t ** 3);
      line.push([along(0), along(1), along(2)]);
    }
  }
  line.push(at(points.length - 1));
  return line;
}
