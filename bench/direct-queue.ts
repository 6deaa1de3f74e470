import { randomUUID } from "node:crypto";
import { on, once } from "node:events";
import { z } from "zod";
import type { Graph } from "../server/engine/workflow/graph.ts";

const accepted = z.object({ prompt_id: z.string() });
const history = z.record(z.string(), z.object({ status: z.object({ status_str: z.string() }) }));

/**
 * Seconds a ComfyUI takes for these graphs when nothing is between: all of them lie in its own queue from the start,
 * so that it never waits, and nobody fetches a picture. Rejects when one of them fails.
 */
export async function directSeconds(url: string, graphs: readonly Graph[]): Promise<number> {
  // A socket of another client hears of the queue alone, and no preview is made for it.
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws?clientId=${randomUUID()}`);
  const news = on(socket, "message");
  await once(socket, "open");
  try {
    const started = performance.now();
    const ids: string[] = [];
    for (const prompt of graphs) ids.push(await submit(url, prompt));
    const last = ids.at(-1) ?? "";
    for await (const _ of news) if ((await outcome(url, last)) !== null) break;
    const seconds = (performance.now() - started) / 1000;
    for (const id of ids) {
      const ended = await outcome(url, id);
      if (ended !== "success") throw new Error(`${url}: prompt ${id} ended with ${ended}`);
    }
    return seconds;
  } finally {
    socket.close();
  }
}

async function submit(url: string, prompt: Graph): Promise<string> {
  const answer = await fetch(`${url}/prompt`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt, client_id: randomUUID() }),
  });
  if (!answer.ok) throw new Error(`${url}/prompt: ${answer.status} ${await answer.text()}`);
  return accepted.parse(await answer.json()).prompt_id;
}

async function outcome(url: string, id: string): Promise<string | null> {
  const answer = await fetch(`${url}/history/${id}`);
  return history.parse(await answer.json())[id]?.status.status_str ?? null;
}
