import { createHash } from "node:crypto";
import type { EngineRequest, PixelOptions } from "./sprite-request.ts";

/** SHA-256 of the bytes, lower-case hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** JSON with sorted keys, so that equal values have equal text (RFC 8785 for the values used here). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** `request` in pixels.lock: what the engine got, the seed used included. */
export function requestHash(request: EngineRequest & { seed: number }): string {
  return sha256(canonicalJson(request));
}

/** `pixels` in pixels.lock: the pixel stage's options. */
export function pixelsHash(options: PixelOptions): string {
  return sha256(canonicalJson(options));
}

/** `output` in pixels.lock: the decoded RGBA with its size, so that re-encoding a PNG changes nothing. */
export function imageHash(image: { width: number; height: number; data: Uint8Array | Uint8ClampedArray }): string {
  return createHash("sha256").update(`${image.width}x${image.height}\n`).update(image.data).digest("hex");
}
