// Makes a fresh clone ready, on the machine's own Node ≥20: dependencies, Node 24 from its npm package, build.
// `node setup.mjs run FILE [ARG…]` then runs a program on that Node.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("./", import.meta.url));
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20)
  fail(`Node 20 or newer is needed; this is ${process.version}.`, "Install a newer Node, then try again.");

/** Runs a program to its end with this terminal; leaves with its exit code when it fails. */
function run(command, args, env = process.env) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (error) fail(`${command} could not be started: ${error.message}`, "Check that npm is installed and on the PATH.");
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message, remedy) {
  console.error(`${message}\n${remedy}`);
  process.exit(1);
}

const stamp = `${root}node_modules/.dgx-pixels-lock`;
const lock = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.error("Installing dependencies (once, about a minute) …");
  // Not `npm ci`: it refuses a lock file made where the registry lacks other platforms' optional packages.
  run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, lock);
}

const packaged = `${root}node_modules/node-${process.platform}-${process.arch}/bin/node`;
const node = existsSync(packaged) ? packaged : process.execPath;
if (node === process.execPath && major < 24) {
  fail(
    `Node 24 or newer is needed on ${process.platform}-${process.arch}; this is ${process.version}.`,
    "Install Node 24 and put it first on the PATH, then try again.",
  );
}
run(node, ["--disable-warning=ExperimentalWarning", "esbuild.mjs"]);

const [verb, file, ...args] = process.argv.slice(2);
if (verb === "run" && file) {
  const path = process.env.PATH ?? "";
  run(node, ["--disable-warning=ExperimentalWarning", file, ...args], {
    ...process.env,
    PATH: `${packaged.slice(0, -"/node".length)}:${path}`,
    DGX_PIXELS_CWD: process.env.INIT_CWD ?? process.cwd(),
  });
}
