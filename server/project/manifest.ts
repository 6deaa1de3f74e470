import { PixelsError } from "../protocol/errors.ts";
import type { TextEdit } from "../protocol/events.ts";
import { sha256 } from "../protocol/hashing.ts";
import { escapeRust } from "./escapes.ts";
import type { Span } from "./problem.ts";
import { isBlank } from "./manifest-entries.ts";
import { insertElements } from "./ron/append.ts";
import {
  elementOf,
  isContainer,
  keyOf,
  nameOf,
  numberValue,
  rootMap,
  stringContent,
  stringValue,
  type RonContainer,
  type RonDocument,
  type RonElement,
  type RonValue,
} from "./ron/document.ts";
import { parseRon } from "./ron/parse.ts";
import { applyEdits, lineEnding } from "./text-edits.ts";

/** What a bevy_asset_loader manifest says of one sprite. */
export interface ManifestSprite {
  readonly key: string;
  /** Key of the sheet's `TextureAtlasLayout`; null for a sprite of one cell. */
  readonly layoutKey: string | null;
  /** Relative to the asset root. */
  readonly path: string;
  /** One cell, in pixels. */
  readonly cell: { readonly width: number; readonly height: number };
  readonly columns: number;
  readonly rows: number;
}

export interface ManifestPlan {
  /** SHA-256 of the text that was planned on. */
  readonly base: string;
  /** Empty when the manifest already says all of it. */
  readonly edits: readonly TextEdit[];
  /** The text after the edits. */
  readonly text: string;
}

/**
 * Plans how a manifest comes to list a sprite: `"player.image": Image(path: "…")`, and for a sheet
 * `"player.layout": TextureAtlasLayout(…)`. Everything else of the person's text stays as it is, and planning again on
 * the result gives no edit. `text` is null for a file that does not exist yet; `file` names it in errors.
 *
 * Throws `invalid_file` for a text that is no such manifest and `conflict` for a key that names something else;
 * both carry `data: {path, line, column}`.
 */
export function planManifestEdit(text: string | null, sprite: ManifestSprite, file: string): ManifestPlan {
  const base = text ?? "";
  const document = parseRon(base);
  const edits = isBlank(document) ? [newManifest(base, sprite)] : editsOf(document, sprite, file);
  return { base: sha256(base), edits, text: applyEdits(base, edits) };
}

function newManifest(base: string, sprite: ManifestSprite): TextEdit {
  const newline = lineEnding(base);
  const lines = ["({", ...newEntries(sprite).map((entry) => `    ${entry},`), "})", ""].join(newline);
  if (base.trim() === "") return { start: 0, end: base.length, text: lines };
  const gap = base.endsWith(newline) ? "" : newline;
  return { start: base.length, end: base.length, text: gap + lines };
}

function editsOf(document: RonDocument, sprite: ManifestSprite, file: string): TextEdit[] {
  const fault = document.problems.find(({ severity }) => severity === "error");
  if (fault) throw manifestError("invalid_file", document, fault, file, fault.message);
  const map = rootMap(document);
  if (map === null) {
    const why = 'A manifest of bevy_asset_loader holds one map: `({ "player.image": Image(path: "…") })`';
    throw manifestError("invalid_file", document, document.root ?? { start: 0, end: 0 }, file, why);
  }
  const image = entryOf(document, map, sprite.key, file);
  const layout = sprite.layoutKey === null ? undefined : entryOf(document, map, sprite.layoutKey, file);
  const edits: TextEdit[] = [];
  const missing: string[] = [];
  if (image) edits.push(...imageEdits(document, image, sprite, file));
  else missing.push(imageEntry(sprite));
  if (layout) edits.push(...layoutEdits(document, layout, sprite, file));
  else if (sprite.layoutKey !== null) missing.push(layoutEntry(sprite.layoutKey, sprite));
  if (missing.length > 0) edits.push(...insertElements(document, map, missing, image ?? null));
  return edits.toSorted((a, b) => a.start - b.start);
}

/** The one element with this key. Two of them leave open which one the game reads. */
function entryOf(document: RonDocument, map: RonContainer, key: string, file: string): RonElement | undefined {
  const [first, second] = map.elements.filter((element) => keyOf(document, element) === key);
  if (second) throw manifestError("conflict", document, second, file, `The key "${key}" stands in it twice`);
  return first;
}

