import type { Files } from "../files.ts";
import type { RgbaImage } from "../../../sprite/image.ts";
import type { SpriteGenerator } from "../generator.ts";
import type { Graph } from "../graph.ts";
import type { ModelFolders } from "../models.ts";
import type { ValueType, ValueTypes } from "../values.ts";

/** `[type, options]` as `/object_info` gives it; a list in place of the type is a combo of its values. */
export type InputSpec = readonly [type: string | readonly string[], options?: Readonly<Record<string, unknown>>];

export interface InputSpecs {
  readonly required: Readonly<Record<string, InputSpec>>;
  readonly optional?: Readonly<Record<string, InputSpec>>;
}

/** What combos list: they change while the server runs. */
export interface Catalog {
  readonly models: ModelFolders;
  readonly files: Files;
}

/** The grid that a prompt's `extra_pnginfo["dgx-pixels"]` asks for. */
export interface SpriteGrid {
  readonly cell: { readonly width: number; readonly height: number } | null;
  readonly frames: number;
  readonly directions: 1 | 4 | 8;
  readonly tile: boolean;
}

/** What a node may use while it runs. */
export interface RunContext {
  readonly nodeId: string;
  readonly files: Files;
  readonly generator: SpriteGenerator;
  readonly grid: SpriteGrid;
  readonly graph: Graph;
  readonly pngInfo: Readonly<Record<string, unknown>>;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Reports one step of `max`, and waits where a delay is declared. */
  readonly onStep: (step: number, max: number, preview: (() => RgbaImage) | null) => Promise<void>;
}

/** What a node gives: one value an output, and for output nodes what history and `executed` show. */
export interface NodeResult {
  readonly outputs: readonly unknown[];
  readonly ui?: Readonly<Record<string, unknown>>;
}

export interface NodeClass {
  readonly displayName: string;
  readonly category: string;
  readonly inputs: (catalog: Catalog) => InputSpecs;
  readonly outputs: readonly ValueType[];
  readonly outputNode?: true;
  /** True where the drawing depends on the wanted grid too, so that a cached output of another grid is not taken. */
  readonly usesGrid?: true;
  /** Why a literal input is refused, else null: ComfyUI's VALIDATE_INPUTS. */
  readonly check?: (
    inputs: Readonly<Record<string, unknown>>,
    catalog: Catalog,
  ) => { input: string; reason: string } | null;
  /** Changes when the node must run again although its inputs are equal: ComfyUI's IS_CHANGED. */
  readonly fingerprint?: (inputs: Readonly<Record<string, unknown>>, catalog: Catalog) => string;
  readonly run: (inputs: NodeInputs, context: RunContext) => NodeResult | Promise<NodeResult>;
}

/** A node's inputs with links resolved. Validation has checked them, so a wrong type here is a fault of ours. */
export class NodeInputs {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /** The value of a link of type `type`. */
  link<T extends ValueType>(name: string, _type: T): ValueTypes[T] {
    if (!this.#values.has(name)) throw new TypeError(`Input ${name} is missing`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- validation compared the types of both ends
    return this.#values.get(name) as ValueTypes[T];
  }

  optionalLink<T extends ValueType>(name: string, type: T): ValueTypes[T] | null {
    return this.#values.has(name) ? this.link(name, type) : null;
  }

  number(name: string): number {
    const value = this.#values.get(name);
    if (typeof value !== "number") throw new TypeError(`Input ${name} is not a number`);
    return value;
  }

  text(name: string): string {
    const value = this.#values.get(name);
    if (typeof value !== "string") throw new TypeError(`Input ${name} is not a text`);
    return value;
  }
}
