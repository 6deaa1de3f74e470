import type { DatabaseSync } from "node:sqlite";
import type { ErrorInfo } from "../../protocol/errors.ts";
import { type JobResult, type JobState, jobStateSchema, type Priority, priorityNames } from "../../protocol/job.ts";
import type { Submitted } from "../../protocol/requests.ts";
import { json, toRecord } from "./job-row.ts";
import type { Checkpoint, JobRecord, NewJob } from "./record.ts";
import { Sql } from "./sql.ts";

/** Ended jobs that are remembered; older ones leave the history. */
const historyLength = 20_000;

/** Submissions whose key is remembered: a client repeats a request within seconds, never after so many others. */
const rememberedSubmissions = 10_000;

export interface Page {
  readonly records: JobRecord[];
  /** Cursor of the next page, null on the last. */
  readonly next: string | null;
}

/** Everything the daemon must remember. Each method is one statement or one transaction. */
export class JobStore {
  readonly #sql: Sql;
  #endings: number;
  #ended: number;

  constructor(db: DatabaseSync) {
    this.#sql = new Sql(db);
    this.#endings = Number(this.#sql.row("SELECT coalesce(max(ended_seq), 0) AS n FROM jobs")?.["n"]);
    this.#ended = Number(this.#sql.row("SELECT count(*) AS n FROM jobs WHERE ended_seq IS NOT NULL")?.["n"]);
  }

  /** Jobs in the history. */
  get ended(): number {
    return this.#ended;
  }

  /** All or nothing; calls within calls join the outer one. */
  transaction<T>(work: () => T): T {
    return this.#sql.transaction(work);
  }

