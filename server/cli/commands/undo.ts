import type { DaemonClient } from "../../client/daemon-client.ts";
import { PixelsError } from "../../protocol/errors.ts";
import type { CliContext } from "../cli-context.ts";
import { findWorkspace } from "../find-workspace.ts";
import type { JsonResults } from "../json-results.ts";

/** Takes back the last write into the workspace, or the named one. */
export async function undo(
  context: CliContext,
  options: { placement: string | undefined; list: boolean },
): Promise<JsonResults["undo"]> {
  const { output } = context;
  const workspace = await findWorkspace(context.folder);
  const client = await context.daemon();
  if (options.list) {
    const { placements } = await client.request("placements.list", { workspace });
    if (placements.length === 0) output.line("Nothing was written here yet.");
    for (const { placement, target, at, undone } of placements) {
      output.line(
        `${placement.id}  ${new Date(at).toISOString()}  ${target.assetRoot}/${target.path}${undone ? "  (undone)" : ""}`,
      );
    }
    return { placements };
  }
  const placement = options.placement === undefined ? null : await findPlacement(client, workspace, options.placement);
  const result = await client.request("sprites.undo", { workspace, placement });
  for (const path of result.restored) output.line(`restored ${path}`);
  for (const path of result.removed) output.line(`removed  ${path}`);
  return result;
}

/** The whole id of a placement, from the beginning of one. */
async function findPlacement(client: DaemonClient, workspace: string, prefix: string): Promise<string> {
  const { placements } = await client.request("placements.list", { workspace, limit: 500 });
  const found = placements.filter(({ placement }) => placement.id.startsWith(prefix));
  const [only] = found;
  if (only && found.length === 1) return only.placement.id;
  throw new PixelsError({
    code: "not_found",
    message:
      found.length === 0 ? `There is no write "${prefix}" here` : `${found.length} writes begin with "${prefix}"`,
    remedy: "`dgx-pixels undo --list` lists them.",
  });
}