function imageEdits(document: RonDocument, element: RonElement, sprite: ManifestSprite, file: string): TextEdit[] {
  const { value } = element;
  const name = nameOf(document, value);
  // A `File` loads an image just as well; what the person chose stays.
  if (name !== "Image" && name !== "File") {
    const why = `The key "${sprite.key}" is ${name === null ? "no `Image`" : `a \`${name}\``}`;
    throw manifestError("conflict", document, element, file, why);
  }
  if (!hasFields(value)) return [{ ...spanOf(value), text: `${name}(${pathField(sprite)})` }];
  const path = elementOf(document, value, "path");
  if (!path) return [...insertElements(document, value, [pathField(sprite)])];
  if (stringValue(document, path.value) === sprite.path) return [];
  const content = stringContent(document, path.value);
  const isPlain = document.text.charAt(path.value.start) === '"';
  if (content && isPlain) return [{ ...spanOf(content), text: escapeRust(sprite.path) }];
  return [{ ...spanOf(path.value), text: quoted(sprite.path) }];
}

function layoutEdits(document: RonDocument, element: RonElement, sprite: ManifestSprite, file: string): TextEdit[] {
  const { value } = element;
  const name = nameOf(document, value);
  if (name !== "TextureAtlasLayout") {
    const why = `The key "${sprite.layoutKey ?? ""}" is ${name === null ? "no `TextureAtlasLayout`" : `a \`${name}\``}`;
    throw manifestError("conflict", document, element, file, why);
  }
  if (!hasFields(value)) return [{ ...spanOf(value), text: layoutValue(sprite) }];
  const edits: TextEdit[] = [];
  const missing: string[] = [];
  for (const [field, wanted] of Object.entries(layoutFields(sprite))) {
    const found = elementOf(document, value, field);
    if (!found) missing.push(`${field}: ${wanted}`);
    else if (numberValue(document, found.value) !== wanted)
      edits.push({ ...spanOf(found.value), text: String(wanted) });
  }
  // Sheets have no gaps: a padding or offset left from an older sheet would cut the cells wrongly.
  for (const field of ["padding_x", "padding_y", "offset_x", "offset_y"]) {
    const found = elementOf(document, value, field);
    if (found && numberValue(document, found.value) !== 0) edits.push({ ...spanOf(found.value), text: "0" });
  }
  if (missing.length > 0) edits.push(...insertElements(document, value, missing));
  return edits;
}

/** False for `Image` and `Image("…")`, which bevy_asset_loader does not read. */
function hasFields(value: RonValue): value is RonContainer {
  return isContainer(value) && (value.kind === "struct" || value.elements.length === 0);
}

function newEntries(sprite: ManifestSprite): string[] {
  const image = imageEntry(sprite);
  return sprite.layoutKey === null ? [image] : [image, layoutEntry(sprite.layoutKey, sprite)];
}

function imageEntry(sprite: ManifestSprite): string {
  return `${quoted(sprite.key)}: Image(${pathField(sprite)})`;
}

function layoutEntry(key: string, sprite: ManifestSprite): string {
  return `${quoted(key)}: ${layoutValue(sprite)}`;
}

function layoutValue(sprite: ManifestSprite): string {
  const fields = Object.entries(layoutFields(sprite)).map(([field, value]) => `${field}: ${value}`);
  return `TextureAtlasLayout(${fields.join(", ")})`;
}

function layoutFields({ cell, columns, rows }: ManifestSprite): Readonly<Record<string, number>> {
  return { tile_size_x: cell.width, tile_size_y: cell.height, columns, rows };
}

function pathField(sprite: ManifestSprite): string {
  return `path: ${quoted(sprite.path)}`;
}

function quoted(text: string): string {
  return `"${escapeRust(text)}"`;
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}

function manifestError(
  code: "invalid_file" | "conflict",
  document: RonDocument,
  span: Span,
  file: string,
  cause: string,
): PixelsError {
  const { line, column } = document.lines.position(span.start);
  return new PixelsError({
    code,
    message: `The manifest ${file}:${line}:${column} cannot list the sprite`,
    cause,
    remedy:
      code === "conflict"
        ? "Choose another `key=` for the sprite, or rename that entry."
        : "Correct the file, then try again.",
    data: { path: file, line, column },
  });
}
