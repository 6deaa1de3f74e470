import type { Span } from "./problem.ts";
import { elementOf, isContainer, keyOf, nameOf, rootMap, stringValue, type RonDocument } from "./ron/document.ts";
import { parseRon } from "./ron/parse.ts";

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
  /** Why nothing can be added to it now; left out when it can. */
  readonly fault?: string;
}

/**
 * A manifest by its text; null stands for one that cannot be read. The result is null for a sound text that is
 * something else than a manifest.
 */
export function readManifest(file: string, text: string | null): Manifest | null {
  if (text === null) return { file, entries: [], fault: "It cannot be read." };
  const document = parseRon(text);
  const entries = readManifestEntries(document) ?? [];
  const error = document.problems.find(({ severity }) => severity === "error");
  if (isBlank(document)) return { file, entries };
  if (error === undefined) return rootMap(document) === null ? null : { file, entries };
  const { line, column } = document.lines.position(error.start);
  return { file, entries, fault: `${line}:${column}: ${error.message}` };
}

/** A file without a value, but perhaps with comments: the first entry makes a manifest of it. */
export function isBlank({ root, problems }: RonDocument): boolean {
  return root === null && problems.length === 1;
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
