import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PlaceInput, PlacingContext } from "../../server/bevy/context.ts";
import type { Disk } from "../../server/bevy/disk.ts";
import { decodeImage } from "../../server/codec/decode.ts";
import { encodePng } from "../../server/codec/encode.ts";
import { imageHash, sha256 } from "../../server/protocol/hashing.ts";
import type { SpriteArtifact } from "../../server/protocol/job.ts";
import type { Target } from "../../server/protocol/sprite-request.ts";

/** A Bevy project and a state folder, in a temporary folder of their own. */
export class TestProject {
  readonly root: string;
  readonly workspace: string;
  readonly backups: string;

  private constructor(root: string) {
    this.root = root;
    this.workspace = join(root, "game");
    this.backups = join(root, "state", "placements");
  }

  static async make(files: Readonly<Record<string, string | Uint8Array>> = {}, inFolder = tmpdir()) {
    const project = new TestProject(await mkdtemp(join(inFolder, "dgx-pixels-placing-")));
    await mkdir(join(project.workspace, "assets"), { recursive: true });
    for (const [path, content] of Object.entries(files)) await project.write(path, content);
    return project;
  }

  path(path: string): string {
    return join(this.workspace, path);
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), content);
  }

  read(path: string): Promise<Buffer> {
    return readFile(this.path(path));
  }

  text(path: string): Promise<string> {
    return readFile(this.path(path), "utf8");
  }

  /** Every file and folder of the workspace with its content, but for the project's own `.dgx-pixels`. */
  async tree(): Promise<Record<string, string>> {
    const tree = await treeOf(this.workspace);
    return Object.fromEntries(Object.entries(tree).filter(([path]) => !path.startsWith(".dgx-pixels")));
  }

  /** Files left in the staging folder. */
  staged(): Promise<string[]> {
    return readdir(this.path(".dgx-pixels/tmp")).catch(() => []);
  }

  context(changes: Partial<PlacingContext> = {}): PlacingContext {
    return {
      backups: this.backups,
      editors: { unsavedBy: () => null, apply: () => Promise.resolve("no-editor") },
      id: randomUUID(),
      now: 1_800_000_000_000,
      decode: (png) => decodeImage(png),
      ...changes,
    };
  }

  target(changes: Partial<Target> = {}): Target {
    return {
      workspace: this.workspace,
      crate: "",
      assetRoot: "assets",
      path: "sprites/dragon.png",
      manifest: { kind: "none" },
      metadata: "id",
      fps: null,
      ...changes,
    };
  }

  ron(key: string, layoutKey: string | null = null): Target["manifest"] {
    return { kind: "ron", file: "assets/game.assets.ron", key, layoutKey };
  }

  async input(target: Partial<Target> = {}, picture: Picture = {}, changes: Partial<PlaceInput> = {}) {
    const { png, sprite } = await spriteOf(picture);
    const input: PlaceInput = {
      png,
      sprite,
      target: this.target(target),
      replace: false,
      signal: new AbortController().signal,
      ...changes,
    };
    return input;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}

export interface Picture {
  readonly width?: number;
  readonly height?: number;
  /** Tells pictures apart. */
  readonly color?: number;
  readonly engine?: "comfyui" | "embedded" | "file";
  readonly columns?: number;
  readonly rows?: number;
}

export async function spriteOf(picture: Picture = {}): Promise<{ png: Uint8Array; sprite: SpriteArtifact }> {
  const { width = 8, height = 8, color = 1, engine = "comfyui", columns = 1, rows = 1 } = picture;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < data.length; at += 4) data.set([color & 255, color >> 8, at & 255, 255], at);
  const image = { width, height, data };
  const png = await encodePng(image);
  const sprite: SpriteArtifact = {
    seed: 7,
    sources: [sha256(`source ${color}`)],
    sprite: sha256(png),
    output: imageHash(image),
    width,
    height,
    cell: { width: width / columns, height: height / rows },
    columns,
    rows,
    palette: ["#ff0000"],
    confidence: null,
    warnings: [],
    engine: {
      kind: engine,
      name: engine,
      checkpoint: engine === "comfyui" ? "sdxl/pixel.safetensors" : null,
      ignored: [],
      notes: [],
    },
    request: engine === "file" ? null : sha256(`request ${color}`),
    pixels: sha256("pixels"),
  };
  return { png, sprite };
}

/** Contents by path; folders end with a slash and have none. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isDirectory()) tree[`${name}/`] = "";
    else tree[name] = (await readFile(path)).toString("latin1");
  }
  return Object.fromEntries(Object.entries(tree).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const mutating = [
  "write",
  "overwrite",
  "rename",
  "makeFolder",
  "syncFolder",
  "removeFile",
  "removeEmptyFolder",
  "removeTree",
] as const satisfies readonly (keyof Disk)[];
export type Mutation = (typeof mutating)[number];

export interface Watched {
  readonly disk: Disk;
  /** Every mutating call so far. */
  readonly calls: string[];
  /** Ends when no call is under way. */
  settled(): Promise<void>;
}

/** A disk that asks before each mutating call, counted from 1. */
export function watchedDisk(
  base: Disk,
  around: (call: number, name: Mutation, run: () => Promise<unknown>, args: readonly unknown[]) => Promise<unknown>,
  beforeRead: () => void = () => {},
): Watched {
  const calls: string[] = [];
  const underWay = new Set<Promise<unknown>>();
  const track = <T>(promise: Promise<T>): Promise<T> => {
    underWay.add(promise);
    void promise.catch(() => {}).finally(() => underWay.delete(promise));
    return promise;
  };
  const disk = new Proxy(base, {
    get(real, name: keyof Disk) {
      const call = (...args: unknown[]): Promise<unknown> => Reflect.apply(real[name], real, args);
      const mutation = mutating.find((candidate) => candidate === name);
      return (...args: unknown[]) => {
        if (mutation === undefined) {
          beforeRead();
          return call(...args);
        }
        calls.push(`${name} ${String(args[0])}`);
        return track(around(calls.length, mutation, () => call(...args), args));
      };
    },
  });
  return {
    disk,
    calls,
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

/** The machine stops at the n-th mutating call: before it, after it, or with half of a file's bytes written. */
export function crashingDisk(base: Disk, at: number, when: "before" | "during" | "after"): Watched {
  let isDown = false;
  const down = () => {
    isDown = true;
    return new Error("the machine is down");
  };
  const check = () => {
    if (isDown) throw new Error("the machine is down");
  };
  return watchedDisk(
    base,
    async (call, name, run, args) => {
      check();
      if (call !== at) return run();
      if (when === "before") throw down();
      const [path, bytes, mode] = args;
      const error = down();
      if (when === "during" && (name === "write" || name === "overwrite") && bytes instanceof Uint8Array) {
        const half = bytes.subarray(0, bytes.length >> 1);
        if (name === "write") await base.write(String(path), half, typeof mode === "number" ? mode : null);
        else {
          const now = (await base.read(String(path))) ?? new Uint8Array();
          await base.overwrite(String(path), Buffer.concat([half, now.subarray(half.length)]));
        }
      } else {
        await run();
      }
      throw error;
    },
    check,
  );
}
