import { setTimeout } from "node:timers/promises";
import type { ServerResponse } from "node:http";
import { pythonJson, withNaN } from "./python-json.ts";
import type { Faults } from "./faults.ts";

/** An answer before it is sent. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const none = new Uint8Array();

export function json(value: unknown, status = 200): Reply {
  return { status, type: "application/json; charset=utf-8", body: Buffer.from(pythonJson(value)) };
}

/** JSON of an object, with NaN in it while that fault is on. */
export function jsonObject(value: object, faults: Faults): Reply {
  return json(faults.peek("nan_in_json") === null ? value : withNaN(value));
}

export function text(message: string, status = 200): Reply {
  return { status, type: "text/plain; charset=utf-8", body: Buffer.from(message) };
}

export function empty(status = 200): Reply {
  return { status, type: "text/plain; charset=utf-8", body: none };
}

/** Sends an answer, spoilt as the faults ask. */
export async function send(reply: Reply, response: ServerResponse, faults: Faults): Promise<void> {
  const type = faults.take("wrong_content_type") === null ? reply.type : "text/html; charset=utf-8";
  let { body } = reply;
  let cutAt: number | null = null;
  const truncated = reply.type.startsWith("image/") ? faults.take("truncated_image") : null;
  if (truncated !== null) {
    const kept = Math.floor(body.byteLength * (truncated.fraction ?? 0.5));
    if (truncated.cut === true) cutAt = kept;
    else body = body.subarray(0, kept);
  }
  response.writeHead(reply.status, { "content-type": type, "content-length": body.byteLength, ...reply.headers });
  if (cutAt !== null) {
    response.write(body.subarray(0, cutAt), () => response.destroy());
    return;
  }
  const drip = faults.take("slow_drip");
  if (drip === null) {
    response.end(body);
    return;
  }
  const size = drip.bytes ?? 16;
  for (let from = 0; from < body.byteLength && !response.destroyed; from += size) {
    response.write(body.subarray(from, from + size));
    await setTimeout(drip.ms ?? 20);
  }
  response.end();
}
