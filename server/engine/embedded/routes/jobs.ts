import { get, post, type Host } from "./route.ts";
import { json } from "../reply.ts";
import type { HistoryEntry } from "../history.ts";
import type { QueuedPrompt } from "../queue.ts";

const statuses = ["pending", "in_progress", "completed", "failed", "cancelled"] as const;
type Status = (typeof statuses)[number];

function statusOf({ succeeded, messages }: HistoryEntry): Status {
  if (succeeded) return "completed";
  return messages.some(([event]) => event === "execution_interrupted") ? "cancelled" : "failed";
}

function waitingJob(prompt: QueuedPrompt, status: Status): Record<string, unknown> {
  return { id: prompt.id, status, priority: prompt.number, create_time: prompt.createdAt, outputs_count: 0 };
}

function endedJob(entry: HistoryEntry): Record<string, unknown> {
  const time = (event: RegExp): unknown => entry.messages.find(([name]) => event.test(name))?.[1]["timestamp"] ?? null;
  const failure = entry.messages.find(([name]) => name === "execution_error")?.[1];
  const images = Object.values(entry.outputs).flatMap((output) =>
    Array.isArray(output["images"]) ? (output["images"] as unknown[]) : [],
  );
  return {
    ...waitingJob(entry.prompt, statusOf(entry)),
    execution_start_time: time(/^execution_start$/),
    execution_end_time: time(/^execution_(success|error|interrupted)$/),
    outputs_count: images.length,
    preview_output: images[0] ?? null,
    ...(failure !== undefined && { execution_error: failure }),
  };
}

/** Every job, oldest first. */
function allJobs({ engine }: Host): Record<string, unknown>[] {
  const { running, pending } = engine.queue;
  return [
    ...engine.history.all().map(endedJob),
    ...(running === null ? [] : [waitingJob(running, "in_progress")]),
    ...pending.map((prompt) => waitingJob(prompt, "pending")),
  ];
}

function findJob(id: string, host: Host): Record<string, unknown> | null {
  const entry = host.engine.history.get(id);
  if (entry === null) return allJobs(host).find((job) => job["id"] === id) ?? null;
  const { outputs, succeeded, messages, prompt } = entry;
  return {
    ...endedJob(entry),
    outputs,
    execution_status: { status_str: succeeded ? "success" : "error", completed: succeeded, messages },
    workflow: { prompt: prompt.graph, extra_data: prompt.extraData },
  };
}

function whole(value: string | null, usual: number | null): number | null {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : usual;
}

/** The jobs interface of newer servers. */
export const jobsRoutes = [
  get(/^\/api\/jobs$/, ({ query }, host) => {
    const asked = (query.get("status") ?? "").split(",").filter((status) => status !== "");
    const unknown = asked.filter((status) => !statuses.some((known) => known === status));
    if (unknown.length > 0) return json({ error: `Invalid status value(s): ${unknown.join(", ")}` }, 400);
    const jobs = allJobs(host)
      .filter((job) => asked.length === 0 || asked.includes(String(job["status"])))
      .toReversed();
    const offset = whole(query.get("offset"), 0) ?? 0;
    const limit = whole(query.get("limit"), null);
    const page = jobs.slice(offset, limit === null ? undefined : offset + limit);
    const has_more = offset + page.length < jobs.length;
    return json({ jobs: page, pagination: { offset, limit, total: jobs.length, has_more } });
  }),
  get(/^\/api\/jobs\/([^/]+)$/, ({ parameters }, host) => {
    const job = findJob(parameters[0] ?? "", host);
    return job === null ? json({ error: "Job not found" }, 404) : json(job);
  }),
  post(/^\/api\/jobs\/([^/]+)\/cancel$/, ({ parameters }, host) => {
    const id = parameters[0] ?? "";
    return json({ cancelled: host.engine.queue.remove(id) || (id !== "" && host.engine.interrupt(id)) });
  }),
];
