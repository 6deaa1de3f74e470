import { parseArgs } from "node:util";
import { startEmbeddedServer } from "./server.ts";

/*
 * The embedded engine as a child process: `{"url":…}` on a line of standard output when it is ready.
 * Options: `--port N` (0), `--job-seconds S` (0), `--older`.
 * It ends when its standard input closes, so that it never outlives the daemon that holds the pipe.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "job-seconds": { type: "string", default: "0" },
    older: { type: "boolean", default: false },
  },
});

const server = await startEmbeddedServer({
  port: Number(values.port),
  jobSeconds: Number(values["job-seconds"]),
  older: values.older,
  log: (line) => console.error(line),
});

let stopping = false;
function stop(): void {
  if (stopping) return;
  stopping = true;
  // A reply that nobody reads may not keep the process.
  setTimeout(() => process.exit(0), 1500).unref();
  void server.close().finally(() => process.exit(0));
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
process.stdin.on("end", stop).on("close", stop).on("error", stop).resume();
// The parent may be gone before it reads the line.
process.stdout.on("error", stop);
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
