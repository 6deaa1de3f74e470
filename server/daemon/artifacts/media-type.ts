export interface MediaType {
  readonly name: string;
  readonly extension: string;
}

/** The pictures that are known by their first bytes. */
export const mediaTypes: readonly (MediaType & { readonly matches: (head: string) => boolean })[] = [
  { name: "image/png", extension: "png", matches: (head) => head.startsWith("\x89PNG\r\n\x1a\n") },
  { name: "image/jpeg", extension: "jpg", matches: (head) => head.startsWith("\xff\xd8\xff") },
  { name: "image/webp", extension: "webp", matches: (head) => head.startsWith("RIFF") && head.endsWith("WEBP") },
];

export const otherType: MediaType = { name: "application/octet-stream", extension: "bin" };

/** What the bytes are, judged by themselves and never by a name. */
export function mediaTypeOf(bytes: Uint8Array): MediaType {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  return mediaTypes.find((type) => type.matches(head)) ?? otherType;
}
