import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { plainOptions } from "../sprite/sprite-options.ts";
import { draw, drawCreature, onMatte } from "../../test/pixels/pictures.ts";
import { decodeImage } from "../codec/decode.ts";
import { encodePng } from "../codec/encode.ts";
import { type ErrorCode, PixelsError } from "../protocol/errors.ts";
import { imageHash } from "../protocol/hashing.ts";
import { type PixelOptions, pixelOptionsSchema } from "../protocol/sprite-request.ts";
import { enlarge } from "../sprite/preview.ts";
import { PixelPool } from "./pixel-pool.ts";
import { runPixelTask } from "./pixel-task.ts";

const folder = await mkdtemp(join(tmpdir(), "dgx-pixels-pool-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const pools: PixelPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function poolOf(size: number, entry?: string): PixelPool {
  const pool = new PixelPool(entry === undefined ? { size } : { size, entry });
  pools.push(pool);
  return pool;
}

/** A worker program that does as its task's first source says: `die`, `throw`, `wait`, or else answer with it. */
async function obedientWorker(): Promise<string> {
  const path = join(folder, "obedient.mjs");
  await writeFile(
    path,
    `import { parentPort } from "node:worker_threads";
     parentPort.on("message", ({ sources: [word] }) => {
       if (word === "die") process.exit(3);
       if (word === "throw") throw new Error("a bug in a pixel step");
       if (word !== "wait") parentPort.postMessage({ ok: true, result: { output: word } });
     });`,
  );
  return path;
}

function options(others: Partial<PixelOptions> = {}): PixelOptions {
  return pixelOptionsSchema.parse({
    ...plainOptions,
    size: { width: 24, height: 20 },
    ...others,
  });
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof PixelsError)) throw new Error(`Expected a PixelsError, got ${String(error)}`);
  return error.code;
}

const sprite = drawCreature(24, 20, 3);
const picture = await encodePng(enlarge(onMatte(sprite), 9));

describe("a task", () => {
  it("is the same on the thread as here: decoded, made, encoded, hashed", async () => {
    const made = await poolOf(1).run({ sources: [Uint8Array.from(picture)], options: options() });
    expect(made).toEqual(await runPixelTask({ sources: [picture], options: options() }));
    expect((await decodeImage(made.png)).data).toEqual(sprite.data);
    expect([made.output, made.width, made.columns]).toEqual([imageHash(sprite), 24, 1]);
  });

  it("reads files, and takes bytes over without a copy", async () => {
    const path = join(folder, "picture.png");
    await writeFile(path, picture);
    const [owned, borrowed] = [Uint8Array.from(picture), Buffer.from(picture)];
    const pool = poolOf(2);
    const wanted = options({ frames: 3 });
    const made = await pool.run({ sources: [path, owned, borrowed], options: wanted });
    expect([made.width, made.height]).toEqual([72, 20]);
    expect([owned.byteLength, borrowed.byteLength]).toEqual([0, picture.byteLength]);
  });

  it("runs beside others, each with its own answer", async () => {
    const pool = poolOf(2);
    const sizes = [5, 9, 14, 20, 24, 31];
    const made = await Promise.all(
      sizes.map((side) =>
        pool.run({ sources: [Uint8Array.from(picture)], options: options({ size: { width: side, height: side } }) }),
      ),
    );
    expect(made.map(({ width }) => width)).toEqual(sizes);
  });

  it("fails with the reason, and the thread goes on", async () => {
    const pool = poolOf(1);
    const other = await encodePng(draw(9, 8, () => [1, 2, 3]));
    const tasks = {
      unequal: pool.run({ sources: [Uint8Array.from(picture), other], options: options({ frames: 2 }) }),
      damaged: pool.run({ sources: [picture.slice(0, 90)], options: options() }),
      missing: pool.run({ sources: [join(folder, "nothing.png")], options: options() }),
    };
    const codes = await Promise.all(Object.values(tasks).map(codeOf));
    expect(codes).toEqual(["invalid_image", "invalid_image", "not_found"]);
    const here = runPixelTask({ sources: [picture, other], options: options({ frames: 2 }) });
    await expect(here).rejects.toMatchObject({ code: "invalid_image", message: expect.stringContaining("Frame 2 is") });
    expect((await pool.run({ sources: [Uint8Array.from(picture)], options: options() })).output).toBe(
      imageHash(sprite),
    );
  });
});

describe("a thread that dies", () => {
  it.each(["die", "throw"])("(%s) fails its own task clearly and is replaced", async (death) => {
    const pool = poolOf(1, await obedientWorker());
    const dying = pool.run({ sources: [death], options: options() });
    const next = pool.run({ sources: ["alive"], options: options() });
    const error: unknown = await dying.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "internal", remedy: expect.stringContaining("Retry the job") });
    if (death === "throw") expect(error).toMatchObject({ why: "a bug in a pixel step" });
    expect((await next).output).toBe("alive");
  });

  it("for want of its program says so", async () => {
    const pool = poolOf(1, join(folder, "no-such-worker.mjs"));
    expect(await codeOf(pool.run({ sources: ["x"], options: options() }))).toBe("internal");
  });
});

describe("cancelling", () => {
  it("frees the thread of a running task at once", async () => {
    const pool = poolOf(1, await obedientWorker());
    const abort = new AbortController();
    const running = pool.run({ sources: ["wait"], options: options() }, abort.signal);
    const next = pool.run({ sources: ["alive"], options: options() });
    abort.abort();
    expect(await codeOf(running)).toBe("cancelled");
    expect((await next).output).toBe("alive");
  });

  it("takes a waiting task out, and refuses one that comes cancelled", async () => {
    const pool = poolOf(1, await obedientWorker());
    const abort = new AbortController();
    const first = pool.run({ sources: ["first"], options: options() });
    const waiting = pool.run({ sources: ["second"], options: options() }, abort.signal);
    abort.abort();
    expect(await codeOf(waiting)).toBe("cancelled");
    expect(await codeOf(pool.run({ sources: ["third"], options: options() }, abort.signal))).toBe("cancelled");
    expect((await first).output).toBe("first");
  });

  it("changes nothing once the task has ended", async () => {
    const pool = poolOf(1, await obedientWorker());
    const abort = new AbortController();
    expect((await pool.run({ sources: ["done"], options: options() }, abort.signal)).output).toBe("done");
    abort.abort();
    expect((await pool.run({ sources: ["next"], options: options() })).output).toBe("next");
  });
});

it("closes: what runs or waits is cancelled, what comes later is refused", async () => {
  const pool = poolOf(1, await obedientWorker());
  const tasks = ["wait", "queued"].map((word) => pool.run({ sources: [word], options: options() }));
  const codes = Promise.all(tasks.map(codeOf));
  await pool.close();
  expect(await codes).toEqual(["cancelled", "cancelled"]);
  expect(await codeOf(pool.run({ sources: ["late"], options: options() }))).toBe("cancelled");
});
