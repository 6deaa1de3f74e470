import type { Span } from "./problem.ts";
import { elementOf, isContainer, keyOf, nameOf, rootMap, stringValue, type RonDocument } from "./ron/document.ts";

/** One entry of a bevy_asset_loader manifest (`*.assets.ron`). */
export interface ManifestEntry extends Span {
  readonly key: string;
  /** `Image`, `TextureAtlasLayout`, `File`, …; null when the value is no named one. */
  readonly kind: string | null;
  /** Its `path`, relative to the asset root; null where it has none. */
  readonly path: string | null;
}

/** One manifest and what it lists. */
export interface Manifest {
  /** The file, relative to the workspace. */
  readonly file: string;
  readonly entries: readonly ManifestEntry[];
}

/** The entries of a manifest, in the order of the text; null when the document is something else. */
export function readManifestEntries(document: RonDocument): readonly ManifestEntry[] | null {
  const map = rootMap(document);
  if (map === null) return null;
  return map.elements.flatMap((element) => {
    const key = keyOf(document, element);
    if (key === null) return [];
    const path = isContainer(element.value) ? elementOf(document, element.value, "path") : undefined;
    return {
      key,
      kind: nameOf(document, element.value),
      path: path === undefined ? null : stringValue(document, path.value),
      start: element.start,
      end: element.end,
    };
  });
}
