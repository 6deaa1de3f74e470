import { z } from "zod";
import { parsePythonJson } from "./json.ts";

/** A preview from a binary frame of the socket. */
export interface PreviewFrame {
  readonly mediaType: "image/jpeg" | "image/png";
  readonly bytes: Uint8Array;
  /** The prompt it belongs to, where the frame says so: type 4 does, type 1 does not. */
  readonly promptId: string | null;
}

const metadataSchema = z.looseObject({ prompt_id: z.string().optional().catch(undefined) });

/** Longest metadata read: a frame that claims more is damaged. */
const maxMetadataBytes = 1 << 20;

/**
 * Reads one binary frame: u32 big-endian type, then
 * type 1 `[u32 1=JPEG|2=PNG][image]`, type 4 `[u32 length][JSON][image]` (ComfyUI's `protocol.py`, `server.py`).
 * Null for frames of other types, such as text (3), and for damaged ones: a preview is never worth a failure.
 */
export function parsePreviewFrame(frame: Uint8Array): PreviewFrame | null {
  if (frame.byteLength < 8) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const type = view.getUint32(0);
  if (type === 1) return preview(frame.subarray(8), null);
  if (type !== 4) return null;
  const length = view.getUint32(4);
  if (length > maxMetadataBytes || 8 + length > frame.byteLength) return null;
  try {
    const metadata = metadataSchema.parse(parsePythonJson(new TextDecoder().decode(frame.subarray(8, 8 + length))));
    return preview(frame.subarray(8 + length), metadata.prompt_id ?? null);
  } catch {
    return null;
  }
}

/** The picture's own first bytes decide: the declared format has been wrong in released servers. */
function preview(bytes: Uint8Array, promptId: string | null): PreviewFrame | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return { mediaType: "image/jpeg", bytes, promptId };
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return { mediaType: "image/png", bytes, promptId };
  return null;
}
