import { renameSync, rmSync, writeFileSync } from "node:fs";
import { endpointFilePath, type EndpointFile, readEndpointFile } from "../protocol/endpoint-file.ts";

/** Writes `endpoint.json` whole: a reader sees the former one or this one. */
export function writeEndpointFile(stateFolder: string, file: EndpointFile): void {
  const path = endpointFilePath(stateFolder);
  const stage = `${path}.${process.pid}`;
  writeFileSync(stage, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(stage, path);
}

/** Removes it, unless another instance wrote it since. */
export function removeEndpointFile(stateFolder: string, instance: string): void {
  if (readEndpointFile(stateFolder)?.instance === instance) rmSync(endpointFilePath(stateFolder), { force: true });
}
