import { DaemonClient } from "../../client/daemon-client.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { CliContext } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";

export const daemonVerbs = ["status", "start", "stop", "restart"] as const;
export type DaemonVerb = (typeof daemonVerbs)[number];

export async function controlDaemon(
  context: CliContext,
  verb: DaemonVerb,
  options: { stay: boolean },
): Promise<JsonResults["daemon"]> {
  switch (verb) {
    case "status":
      return showStatus(context, await running());
    case "start":
      return showStatus(context, await start(options.stay));
    case "stop":
      return stop(context, await running());
    case "restart":
      await stop(context, await running());
      return showStatus(context, await start(options.stay));
  }
}

function start(stay: boolean): Promise<DaemonClient> {
  return DaemonClient.connect({ name: "cli", stay });
}

/** The daemon that runs; null when there is none. */
async function running(): Promise<DaemonClient | null> {
  try {
    return await DaemonClient.connect({ name: "cli", start: false, connectMs: 3000 });
  } catch (error) {
    if (error instanceof PixelsError && error.code === "daemon_unavailable") return null;
    throw error;
  }
}

async function stop({ output }: CliContext, client: DaemonClient | null): Promise<JsonResults["daemon"]> {
  if (client === null) {
    output.line("No daemon runs.");
    return { running: false };
  }
  try {
    await client.request("daemon.stop", { reason: "asked" });
    output.line("The daemon has been asked to stop; its jobs go on with the next one.");
    return { running: false };
  } finally {
    await client.close();
  }
}

async function showStatus({ output }: CliContext, client: DaemonClient | null): Promise<JsonResults["daemon"]> {
  if (client === null) {
    output.line("No daemon runs. The next command that needs one starts it.");
    return { running: false };
  }
  try {
    const status = await client.request("daemon.status", {});
    const { engines } = await client.request("engines.list", {});
    output.line(`Daemon ${status.build.version} (${status.build.hash}), process ${status.pid}`);
    output.line(`  since ${new Date(status.startedAt).toISOString()}, ${Math.round(status.rssBytes / 2 ** 20)} MiB`);
    output.line(`  state in ${status.stateFolder}`);
    for (const engine of engines) {
      output.line(`  engine ${engine.id}: ${engine.state}${engine.problem ? ` (${engine.problem.message})` : ""}`);
    }
    return { running: true, status, engines };
  } finally {
    await client.close();
  }
}
