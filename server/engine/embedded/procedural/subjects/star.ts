import type { Point } from "../shapes.ts";

/** The outline of a star with five points. */
export function star(x: number, y: number, outer: number, inner: number): Point[] {
  return Array.from({ length: 10 }, (_, i): Point => {
    const angle = -Math.PI / 2 + (i * Math.PI) / 5;
    const radius = i % 2 === 0 ? outer : inner;
    return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius];
  });
}
