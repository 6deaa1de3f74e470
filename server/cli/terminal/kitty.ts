import { deflateSync } from "node:zlib";
import type { Picture } from "./picture.ts";

/** Longest base64 payload of one sequence. */
const maxChunk = 4096;

/**
 * A picture in the Kitty graphics protocol: its RGBA, deflated, in chunks, shown at the cursor.
 * Source: https://sw.kovidgoyal.net/kitty/graphics-protocol/
 */
export function kitty({ width, height, data }: Picture): string {
  const payload = deflateSync(data).toString("base64");
  const count = Math.ceil(payload.length / maxChunk);
  const chunks = Array.from({ length: count }, (_, index) => payload.slice(index * maxChunk, (index + 1) * maxChunk));
  return chunks
    .map((chunk, index) => {
      // q=2: the terminal does not answer, since nobody would read it.
      const first = index === 0 ? `a=T,f=32,o=z,s=${width},v=${height},q=2,` : "";
      return `\x1b_G${first}m=${index < count - 1 ? 1 : 0};${chunk}\x1b\\`;
    })
    .join("");
}
