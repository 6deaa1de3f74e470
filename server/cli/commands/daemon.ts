import { setTimeout } from "node:timers/promises";
import { DaemonClient } from "../../client/daemon-client.ts";
import { PixelsError } from "../../protocol/errors.ts";
import { isRunning, type ProcessIdentity, processStartTime } from "../../protocol/process-identity.ts";
import type { CliContext } from "../cli-context.ts";
import type { JsonResults } from "../json-results.ts";

/** What can be done to the daemon, and what that means. */
export const daemonVerbs = [
  ["status", "say whether it runs, since when, and with which engines"],
  ["start", "start it, if it does not run"],
  ["stop", "ask it to stop; its jobs go on with the next one"],
  ["restart", "stop it and start it again"],
] as const;
export type DaemonVerb = (typeof daemonVerbs)[number][0];

/** A daemon has 10 s for the step in hand, and a moment to close. */
const stopMs = 15_000;
const lookAgainMs = 50;

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
  let identity: ProcessIdentity;
  try {
    const { pid } = await client.request("daemon.status", {});
    identity = { pid, startTime: processStartTime(pid) };
    await client.request("daemon.stop", { reason: "asked" });
  } finally {
    await client.close();
  }
  output.status("The daemon ends the step in hand …");
  if (await hasEnded(identity)) output.line("The daemon has stopped; its jobs go on with the next one.");
  else output.line(`The daemon is still at work: process ${identity.pid} ends by itself.`);
  return { running: false };
}

/** Whether the process is gone in time: a client that came before would be answered by it. */
async function hasEnded(identity: ProcessIdentity): Promise<boolean> {
  for (const end = Date.now() + stopMs; isRunning(identity);) {
    if (Date.now() > end) return false;
    await setTimeout(lookAgainMs);
  }
  return true;
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
