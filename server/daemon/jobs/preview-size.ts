import type { Preview } from "../../protocol/events.ts";

/** The largest preview that is sent on. */
const maxPreviewBytes = 64 << 10;

/** The preview, made smaller where it is too large; null when it cannot be read. */
export async function fittingPreview(preview: Preview): Promise<Preview | null> {
  if (preview.bytes.byteLength <= maxPreviewBytes) return preview;
  try {
    // A daemon at rest needs no decoder in memory.
    const [{ decodeImage }, { encodePreview }] = await Promise.all([
      import("../../codec/decode.ts"),
      import("../../codec/encode.ts"),
    ]);
    const { mediaType, bytes } = await encodePreview(await decodeImage(preview.bytes), maxPreviewBytes);
    return { job: preview.job, mediaType, bytes: new Uint8Array(bytes) };
  } catch {
    return null;
  }
}
