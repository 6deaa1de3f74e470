// Runs on Node 20, so that a person meets words and not a syntax error; all it does is find a newer one.
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode, minimumMajor, thisSearch } from "../client/find-node.ts";
import { entryPointPath } from "../protocol/entry-points.ts";
import { exitCodes } from "./exit-codes.ts";

const search = thisSearch(dirname(fileURLToPath(import.meta.url)));
const node = findNode(search);
if (node === null) {
  console.error(`error: Node ${minimumMajor} or newer is needed; this is ${process.version}.`);
  console.error("  try: Run `npm install` in DGX-Pixels' folder, which brings one, or install it and put it on the PATH.");
  process.exitCode = exitCodes.failed;
} else if (node === search.self.path) {
  await import(entryPointPath("cli-main"));
} else {
  const flags = ["--disable-warning=ExperimentalWarning"];
  const child = spawn(node, [...flags, entryPointPath("cli-main"), ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal's Ctrl-C reaches both; what is sent to this process alone is passed on.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`error: ${node} could not be started: ${error.message}`);
    process.exitCode = exitCodes.failed;
  });
  child.on("exit", (code, signal) => {
    if (signal) process.removeAllListeners(signal).kill(process.pid, signal);
    else process.exitCode = code ?? exitCodes.failed;
  });
}
