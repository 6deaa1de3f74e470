import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findNode, minimumMajor, thisSearch } from "../client/find-node.ts";
import { entryPointPath } from "../protocol/entry-points.ts";

// Runs on Node 20, and does nothing but run the program itself on a Node that can.

const node = findNode(thisSearch(fileURLToPath(new URL(".", import.meta.url))));
if (node === null) {
  console.error(
    `dgx-pixels needs Node ${minimumMajor} or newer; this is ${process.version}, and no newer one was found.\n` +
      `Install Node ${minimumMajor} and put it on the PATH, or run \`npm install\` where dgx-pixels lies.`,
  );
  process.exit(1);
}

const child = spawn(
  node,
  ["--disable-warning=ExperimentalWarning", entryPointPath("cli-main"), ...process.argv.slice(2)],
  { stdio: "inherit" },
);
// A terminal's Ctrl-C reaches the whole group, the program too; a signal to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"] as const) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`${node} could not be started: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Ends as the program did, so that a shell sees the same.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
