import { join } from "node:path";
import { z } from "zod";
import { PixelsError } from "../protocol/errors.ts";
import { textEditSchema } from "../protocol/events.ts";
import { sha256 } from "../protocol/hashing.ts";
import { placementSchema } from "../protocol/job.ts";
import { hash, targetSchema } from "../protocol/sprite-request.ts";
import { type Disk, makeFolders } from "./disk.ts";
import { withPaths } from "./path-mutex.ts";

/** One file a placement changes. Its bytes from before lie in the journal's folder, named by their hash. */
export const changeSchema = z.strictObject({
  role: z.enum(["meta", "sprite", "manifest", "sprites-json", "lock"]),
  /** The file as the person knows it, and with its symbolic links followed. */
  path: z.string(),
  realPath: z.string(),
  /** SHA-256 of the bytes; null where there was no file. */
  before: hash.nullable(),
  after: hash,
  /** Permission bits to keep. */
  mode: z.int().nullable(),
  /** Written over instead of renamed, for a Bevy that reloads nothing else. */
  inPlace: z.boolean(),
  /** The spans that were changed, of a text. */
  edits: z.array(textEditSchema).nullable(),
});

/**
 * What a placement is about to do, on the disk before it does it.
 * `writing` may stand for anything between nothing and all of it; the files themselves tell.
 */
export const journalSchema = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  at: z.number(),
  target: targetSchema,
  state: z.enum(["writing", "placed", "undoing", "undone"]),
  /** Folders the placement made, the outermost first. */
  folders: z.array(z.string()),
  changes: z.array(changeSchema),
  placement: placementSchema.nullable(),
  /** What an undo did. */
  undo: z.strictObject({ restored: z.array(z.string()), removed: z.array(z.string()) }).nullable(),
});

export type Change = z.infer<typeof changeSchema>;
export type JournalRecord = z.infer<typeof journalSchema>;

/** Placements of one workspace that stay undoable. */
const keptPlacements = 200;

/** One placement's journal: `<backups>/<workspace>/<number>-<id>/journal.json` and the copies beside it. */
export class Journal {
  readonly folder: string;
  readonly disk: Disk;
  record: JournalRecord;

  constructor(disk: Disk, folder: string, record: JournalRecord) {
    this.disk = disk;
    this.folder = folder;
    this.record = record;
  }

  /** Puts a changed record on the disk; it is there as a whole or not at all. */
  async save(changed: Partial<JournalRecord>): Promise<void> {
    const record = { ...this.record, ...changed };
    await makeFolders(this.disk, this.folder);
    const file = join(this.folder, journalFile);
    await this.disk.write(`${file}.new`, Buffer.from(JSON.stringify(record)), 0o600);
    await this.disk.rename(`${file}.new`, file);
    await this.disk.syncFolder(this.folder);
    this.record = record;
  }

  /** Keeps a copy of bytes that are about to be replaced. */
  async keep(bytes: Uint8Array): Promise<void> {
    await makeFolders(this.disk, this.folder);
    await this.disk.write(join(this.folder, sha256(bytes)), bytes, 0o600);
  }

  /** The copy with this hash. Throws `storage_failed` when it is gone or damaged. */
  async kept(contentHash: string): Promise<Uint8Array> {
    const path = join(this.folder, contentHash);
    const bytes = await this.disk.read(path);
    if (bytes !== null && sha256(bytes) === contentHash) return bytes;
    throw new PixelsError({
      code: "storage_failed",
      message: "The copy of what this placement replaced cannot be used",
      cause: bytes === null ? `${path} is gone.` : `${path} was changed.`,
      remedy: "Restore the file from your version control.",
    });
  }

  async remove(): Promise<void> {
    await this.disk.removeTree(this.folder);
  }
}

const journalFile = "journal.json";

function workspaceFolder(backups: string, workspace: string): string {
  return join(backups, sha256(workspace).slice(0, 16));
}

/** Folders of a workspace's placements, the oldest first. */
async function placementFolders(disk: Disk, folder: string): Promise<string[]> {
  return (await disk.list(folder)).filter((name) => /^\d{10}-/.test(name)).toSorted();
}

/** Reads a journal; null where none was written, or one that cannot be read. */
async function readJournal(disk: Disk, folder: string): Promise<Journal | null> {
  const bytes = await disk.read(join(folder, journalFile));
  if (bytes === null) return null;
  try {
    return new Journal(disk, folder, journalSchema.parse(JSON.parse(Buffer.from(bytes).toString())));
  } catch {
    return null;
  }
}

/** The journal of a placement, or null when there is none. */
export async function findJournal(disk: Disk, backups: string, id: string): Promise<Journal | null> {
  for (const workspace of await disk.list(backups)) {
    const folder = join(backups, workspace);
    const name = (await disk.list(folder)).find((entry) => entry.endsWith(`-${id}`));
    const journal = name === undefined ? null : await readJournal(disk, join(folder, name));
    if (journal !== null) return journal;
  }
  return null;
}

/**
 * Opens the journal of a placement: the one an earlier run left, else a new one, not yet on the disk.
 * The oldest journals beyond the last {@link keptPlacements} of the workspace are removed.
 */
export async function openJournal(
  disk: Disk,
  backups: string,
  start: Pick<JournalRecord, "id" | "at" | "target">,
): Promise<Journal> {
  const parent = workspaceFolder(backups, start.target.workspace);
  // Numbers order placements, so that a clock that jumps back does not.
  return withPaths([parent], async () => {
    const names = await placementFolders(disk, parent);
    for (const name of names.slice(0, -keptPlacements)) await disk.removeTree(join(parent, name));
    const record: JournalRecord = {
      version: 1,
      ...start,
      state: "writing",
      folders: [],
      changes: [],
      placement: null,
      undo: null,
    };
    const own = names.find((name) => name.endsWith(`-${start.id}`));
    if (own !== undefined) {
      const folder = join(parent, own);
      return (await readJournal(disk, folder)) ?? new Journal(disk, folder, record);
    }
    const number = Number(names.at(-1)?.slice(0, 10) ?? 0) + 1;
    const folder = join(parent, `${String(number).padStart(10, "0")}-${start.id}`);
    await makeFolders(disk, folder);
    return new Journal(disk, folder, record);
  });
}

/** Journals of a workspace, the latest first. */
export async function* journalsOf(disk: Disk, backups: string, workspace: string): AsyncGenerator<Journal> {
  const parent = workspaceFolder(backups, workspace);
  for (const name of (await placementFolders(disk, parent)).toReversed()) {
    const journal = await readJournal(disk, join(parent, name));
    if (journal !== null) yield journal;
  }
}
