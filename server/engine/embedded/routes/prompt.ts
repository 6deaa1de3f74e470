import { randomUUID } from "node:crypto";
import { z } from "zod";
import { get, post, type Host } from "./route.ts";
import { graphSchema } from "../graph.ts";
import { historyJson } from "../history.ts";
import { withNaN } from "../python-json.ts";
import { promptTuple } from "../queue.ts";
import { refusal, type NodeErrors, type Refusal } from "../rejection.ts";
import { empty, json, jsonObject, text, type Reply } from "../reply.ts";
import { jsonBody, Refused } from "../request.ts";
import { validateGraph } from "../validate.ts";

const submissionSchema = z.looseObject({
  client_id: z.string().optional(),
  prompt_id: z.unknown().optional(),
  number: z.number().optional(),
  front: z.unknown().optional(),
  extra_data: z.record(z.string(), z.unknown()).default({}),
  partial_execution_targets: z.array(z.string()).nullish(),
});

const canonicalUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function refused(body: Refusal): Reply {
  return json(body, 400);
}

async function submit(body: Record<string, unknown>, { engine, catalog, faults }: Host): Promise<Reply> {
  if (!("prompt" in body)) {
    return refused(refusal("no_prompt", "No prompt provided", "No prompt provided"));
  }
  const submission = submissionSchema.safeParse(body);
  if (!submission.success) {
    return refused(refusal("invalid_prompt", "The request is malformed", z.prettifyError(submission.error)));
  }
  const { client_id, number, front, extra_data, partial_execution_targets } = submission.data;
  const id = submission.data.prompt_id ?? randomUUID();
  if (typeof id !== "string" || !canonicalUuid.test(id)) {
    return refused(refusal("invalid_prompt_id", "prompt_id must be a canonical lower-case UUID", JSON.stringify(id)));
  }
  const graph = graphSchema.safeParse(body["prompt"]);
  if (!graph.success) {
    return refused(refusal("invalid_prompt", "The prompt is no graph of nodes", z.prettifyError(graph.error)));
  }
  const validation = validateGraph(graph.data, catalog, partial_execution_targets ?? null);
  if (!validation.ok) return refused(validation.refusal);

  let { outputs, nodeErrors } = validation;
  const dropped = outputs.at(-1);
  if (dropped !== undefined && faults.take("node_errors_on_success") !== null) {
    outputs = outputs.slice(0, -1);
    nodeErrors = { ...nodeErrors, [dropped]: invented(graph.data[dropped]?.class_type ?? "", dropped) };
  }
  const prompt = {
    number: number ?? engine.nextNumber(Boolean(front)),
    id,
    graph: graph.data,
    extraData: { ...extra_data, ...(client_id !== undefined && { client_id }), create_time: Date.now() },
    clientId: client_id ?? null,
    outputs,
    createdAt: Date.now(),
  };
  engine.submit(prompt);
  return jsonObject({ prompt_id: id, number: prompt.number, node_errors: nodeErrors }, faults);
}

function invented(className: string, output: string): NodeErrors {
  const error = {
    type: "value_not_in_list",
    message: "Value not in list",
    details: "an input: 'a value' not in (list of length 42)",
    extra_info: { input_name: "images", input_config: null, received_value: "a value" },
  };
  return { errors: [error], dependent_outputs: [output], class_type: className };
}

const deletionSchema = z.looseObject({ clear: z.unknown().optional(), delete: z.array(z.unknown()).default([]) });

function deletion(body: Record<string, unknown>): { clear: boolean; ids: string[] } {
  const parsed = deletionSchema.safeParse(body);
  if (!parsed.success) throw new Refused(text("`delete` is a list of prompt ids", 400));
  return {
    clear: Boolean(parsed.data.clear),
    ids: parsed.data.delete.filter((id): id is string => typeof id === "string"),
  };
}

/** A whole number of the query, or null where there is none. Throws `Refused` for another text. */
function count(query: URLSearchParams, name: string): number | null {
  const value = query.get(name);
  if (value === null) return null;
  if (!/^-?\d{1,9}$/.test(value)) throw new Refused(text(`${name} is not a whole number`, 400));
  return Number(value);
}

/** Submitting, waiting, stopping, and what became of it. */
export const promptRoutes = [
  post(/^\/prompt$/, async (request, host) => submit(await jsonBody(request), host)),
  get(/^\/prompt$/, (_request, { engine, faults }) => jsonObject(engine.status(), faults)),
  get(/^\/queue$/, (_request, { engine, faults }) =>
    jsonObject(
      {
        queue_running: engine.queue.running === null ? [] : [promptTuple(engine.queue.running)],
        // The heap's own order is no order to rely on: latest first makes that plain.
        queue_pending: engine.queue.pending.map(promptTuple).toReversed(),
      },
      faults,
    ),
  ),
  post(/^\/queue$/, async (request, { engine }) => {
    const { clear, ids } = deletion(await jsonBody(request));
    if (clear) engine.queue.clear();
    for (const id of ids) engine.queue.remove(id);
    return empty();
  }),
  get(/^\/history$/, ({ query }, { engine }) => {
    const entries = engine.history.all();
    const max = count(query, "max_items") ?? entries.length;
    const offset = count(query, "offset") ?? -1;
    const from = offset < 0 ? Math.max(0, entries.length - max) : offset;
    return json(
      Object.fromEntries(
        entries.slice(from, from + Math.max(0, max)).map((entry) => [entry.prompt.id, historyJson(entry)]),
      ),
    );
  }),
  get(/^\/history\/([^/]+)$/, ({ parameters }, { engine, faults }) => {
    const entry = engine.history.get(parameters[0] ?? "");
    if (entry === null) return json({});
    const shown = historyJson(entry);
    return json({ [entry.prompt.id]: faults.peek("nan_in_json") === null ? shown : withNaN(shown) });
  }),
  post(/^\/history$/, async (request, { engine }) => {
    const { clear, ids } = deletion(await jsonBody(request));
    if (clear) engine.history.clear();
    for (const id of ids) engine.history.remove(id);
    return empty();
  }),
  post(/^\/interrupt$/, async (request, { engine }) => {
    // An empty body stops whatever runs.
    const body = (await request.body()).byteLength === 0 ? {} : await jsonBody(request);
    const id = body["prompt_id"];
    engine.interrupt(typeof id === "string" && id !== "" ? id : null);
    return empty();
  }),
  post(/^\/free$/, async (request, { engine }) => {
    const body = await jsonBody(request);
    if (body["unload_models"] === true || body["free_memory"] === true) engine.free();
    return empty();
  }),
];
