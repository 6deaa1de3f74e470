import { createHash } from "node:crypto";

export const fileTypes = ["input", "output", "temp"] as const;
export type FileType = (typeof fileTypes)[number];

/** Where ComfyUI keeps a picture; the fields of `/view` and of a node's `images`. */
export interface FileName {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: FileType;
}

/** Bytes of files kept at once; the oldest outputs go first. */
const maxBytes = 256 << 20;

/** ComfyUI's input, output and temp folders, in memory: an embedded engine leaves nothing on disk. */
export class Files {
  readonly #files = new Map<string, Uint8Array>();
  /** The last number given to each prefix, so that a long run does not count from 1 each time. */
  readonly #counts = new Map<string, number>();
  #bytes = 0;

  read(name: FileName): Uint8Array | null {
    return this.#files.get(keyOf(name)) ?? null;
  }

  write(name: FileName, bytes: Uint8Array): void {
    this.#remove(keyOf(name));
    this.#files.set(keyOf(name), bytes);
    this.#bytes += bytes.byteLength;
    for (const key of this.#files.keys()) {
      if (this.#bytes <= maxBytes || key === keyOf(name)) break;
      this.#remove(key);
    }
  }

  /** Keeps an upload under its name, or under the first free `name (1).png`; equal content keeps one file. */
  upload(name: FileName, bytes: Uint8Array, overwrite: boolean): FileName {
    const dot = name.filename.lastIndexOf(".");
    const [stem, extension] = dot > 0 ? [name.filename.slice(0, dot), name.filename.slice(dot)] : [name.filename, ""];
    const isFree = (candidate: FileName): boolean => {
      const there = this.read(candidate);
      return overwrite || there === null || Buffer.compare(there, bytes) === 0;
    };
    let free = name;
    for (let count = 1; !isFree(free); count += 1) free = { ...name, filename: `${stem} (${count})${extension}` };
    this.write(free, bytes);
    return free;
  }

  /** The names in one folder, as the combos of LoadImage list them. */
  list(type: FileType): string[] {
    const prefix = `${type}/`;
    return [...this.#files.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length + 1));
  }

  /** The next free `prefix_00001_.png` of a folder. */
  nextOutput(prefix: string, subfolder: string, type: FileType): FileName {
    const series = keyOf({ filename: prefix, subfolder, type });
    for (let count = (this.#counts.get(series) ?? 0) + 1; ; count += 1) {
      const name = { filename: `${prefix}_${String(count).padStart(5, "0")}_.png`, subfolder, type };
      if (this.#files.has(keyOf(name))) continue;
      this.#counts.set(series, count);
      return name;
    }
  }

  hash(name: FileName): string | null {
    const bytes = this.read(name);
    return bytes === null ? null : createHash("sha256").update(bytes).digest("hex");
  }

  /** What a restart of ComfyUI does: temp is emptied, input and output stay. */
  forgetTemp(): void {
    for (const key of this.#files.keys()) if (key.startsWith("temp/")) this.#remove(key);
  }

  #remove(key: string): void {
    this.#bytes -= this.#files.get(key)?.byteLength ?? 0;
    this.#files.delete(key);
  }
}

/** `name [temp]` names a file of another folder, as LoadImage takes it. */
export function annotatedName(text: string): FileName {
  const match = /^(.*?)(?: ?\[(input|output|temp)\])?$/s.exec(text);
  const path = match?.[1] ?? text;
  const slash = path.lastIndexOf("/");
  return {
    filename: path.slice(slash + 1),
    subfolder: slash < 0 ? "" : path.slice(0, slash),
    type: fileTypes.find((type) => type === match?.[2]) ?? "input",
  };
}

/** A folder or file name that stays inside its folder. */
export function staysInside(path: string): boolean {
  return !path.startsWith("/") && !path.includes("\\") && !path.includes("\0") && !path.split("/").includes("..");
}

function keyOf({ filename, subfolder, type }: FileName): string {
  return [type, subfolder, filename].filter((part) => part !== "").join("/");
}
