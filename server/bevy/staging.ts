import { basename, dirname, join } from "node:path";
import { allEnded, type Disk, isAcrossFileSystems, makeFolders } from "./disk.ts";
import type { Change } from "./journal.ts";
import type { Places } from "./places.ts";

type Installed = Pick<Change, "role" | "realPath" | "mode" | "inPlace">;

/**
 * Whole files of one placement on their way into the workspace. They wait outside the asset root, since a running
 * Bevy reloads a file exactly once when it is renamed into the watched tree from outside.
 */
export class Staging {
  private readonly disk: Disk;
  private readonly own: string;
  private readonly folder: string;
  private readonly id: string;

  constructor(disk: Disk, places: Pick<Places, "own" | "staging">, id: string) {
    this.disk = disk;
    this.own = places.own.realPath;
    this.folder = places.staging.realPath;
    this.id = id;
  }

  /** Writes the files' new bytes beside each other and waits until they are on the disk. */
  async stage(files: readonly { readonly change: Installed; readonly bytes: Uint8Array }[]): Promise<void> {
    if (files.length === 0) return;
    const made = await makeFolders(this.disk, this.folder);
    if (made.length > 0) {
      const ignore = join(this.own, ".gitignore");
      if ((await this.disk.read(ignore)) === null) await this.disk.write(ignore, Buffer.from("*\n"), null);
    }
    await allEnded(files.map(({ change, bytes }) => this.disk.write(this.pathOf(change), bytes, change.mode)));
  }

  /** Puts a staged file where it belongs. */
  async install(change: Installed): Promise<void> {
    const staged = this.pathOf(change);
    if (change.inPlace) {
      await this.disk.overwrite(change.realPath, await this.staged(staged));
      return;
    }
    try {
      await this.disk.rename(staged, change.realPath);
    } catch (error) {
      if (!isAcrossFileSystems(error)) throw error;
      // A dot-file renamed at once after its close is the nearest to a rename from outside.
      const beside = this.besideOf(change);
      await this.disk.write(beside, await this.staged(staged), change.mode);
      await this.disk.rename(beside, change.realPath);
    }
  }

  /** Removes what a run of this placement may have left. */
  async clear(changes: readonly Installed[]): Promise<void> {
    const names = (await this.disk.list(this.folder)).filter((name) => name.startsWith(this.id));
    await allEnded([
      ...names.map((name) => this.disk.removeFile(join(this.folder, name))),
      ...changes.map((change) => this.disk.removeFile(this.besideOf(change))),
    ]);
  }

  private async staged(path: string): Promise<Uint8Array> {
    const bytes = await this.disk.read(path);
    if (bytes === null) throw Object.assign(new Error(`${path} is gone`), { code: "ENOENT" });
    return bytes;
  }

  private pathOf(change: Installed): string {
    return join(this.folder, `${this.id}-${change.role}`);
  }

  private besideOf(change: Installed): string {
    return join(dirname(change.realPath), `.${basename(change.realPath)}.${this.id}`);
  }
}