  insert(jobs: readonly NewJob[]): void {
    this.transaction(() => {
      for (const job of jobs) {
        this.#sql.run(
          `INSERT INTO jobs (id, group_id, kind, title, state, priority, client, workspace, target, input, depends_on,
             created_at, deadline_at, seed, join_key) VALUES (?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          job.id,
          job.group,
          job.kind,
          job.title,
          priorityNames.indexOf(job.priority),
          job.client,
          job.workspace,
          job.target && JSON.stringify(job.target),
          JSON.stringify(job.input),
          JSON.stringify(job.dependsOn),
          Math.round(job.createdAt),
          job.deadlineAt === null ? null : Math.round(job.deadlineAt),
          job.seed,
          job.joinKey,
        );
      }
    });
  }

  get(id: string): JobRecord | null {
    const row = this.#sql.row("SELECT * FROM jobs WHERE id = ?", id);
    return row ? toRecord(row) : null;
  }

  /** The live job with this join key, else null. */
  findJoinable(joinKey: string): JobRecord | null {
    const row = this.#sql.row("SELECT * FROM jobs WHERE join_key = ? AND ended_seq IS NULL LIMIT 1", joinKey);
    return row ? toRecord(row) : null;
  }

  /** Every job that has not ended, in the order of submission. */
  *live(): Generator<JobRecord> {
    const rows = this.#sql.iterate("SELECT * FROM jobs WHERE state IN ('waiting', 'running') ORDER BY seq");
    for (const row of rows) yield toRecord(row);
  }

  group(group: string): JobRecord[] {
    return this.#sql.rows("SELECT * FROM jobs WHERE group_id = ? ORDER BY seq", group).map(toRecord);
  }

  /** Newest first. `cursor` is the `next` of the page before. */
  list(filter: {
    states: readonly JobState[] | null;
    workspace: string | null;
    limit: number;
    cursor: string | null;
  }): Page {
    const before = filter.cursor === null ? Number.MAX_SAFE_INTEGER : Number(filter.cursor);
    const pages = (filter.states ?? jobStateSchema.options).map((state) =>
      filter.workspace === null
        ? this.#sql.rows(
            "SELECT * FROM jobs WHERE state = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            state,
            before,
            filter.limit + 1,
          )
        : this.#sql.rows(
            "SELECT * FROM jobs WHERE workspace = ? AND state = ? AND seq < ? ORDER BY seq DESC LIMIT ?",
            filter.workspace,
            state,
            before,
            filter.limit + 1,
          ),
    );
    // One page of each state, then merged: each is an index walk, whatever the history's length.
    const rows = pages.flat().toSorted((a, b) => Number(b["seq"]) - Number(a["seq"]));
    const records = rows.slice(0, filter.limit).map(toRecord);
    const last = records.at(-1);
    return { records, next: rows.length > filter.limit && last ? String(last.seq) : null };
  }

  /** The jobs that ended last, latest first. */
  latestEnded(limit: number): JobRecord[] {
    return this.#sql
      .rows("SELECT * FROM jobs WHERE ended_seq IS NOT NULL ORDER BY ended_seq DESC LIMIT ?", Math.max(0, limit))
      .map(toRecord);
  }

  /** `fresh` counts an attempt; going on from a checkpoint does not. */
  start(id: string, now: number, fresh: boolean): void {
    this.#sql.run(
      `UPDATE jobs SET state = 'running', attempts = attempts + ?, started_at = coalesce(started_at, max(?, created_at))
       WHERE id = ? AND state = 'waiting'`,
      fresh ? 1 : 0,
      Math.round(now),
      id,
    );
  }

  /** A running job waits again: its engine was lost, or this daemon stops. */
  requeue(id: string, checkpoint: Checkpoint | null): void {
    this.#sql.run(
      "UPDATE jobs SET state = 'waiting', checkpoint = ? WHERE id = ? AND state = 'running'",
      checkpoint && JSON.stringify(checkpoint),
      id,
    );
  }

  /** Nothing is written for a job that has ended. */
  setCheckpoint(id: string, checkpoint: Checkpoint): void {
    this.transaction(() => {
      const engine = checkpoint.step === "prompt" ? checkpoint.engine : null;
      const { changes } = this.#sql.run(
        "UPDATE jobs SET checkpoint = ?, engine = coalesce(?, engine) WHERE id = ? AND ended_seq IS NULL",
        JSON.stringify(checkpoint),
        engine,
        id,
      );
      if (changes === 0) return;
      if (checkpoint.step === "prompt") {
        this.#sql.run(
          "INSERT OR REPLACE INTO prompts (id, engine, job) VALUES (?, ?, ?)",
          checkpoint.promptId,
          checkpoint.engine,
          id,
        );
      } else this.#sql.run("DELETE FROM prompts WHERE job = ?", id);
    });
  }

  setCancelling(id: string): void {
    this.#sql.run("UPDATE jobs SET cancelling = 1 WHERE id = ? AND ended_seq IS NULL", id);
  }

  setPaused(id: string, paused: boolean): void {
    this.#sql.run("UPDATE jobs SET paused = ? WHERE id = ? AND ended_seq IS NULL", paused ? 1 : 0, id);
  }

  setPriority(id: string, priority: Priority): void {
    this.#sql.run(
      "UPDATE jobs SET priority = ? WHERE id = ? AND ended_seq IS NULL",
      priorityNames.indexOf(priority),
      id,
    );
  }

  /** Ends a live job. False when it had ended before: an end is final. */
  finish(
    id: string,
    end: { state: "succeeded" | "failed" | "cancelled"; result?: JobResult; error?: ErrorInfo },
    now: number,
  ): boolean {
    return this.transaction(() => {
      const { changes } = this.#sql.run(
        `UPDATE jobs SET state = ?, result = ?, error = ?, ended_seq = ?, cancelling = 0,
           ended_at = max(?, coalesce(started_at, created_at)) WHERE id = ? AND ended_seq IS NULL`,
        end.state,
        end.result ? JSON.stringify(end.result) : null,
        end.error ? JSON.stringify(end.error) : null,
        this.#endings + 1,
        Math.round(now),
        id,
      );
      if (changes === 0) return false;
      this.#endings++;
      this.#ended++;
      this.#sql.run("DELETE FROM job_owners WHERE job = ?", id);
      if (this.#ended > historyLength * 1.1) this.#forgetOldest();
      return true;
    });
  }

  /** Makes a job that failed or was cancelled wait again, keeping the images it had made. */
  revive(id: string): void {
    this.transaction(() => {
      const { changes } = this.#sql.run(
        `UPDATE jobs SET state = 'waiting', error = NULL, ended_at = NULL, ended_seq = NULL, deadline_at = NULL,
           started_at = NULL, paused = 0, interruptions = 0,
           attempts = attempts + (checkpoint ->> 'step' IS 'images'),
           checkpoint = CASE WHEN checkpoint ->> 'step' = 'images' THEN checkpoint END
         WHERE id = ? AND state IN ('failed', 'cancelled')`,
        id,
      );
      this.#ended -= Number(changes);
    });
  }

  /**
   * Makes what ran when the last daemon ended wait again.
   * Unless that daemon said goodbye, each of them counts one interruption.
   */
  recover(): void {
    this.transaction(() => {
      const clean = this.setting("clean-stop") === "1" ? 0 : 1;
      this.#sql.run(
        "UPDATE jobs SET state = 'waiting', interruptions = interruptions + ? WHERE state = 'running'",
        clean,
      );
      this.setSetting("clean-stop", "0");
    });
  }

  reply(key: string): Submitted | null {
    const row = this.#sql.row("SELECT reply FROM submissions WHERE key = ?", key);
    return row ? json(row["reply"]) : null;
  }

  saveReply(key: string, reply: Submitted): void {
    const { lastInsertRowid } = this.#sql.run(
      "INSERT INTO submissions (key, reply) VALUES (?, ?)",
      key,
      JSON.stringify(reply),
    );
    this.#sql.run("DELETE FROM submissions WHERE seq <= ?", Number(lastInsertRowid) - rememberedSubmissions);
  }

  owners(job: string): string[] {
    return this.#sql.rows("SELECT client FROM job_owners WHERE job = ?", job).map((row) => String(row["client"]));
  }

  addOwner(job: string, client: string): void {
    this.#sql.run("INSERT OR IGNORE INTO job_owners (job, client) VALUES (?, ?)", job, client);
  }

  /** The job stays, whoever vanishes. */
  keep(job: string): void {
    this.#sql.run("DELETE FROM job_owners WHERE job = ?", job);
  }

  /** Clients that jobs depend upon. */
  owningClients(): string[] {
    return this.#sql.rows("SELECT DISTINCT client FROM job_owners").map((row) => String(row["client"]));
  }

  /** Takes the client's name off its jobs; gives those that nobody wants any more. */
  disown(client: string): string[] {
    return this.transaction(() => {
      const jobs = this.#sql
        .rows("SELECT job FROM job_owners WHERE client = ?", client)
        .map((row) => String(row["job"]));
      this.#sql.run("DELETE FROM job_owners WHERE client = ?", client);
      return jobs.filter((job) => this.owners(job).length === 0);
    });
  }

  /** Prompts on this engine that no live job waits for. */
  strayPrompts(engine: string): string[] {
    return this.#sql
      .rows(
        `SELECT prompts.id AS id FROM prompts LEFT JOIN jobs ON jobs.id = prompts.job
       WHERE prompts.engine = ?
         AND (jobs.id IS NULL OR jobs.ended_seq IS NOT NULL OR jobs.checkpoint ->> 'promptId' IS NOT prompts.id)`,
        engine,
      )
      .map((row) => String(row["id"]));
  }

  forgetPrompt(id: string): void {
    this.#sql.run("DELETE FROM prompts WHERE id = ?", id);
  }

  forgetPromptsOf(job: string): void {
    this.#sql.run("DELETE FROM prompts WHERE job = ?", job);
  }

  /** Remembers that a lock file names these artifacts. */
  sawLocked(hashes: Iterable<string>, now: number): void {
    this.transaction(() => {
      for (const hash of hashes) {
        this.#sql.run(
          "INSERT INTO locked_hashes (hash, seen_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET seen_at = excluded.seen_at",
          hash,
          Math.round(now),
        );
      }
    });
  }

  /** Forgets what was last seen before `since`, and gives the rest. */
  lockedSince(since: number): Set<string> {
    this.#sql.run("DELETE FROM locked_hashes WHERE seen_at < ?", Math.round(since));
    return new Set(this.#sql.rows("SELECT hash FROM locked_hashes").map((row) => String(row["hash"])));
  }

  /** Every hash that a job still to be done names. */
  hashesInUse(): Set<string> {
    const rows = this.#sql.iterate("SELECT input, checkpoint FROM jobs WHERE state IN ('waiting', 'running')");
    const hashes = new Set<string>();
    for (const row of rows) {
      for (const [hash] of `${String(row["input"])} ${String(row["checkpoint"])}`.matchAll(/\b[0-9a-f]{64}\b/g)) {
        hashes.add(hash);
      }
    }
    // A job that waits to be placed needs the sprite of the job it depends on.
    const made = this.#sql.iterate(`SELECT made.result AS result FROM jobs, json_each(jobs.depends_on) AS dependency
       JOIN jobs AS made ON made.id = dependency.value
       WHERE jobs.state IN ('waiting', 'running') AND made.result IS NOT NULL`);
    for (const row of made) {
      for (const [hash] of String(row["result"]).matchAll(/\b[0-9a-f]{64}\b/g)) hashes.add(hash);
    }
    return hashes;
  }

  setting(name: string): string | null {
    const row = this.#sql.row("SELECT value FROM settings WHERE name = ?", name);
    return row ? String(row["value"]) : null;
  }

  setSetting(name: string, value: string): void {
    this.#sql.run(
      "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      name,
      value,
    );
  }

  /** Says goodbye, so that what was left running does not count as an interruption. */
  close(): void {
    this.setSetting("clean-stop", "1");
    this.#sql.close();
  }

  #forgetOldest(): void {
    const { changes } = this.#sql.run(
      `DELETE FROM jobs WHERE ended_seq <=
         (SELECT ended_seq FROM jobs WHERE ended_seq IS NOT NULL ORDER BY ended_seq DESC LIMIT 1 OFFSET ?)
       AND group_id NOT IN (SELECT group_id FROM jobs WHERE state IN ('waiting', 'running'))`,
      historyLength,
    );
    this.#ended -= Number(changes);
  }
}
