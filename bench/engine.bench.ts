// What the system adds to an engine that takes a declared second for each of 50 jobs.
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonClient } from "../server/client/daemon-client.ts";
import { startEmbeddedServer } from "../server/engine/embedded/server.ts";
import { resolveLook } from "../server/project/resolve-look.ts";
import { builtInPalettes } from "../server/project/palettes/built-in.ts";
import { isEnded } from "../server/protocol/job.ts";
import { isQuick, report } from "./report.ts";

const jobSeconds = 1;
const jobs = isQuick ? 10 : 50;

const folder = await mkdtemp(join(tmpdir(), "dgx-pixels-bench-"));
process.env["DGX_PIXELS_STATE"] = join(folder, "state");
process.env["XDG_CONFIG_HOME"] = join(folder, "config");
const server = await startEmbeddedServer({ jobSeconds });
await mkdir(join(folder, "config", "dgx-pixels"), { recursive: true });
await writeFile(join(folder, "config", "dgx-pixels", "config.toml"), `[[comfyui]]\nurl = "${server.url}"\n`);
const client = await DaemonClient.connect({ name: "bench" });
try {
  // The first job pays for connecting; a queue of work does not.
  await run(1);
  const seconds = await run(jobs);
  const floor = jobs * jobSeconds;
  await report("engine", [
    {
      name: "overhead",
      value: seconds / floor,
      unit: "ratio",
      target: 1.05,
      absolute: { value: seconds, unit: "s" },
      floor: { value: floor, unit: "s" },
    },
  ]);
} finally {
  await client.request("daemon.stop", { reason: "asked" });
  await client.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

/** Seconds from the submission of `count` sprites to the end of the last one. */
async function run(count: number): Promise<number> {
  const items = Array.from({ length: count }, (_, seed) => {
    const wish = { prompt: `gem ${seed}`, size: { width: 16, height: 16 }, values: { seed } };
    const { request } = resolveLook(wish, { config: null, palettes: builtInPalettes, reference: null });
    return { title: wish.prompt, request, target: null };
  });
  const started = performance.now();
  const submitted = await client.request("sprites.submit", { key: randomUUID(), items });
  const left = new Set(submitted.items.flatMap((item) => item.jobs));
  await new Promise<void>((resolve, reject) => {
    void client
      .subscribe(() => {
        for (const id of left) {
          const job = client.mirror.jobs.get(id);
          if (!job || !isEnded(job.state)) continue;
          if (job.state !== "succeeded") reject(new Error(job.error?.message ?? job.state));
          left.delete(id);
        }
        if (left.size === 0) resolve();
      })
      .catch(reject);
  });
  return (performance.now() - started) / 1000;
}
