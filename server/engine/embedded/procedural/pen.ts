import { solidOf, type Point, type Solid, type TubePoint } from "./shapes.ts";
import type { Ramp, Rgb } from "./color.ts";
import type { RgbaImage } from "../../../sprite/image.ts";

/** What a part is made of. */
export interface Material {
  readonly ramp: Ramp;
  /** 0 is matt, 1 has a glint. */
  readonly gloss: number;
  /** Lightens or darkens by −1 … 1 tone at a place of the drawing, in sprite pixels. */
  readonly texture: ((x: number, y: number) => number) | null;
}

export interface PartOptions {
  /** Degrees, clockwise. */
  readonly rotate?: number;
  /** Lighter or darker as a whole, in tones. */
  readonly tone?: number;
  /** No shadow is drawn around it, on what lies behind. */
  readonly soft?: boolean;
  /** How far a plate's edge slopes, in the subject's units. */
  readonly bevel?: number;
}

/** From the upper left, and in front. */
const light = normalized(-0.5, -0.68, 0.62);
const noPart = -1;

/**
 * Draws a subject of solids, back to front, on a small grid. Places are in the subject's own units: (0, 0) is the top
 * left of its box, (1, 1) the bottom right. Each solid is lit by its normals and reduced to the tones of its ramp.
 */
export class Pen {
  readonly width: number;
  readonly height: number;
  readonly #left: number;
  readonly #top: number;
  readonly #across: number;
  readonly #down: number;
  readonly #part: Int16Array;
  readonly #shade: Float32Array;
  readonly #material: (Material | null)[];
  /** Pixels set by hand: their colour is final. */
  readonly #fixed = new Map<number, Rgb>();
  #parts = 0;
  readonly #softParts = new Set<number>();
  #mirrored = false;

  /** `box` is where the subject's units lie, in pixels of the grid. */
  constructor(width: number, height: number, box: { left: number; top: number; width: number; height: number }) {
    this.width = width;
    this.height = height;
    this.#left = box.left;
    this.#top = box.top;
    this.#across = box.width;
    this.#down = box.height;
    this.#part = new Int16Array(width * height).fill(noPart);
    this.#shade = new Float32Array(width * height);
    this.#material = Array.from({ length: width * height }, () => null);
  }

