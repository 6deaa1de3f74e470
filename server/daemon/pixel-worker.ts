// One thread of the pixel pool: a task in, a reply out.
import { parentPort } from "node:worker_threads";
import sharp from "sharp";
import { PixelsError } from "../protocol/errors.ts";
import { type PixelReply, type PixelTask, runPixelTask } from "./pixel-task.ts";

// The pool is the parallelism, and no picture is decoded twice.
sharp.concurrency(1);
sharp.cache(false);

const port = parentPort;
if (port === null) throw new Error("The pixel worker runs only in a worker thread");

port.on("message", (task: PixelTask) => void answer(task));

async function answer(task: PixelTask): Promise<void> {
  let reply: PixelReply;
  try {
    reply = { ok: true, result: await runPixelTask(task) };
  } catch (error) {
    reply = { ok: false, error: PixelsError.from(error, "The pixel stage").toInfo() };
  }
  port?.postMessage(reply, reply.ok ? [reply.result.png.buffer] : []);
}
