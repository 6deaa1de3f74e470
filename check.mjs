// Types, lint with the import layers, format, unused code: all at once, all reported.
import { spawn } from "node:child_process";

const bin = "node_modules/.bin/";
const checks = {
  types: [`${bin}tsc`, "-p", "."],
  lint: [`${bin}oxlint`, "--type-aware", "--deny-warnings"],
  format: [`${bin}oxfmt`, "--check", "."],
  unused: [`${bin}knip`, "--no-progress"],
};
const failed = await Promise.all(
  Object.entries(checks).map(async ([name, [command, ...args]]) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    const code = await new Promise((resolve) => child.on("close", resolve));
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
    if (code !== 0) process.stdout.write(Buffer.concat(output));
    return code !== 0;
  }),
);
process.exitCode = failed.includes(true) ? 1 : 0;
