import { encodeFrame } from "../wire.ts";
import { error, events, exchanges, preview, uuid } from "./samples.ts";

/** Every kind of message that crosses the wire, by name. */
export function goldenFrames(): Map<string, { value: unknown; bytes: Uint8Array }> {
  const values = new Map<string, unknown>();
  for (const [method, { params, result }] of Object.entries(exchanges)) {
    values.set(`request ${method}`, { id: 1, method, params, client: uuid("3"), deadline: 30_000 });
    values.set(`reply ${method}`, { id: 1, ok: true, result });
  }
  values.set("reply error", { id: 1, ok: false, error });
  for (const event of events) values.set(`event ${event.type}`, { instance: uuid("f"), seq: 8, event });
  values.set("preview", preview);
  return new Map([...values].map(([name, value]) => [name, { value, bytes: encodeFrame(value) }]));
}
