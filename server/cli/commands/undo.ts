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
      output.line(`${placement.id}  ${new Date(at).toISOString()}  ${target.path}${undone ? "  (undone)" : ""}`);
    }
    return { placements };
  }
  const result = await client.request("sprites.undo", { workspace, placement: options.placement ?? null });
  for (const path of result.restored) output.line(`restored ${path}`);
  for (const path of result.removed) output.line(`removed  ${path}`);
  return result;
}
