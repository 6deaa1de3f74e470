export type ImageMediaType = "image/png" | "image/jpeg" | "image/webp";

/**
 * What kind of picture the bytes are, judged by themselves, and only when they are whole: a PNG up to its IEND
 * chunk, a JPEG up to its end marker, a WebP of its declared length. Null for anything else.
 */
export function wholeImageType(bytes: Uint8Array): ImageMediaType | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12) return null;
  if (view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a) {
    return isWholePng(view) ? "image/png" : null;
  }
  if (view.getUint16(0) === 0xffd8) return view.getUint16(bytes.byteLength - 2) === 0xffd9 ? "image/jpeg" : null;
  if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) {
    return view.getUint32(4, true) + 8 <= bytes.byteLength ? "image/webp" : null;
  }
  return null;
}

/** Walks the chunks (PNG specification, 5.3): length, type, data, CRC. */
function isWholePng(view: DataView): boolean {
  for (let offset = 8; offset + 12 <= view.byteLength;) {
    const length = view.getUint32(offset);
    const end = offset + 12 + length;
    if (end > view.byteLength) return false;
    if (view.getUint32(offset + 4) === 0x49454e44) return true;
    offset = end;
  }
  return false;
}
