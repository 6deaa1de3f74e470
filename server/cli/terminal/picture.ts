/** Straight-alpha RGBA, `width × height × 4` bytes. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Room for a picture, in pixels of what it is drawn with. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** A pixel less opaque than this is not drawn: terminals know no half transparency. */
export const opaque = 128;

/**
 * The picture as large as it fits the room: a whole number of times larger, so that every pixel stays square and
 * equal, else smaller by nearest neighbour. At least 1×1.
 */
export function fitPicture(picture: Picture, room: Room): Picture {
  const fitting = Math.min(room.width / picture.width, room.height / picture.height);
  const scale = fitting >= 1 ? Math.floor(fitting) : fitting;
  const width = Math.max(1, Math.floor(picture.width * scale));
  const height = Math.max(1, Math.floor(picture.height * scale));
  if (width === picture.width && height === picture.height) return picture;
  const { buffer, byteOffset, byteLength } = picture.data;
  const from = new DataView(buffer, byteOffset, byteLength);
  const to = new DataView(new ArrayBuffer(width * height * 4));
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * picture.height) / height) * picture.width;
    for (let x = 0; x < width; x++) {
      const column = Math.floor(((x + 0.5) * picture.width) / width);
      to.setUint32((y * width + x) * 4, from.getUint32((row + column) * 4));
    }
  }
  return { width, height, data: new Uint8Array(to.buffer) };
}

/** A pixel's colour as 0xrrggbb, or null where it is transparent or outside the picture. */
export function colorAt(picture: Picture, x: number, y: number): number | null {
  if (x >= picture.width || y >= picture.height) return null;
  const at = (y * picture.width + x) * 4;
  const [red = 0, green = 0, blue = 0, alpha = 0] = picture.data.subarray(at, at + 4);
  return alpha < opaque ? null : (red << 16) | (green << 8) | blue;
}
