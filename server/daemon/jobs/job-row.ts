import type { SQLOutputValue } from "node:sqlite";
import { jobSchema, jobStateSchema, priorityNames } from "../../protocol/job.ts";
import type { JobRecord } from "./record.ts";
import type { Row } from "./sql.ts";

/** A row of the table `jobs`. */
export function toRecord(row: Row): JobRecord {
  return {
    seq: Number(row["seq"]),
    id: String(row["id"]),
    group: String(row["group_id"]),
    kind: jobSchema.shape.kind.parse(row["kind"]),
    title: String(row["title"]),
    state: jobStateSchema.parse(row["state"]),
    priority: priorityNames[Number(row["priority"])] ?? "normal",
    client: String(row["client"]),
    workspace: text(row["workspace"]),
    target: json(row["target"]),
    input: json(row["input"]),
    dependsOn: json(row["depends_on"]) ?? [],
    attempts: Number(row["attempts"]),
    interruptions: Number(row["interruptions"]),
    paused: row["paused"] === 1,
    createdAt: Number(row["created_at"]),
    startedAt: number(row["started_at"]),
    endedAt: number(row["ended_at"]),
    deadlineAt: number(row["deadline_at"]),
    seed: number(row["seed"]),
    engine: text(row["engine"]),
    checkpoint: json(row["checkpoint"]),
    cancelling: row["cancelling"] === 1,
    result: json(row["result"]),
    error: json(row["error"]),
  };
}

function text(value: SQLOutputValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function number(value: SQLOutputValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}

/** Only this file writes these columns, so that they are trusted as they come. */
export function json(value: SQLOutputValue | undefined) {
  return typeof value === "string" ? JSON.parse(value) : null;
}
