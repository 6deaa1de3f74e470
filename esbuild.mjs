// Builds every program of the server into dist/ (or the folder named), with the resources they read and the build's
// identity.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { entryPoints, resources } from "./server/protocol/entry-points.ts";

const root = new URL("./", import.meta.url);
const dist = `${resolve(process.argv[2] ?? fileURLToPath(new URL("dist", root)))}/`;
const fromProtocol = (path) => fileURLToPath(new URL(path, new URL("server/protocol/", root)));

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const common = {
  bundle: true,
  platform: "node",
  format: "esm",
  outdir: dist,
  // Natives stay packages: they load their own .node files.
  external: ["zeromq", "sharp"],
  minify: true,
  keepNames: true,
  legalComments: "linked",
  metafile: true,
  logLevel: "warning",
  // Bundled CommonJS packages still ask for `require`.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
};
const { cli: launcher, ...programs } = entryPoints;
const results = await Promise.all([
  // The launcher is all that an older Node ever runs.
  build({
    ...common,
    target: "node20",
    entryPoints: { cli: fromProtocol(launcher) },
    banner: { js: "#!/usr/bin/env node" },
  }),
  build({
    ...common,
    target: "node24",
    entryPoints: Object.fromEntries(Object.entries(programs).map(([name, source]) => [name, fromProtocol(source)])),
  }),
]);
await Promise.all(
  Object.entries(resources).map(([name, source]) => cp(fromProtocol(source), `${dist}${name}`, { recursive: true })),
);

const hash = createHash("sha256");
for (const file of results.flatMap((result) => Object.keys(result.metafile.outputs)).toSorted()) {
  hash.update(await readFile(resolve(file)));
}
const { version } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
await writeFile(
  `${dist}build.json`,
  JSON.stringify({ version, hash: hash.digest("hex").slice(0, 16), time: Date.now() }),
);