  /** Pixels that the subject's box is wide: below about 14 there is room for little. */
  get size(): number {
    return Math.min(this.#across, this.#down);
  }

  /** One pixel in the subject's units. */
  get pixel(): number {
    return 1 / this.size;
  }

  /** The place of a pixel's middle in the subject's units. */
  unit(x: number, y: number): [number, number] {
    return [(x + 0.5 - this.#left) / this.#across, (y + 0.5 - this.#top) / this.#down];
  }

  /** An ellipsoid. */
  ball(x: number, y: number, rx: number, ry: number, material: Material, options: PartOptions = {}): void {
    this.#draw({ kind: "ball", x, y, rx, ry, rotate: options.rotate ?? 0 }, material, options);
  }

  /** A round limb through points, each with its radius. */
  tube(points: readonly TubePoint[], material: Material, options: PartOptions = {}): void {
    this.#draw({ kind: "tube", points }, material, options);
  }

  /** A flat plate with sloping edges. */
  plate(points: readonly Point[], material: Material, options: PartOptions = {}): void {
    this.#draw({ kind: "plate", points, bevel: options.bevel ?? 0.06 }, material, options);
  }

  /** A plate with corners parallel to the box. */
  slab(x: number, y: number, width: number, height: number, material: Material, options: PartOptions = {}): void {
    const corners: Point[] = [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ];
    this.plate(corners, material, options);
  }

  /** Draws once as it is and once mirrored at the middle of the box. */
  mirror(draw: (side: -1 | 1) => void): void {
    draw(-1);
    this.#mirrored = !this.#mirrored;
    draw(1);
    this.#mirrored = !this.#mirrored;
  }

  /** One pixel of a colour. Nothing where nothing was drawn, unless it may float. */
  dot(x: number, y: number, color: Rgb, floating = false): void {
    const [px, py] = this.#toPixels([x, y]);
    this.pixelAt(Math.floor(px), Math.floor(py), color, floating);
  }

  /** A pixel of the grid by its own coordinates. */
  pixelAt(x: number, y: number, color: Rgb, floating = false): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = y * this.width + x;
    if (this.#part[at] !== noPart || floating) this.#fixed.set(at, color);
  }

  /** A round eye: white and a pupil where there is room, else a dark pixel. `look` moves the pupil, in eye radii. */
  eye(x: number, y: number, radius: number, colors: { white: Rgb; pupil: Rgb }, look: Point = [0, 0]): void {
    const [cx, cy] = this.#toPixels([x, y]);
    const r = radius * this.size;
    if (r < 0.95) {
      this.pixelAt(Math.floor(cx), Math.floor(cy), colors.pupil);
      return;
    }
    // Whole pixels on both sides, so that mirrored eyes are alike.
    const half = Math.max(1, Math.round(r));
    const [left, top] = [Math.round(cx) - half, Math.round(cy) - half];
    const side = half * 2;
    for (let j = 0; j < side; j += 1) {
      for (let i = 0; i < side; i += 1) {
        const within = (i + 0.5 - half) ** 2 + (j + 0.5 - half) ** 2 <= half * half + 0.3;
        if (half === 1 || within) this.pixelAt(left + i, top + j, colors.white);
      }
    }
    const pupil = Math.max(1, Math.round(half * 0.9));
    const inward = this.#mirrored ? -look[0] : look[0];
    const pupilLeft = left + Math.round((side - pupil) / 2 + inward * (half - pupil / 2));
    const pupilTop = top + Math.round((side - pupil) / 2 + look[1] * (half - pupil / 2));
    for (let j = 0; j < pupil + (half === 1 ? 1 : 0); j += 1) {
      for (let i = 0; i < pupil; i += 1) {
        const corner = pupil > 3 && (i === 0 || i === pupil - 1) && (j === 0 || j === pupil - 1);
        if (!corner) this.pixelAt(pupilLeft + i, pupilTop + j, colors.pupil);
      }
    }
    if (half >= 2) this.pixelAt(pupilLeft, pupilTop, colors.white);
  }

  /** Whether something was drawn at a place. */
  covers(x: number, y: number): boolean {
    const [px, py] = this.#toPixels([x, y]);
    const [column, row] = [Math.floor(px), Math.floor(py)];
    return (
      column >= 0 &&
      row >= 0 &&
      column < this.width &&
      row < this.height &&
      this.#part[row * this.width + column] !== noPart
    );
  }

  /** The picture. `outlined` draws a dark line of the part's own colour around the whole. */
  finish(outlined: boolean): RgbaImage {
    const { width, height } = this;
    const data = new Uint8ClampedArray(width * height * 4);
    const tones = this.#tones();
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const at = y * width + x;
        const color = this.#fixed.get(at) ?? this.#colorAt(at, tones) ?? (outlined ? this.#outlineAt(x, y) : null);
        if (color !== null) data.set([...color, 255], at * 4);
      }
    }
    return { width, height, data };
  }

  #draw(shape: Solid, material: Material, options: PartOptions): void {
    const id = this.#parts;
    this.#parts += 1;
    if (options.soft === true) this.#softParts.add(id);
    const solid = solidOf(this.#placed(shape));
    const [left, right] = [Math.max(0, Math.floor(solid.left)), Math.min(this.width - 1, Math.ceil(solid.right))];
    const [top, bottom] = [Math.max(0, Math.floor(solid.top)), Math.min(this.height - 1, Math.ceil(solid.bottom))];
    for (let y = top; y <= bottom; y += 1) {
      for (let x = left; x <= right; x += 1) {
        const normal = solid.normalAt(x + 0.5, y + 0.5);
        if (normal === null) continue;
        const at = y * this.width + x;
        this.#part[at] = id;
        this.#material[at] = material;
        this.#shade[at] = shadeOf(normal, material, options.tone ?? 0, x, y);
        this.#fixed.delete(at);
      }
    }
  }

  /** The solid in pixels of the grid. */
  #placed(shape: Solid): Solid {
    switch (shape.kind) {
      case "ball": {
        const [x, y] = this.#toPixels([shape.x, shape.y]);
        const rotate = this.#mirrored ? -shape.rotate : shape.rotate;
        return { kind: "ball", x, y, rx: shape.rx * this.#across, ry: shape.ry * this.#down, rotate };
      }
      case "tube":
        return {
          kind: "tube",
          points: shape.points.map(([px, py, r]) => {
            const [x, y] = this.#toPixels([px, py]);
            return [x, y, r * this.size];
          }),
        };
      case "plate":
        return {
          kind: "plate",
          points: shape.points.map((point) => this.#toPixels(point)),
          bevel: shape.bevel * this.size,
        };
    }
  }

  #toPixels([x, y]: Point): [number, number] {
    const across = this.#mirrored ? 1 - x : x;
    return [this.#left + across * this.#across, this.#top + y * this.#down];
  }

  /** The tone of each pixel, 0 … 5 (5 is the glint), with contact shadows, and without single stray pixels. */
  #tones(): Int8Array {
    const { width, height } = this;
    const tones = new Int8Array(width * height).fill(-1);
    for (let at = 0; at < tones.length; at += 1) {
      if (this.#part[at] === noPart) continue;
      const shade = this.#shade[at] ?? 0;
      const glint = shade > 1.24 && (this.#material[at]?.gloss ?? 0) > 0;
      const shadow = this.#isShaded(at) ? 0.24 : 0;
      tones[at] = glint ? 5 : Math.min(4, Math.max(0, Math.floor((Math.min(shade, 0.99) - shadow) * 5)));
    }
    const cleaned = tones.slice();
    for (let y = 1; y < height - 1; y += 1) {
      for (let x = 1; x < width - 1; x += 1) {
        const at = y * width + x;
        const tone = tones[at] ?? -1;
        if (tone < 0 || tone === 5 || this.#material[at]?.texture !== null) continue;
        const around = [at - 1, at + 1, at - width, at + width].filter((next) => this.#part[next] === this.#part[at]);
        if (around.length < 3 || around.some((next) => tones[next] === tone)) continue;
        cleaned[at] = tones[around[0] ?? at] ?? tone;
      }
    }
    return cleaned;
  }

  /** A pixel beside a part that lies in front of it. */
  #isShaded(at: number): boolean {
    const { width } = this;
    const own = this.#part[at] ?? noPart;
    const x = at % width;
    const neighbours = [at - width, at + width, ...(x > 0 ? [at - 1] : []), ...(x < width - 1 ? [at + 1] : [])];
    return neighbours.some((next) => {
      const other = this.#part[next] ?? noPart;
      return other > own && !this.#softParts.has(other);
    });
  }

  #colorAt(at: number, tones: Int8Array): Rgb | null {
    const material = this.#material[at] ?? null;
    const tone = tones[at] ?? -1;
    if (material === null || tone < 0) return null;
    return tone === 5 ? material.ramp.glint : (material.ramp.tones[tone] ?? null);
  }

  /** The line around the drawing: the darkest of the colours it touches. */
  #outlineAt(x: number, y: number): Rgb | null {
    const at = y * this.width + x;
    const beside = [
      ...(x > 0 ? [at - 1] : []),
      ...(x < this.width - 1 ? [at + 1] : []),
      ...(y > 0 ? [at - this.width] : []),
      ...(y < this.height - 1 ? [at + this.width] : []),
    ];
    const neighbour = beside.find((next) => this.#part[next] !== noPart);
    return neighbour === undefined ? null : (this.#material[neighbour]?.ramp.outline ?? null);
  }
}

/** 0 … 1 spreads over the five tones; beyond 1.2 lies a glint. */
function shadeOf(
  [nx, ny, nz]: readonly [number, number, number],
  { gloss, texture }: Material,
  tone: number,
  x: number,
  y: number,
): number {
  const diffuse = nx * light[0] + ny * light[1] + nz * light[2];
  const shade = 0.5 + 0.62 * (diffuse - 0.5) + tone * 0.2 + (texture === null ? 0 : texture(x, y) * 0.2);
  if (gloss === 0) return Math.min(1, shade);
  // Blinn-Phong with the eye straight above: half way between light and eye.
  const half = normalized(light[0], light[1], light[2] + 1);
  const specular = Math.max(0, nx * half[0] + ny * half[1] + nz * half[2]) ** 48;
  return specular * gloss > 0.72 ? 1.3 : Math.min(1, shade + 0.1 * gloss * (diffuse - 0.4));
}

function normalized(x: number, y: number, z: number): [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
