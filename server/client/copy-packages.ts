import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { PixelsError } from "../protocol/errors.ts";
import { copyTree, exists } from "./copy-tree.ts";

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
});

const zeromqFiles = new RegExp(
  `^(package\\.json|lib/[^/]+\\.js|build/manifest\\.json|build/${process.platform}/${process.arch}/.*)$`,
);
const loaderFiles = /^(package\.json|build\/loader\.js)$/;
const notRun = /^(src|install)\/|\.(d\.[cm]?ts|map)$/;

/**
 * Copies the packages that the bundles leave outside to `<to>/node_modules`: what runs on this platform, of 34 MB
 * of zeromq about 8. Throws `daemon_unavailable` when one is missing.
 */
export async function copyPackages(from: string, to: string): Promise<void> {
  const modules = join(to, "node_modules");
  const zeromq = await requirePackage("zeromq", from);
  await copyTree(zeromq, join(modules, "zeromq"), (file) => zeromqFiles.test(file));
  // The one thing zeromq needs at run time.
  const loader = await requirePackage("cmake-ts", zeromq);
  await copyTree(loader, join(modules, "cmake-ts"), (file) => loaderFiles.test(file));
  await copyPackage("sharp", from, modules);
}

/** Copies a package with all it depends on; of its optional dependencies those for this platform. */
async function copyPackage(name: string, from: string, modules: string): Promise<void> {
  const to = join(modules, name);
  if (await exists(to)) return;
  const source = await requirePackage(name, from);
  await copyTree(source, to, (file) => !notRun.test(file));
  const manifest = await readManifest(source);
  for (const dependency of Object.keys(manifest.dependencies)) await copyPackage(dependency, source, modules);
  for (const dependency of Object.keys(manifest.optionalDependencies)) {
    const found = await findPackage(dependency, source);
    if (found === null) continue;
    const { os, cpu } = await readManifest(found);
    const fits = (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
    if (fits) await copyPackage(dependency, source, modules);
  }
}

async function readManifest(folder: string): Promise<z.infer<typeof manifestSchema>> {
  return manifestSchema.parse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")));
}

/** Node's own search for a package: upwards from a folder. */
async function findPackage(name: string, from: string): Promise<string | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (await exists(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) return null;
  }
}

async function requirePackage(name: string, from: string): Promise<string> {
  const found = await findPackage(name, from);
  if (found !== null) return found;
  throw new PixelsError({
    code: "daemon_unavailable",
    message: `The package ${name} is missing`,
    cause: "DGX-Pixels was not installed whole.",
    remedy: "Install it again: `npm ci` in a clone, or reinstall the extension.",
  });
}
