// Runs every benchmark of this folder one after another, since each wants the machine for itself, and keeps what
// they print in bench/results/. `--quick` does few rounds. Fails when a target is missed three times in a row:
// what else a shared machine does can only make a figure worse.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const attempts = 3;
const folder = fileURLToPath(new URL(".", import.meta.url));
const results = join(folder, "results");
mkdirSync(results, { recursive: true });

for (const file of readdirSync(folder).filter((name) => name.endsWith(".bench.ts"))) {
  let met = false;
  for (let attempt = 1; !met && attempt <= attempts; attempt++) {
    console.error(attempt === 1 ? `\n${file}` : `${file}: a target was missed; attempt ${attempt} of ${attempts}`);
    const { stdout, status } = spawnSync(process.execPath, [join(folder, file), ...process.argv.slice(2)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.stdout.write(stdout);
    if (stdout.trim() !== "") writeFileSync(join(results, file.replace(".bench.ts", ".json")), stdout);
    met = status === 0;
  }
  if (!met) process.exitCode = 1;
}
