import type { Directive } from "./directive.ts";
import type { Problem, Span } from "./problem.ts";

/** How an asset is named. */
export type ReferenceKind =
  /** A path given to the asset server: `load("…")` and its relatives, `AssetPath::from("…")`. */
  | "load"
  | "load_folder"
  /** `embedded_asset!`, `load_embedded_asset!`: compiled into the program, relative to the source file. */
  | "embedded"
  /** `#[asset(path = "…")]` or one of `paths("…", …)` of bevy_asset_loader. */
  | "attribute"
  /** `#[asset(key = "…")]`: a key of a manifest. */
  | "key"
  /** `with_dynamic_assets_file("…")`: a manifest. */
  | "manifest"
  /** A constant or static string that ends like an image. */
  | "constant"
  /** A string in `bsn!`. */
  | "bsn"
  /** An image path in a RON file. */
  | "ron";

/** A place in a source file that names an asset. The span is the string's content, without quotes. */
export interface AssetReference extends Span {
  readonly kind: ReferenceKind;
  /** Path in its asset source, label removed; null for a key, and where the path is only known when the game runs. */
  readonly path: string | null;
  /** Asset source before `://`, null for the default one. */
  readonly source: string | null;
  /** Label after `#`, null when there is none. */
  readonly label: string | null;
  /** Manifest key: of `#[asset(key)]`, or of the entry that encloses a path in a RON manifest. */
  readonly key: string | null;
  /** Whether a sprite can be made for it: an image by its extension, or a key that has no other kind. */
  readonly image: boolean;
  /** Built at run time (`format!`, a variable), so that no path can be known. */
  readonly dynamic: boolean;
}

/** A directive with the reference it is for, null when `path=` or `key=` names the target or none was found. */
export interface BoundDirective {
  readonly directive: Directive;
  readonly reference: AssetReference | null;
}

/** What one Rust or RON file says, by UTF-16 offsets into its text. */
export interface SourceFile {
  readonly directives: readonly BoundDirective[];
  readonly references: readonly AssetReference[];
  /** Everything wrong, the directives' own problems too, in the order of the text. */
  readonly problems: readonly Problem[];
}
