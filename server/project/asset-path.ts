/** What Bevy reads out of the text of an asset path. */
export interface AssetPathParts {
  /** Before the first `://`; null for the default source. */
  readonly source: string | null;
  readonly path: string;
  /** After the last `#`; null when there is none. */
  readonly label: string | null;
}

/** Extensions of the images that Bevy has loaders for (bevy_image, `ImageFormat`), without dots. */
export const imageExtensions = [
  "png",
  "jpg",
  "jpeg",
  "webp",
  "bmp",
  "gif",
  "tga",
  "tif",
  "tiff",
  "dds",
  "ktx2",
  "basis",
  "hdr",
  "exr",
  "pnm",
  "pbm",
  "pgm",
  "ppm",
  "pam",
  "ff",
  "farbfeld",
  "qoi",
  "ico",
] as const;

const imageExtension = new RegExp(String.raw`[^/\\]\.(?:${imageExtensions.join("|")})$`, "i");

/** Splits an asset path as bevy_asset does: source, path, label. */
export function splitAssetPath(text: string): AssetPathParts {
  const scheme = text.indexOf("://");
  const source = scheme < 0 ? null : text.slice(0, scheme);
  const rest = scheme < 0 ? text : text.slice(scheme + 3);
  const hash = rest.lastIndexOf("#");
  return { source, path: hash < 0 ? rest : rest.slice(0, hash), label: hash < 0 ? null : rest.slice(hash + 1) };
}

/** Whether a path, without its label, is an image by its extension. */
export function isImagePath(path: string): boolean {
  // Longer than any path: no match is sought in texts that only look like one.
  return path.length <= 4096 && imageExtension.test(path);
}
