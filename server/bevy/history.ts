import type { Result } from "../protocol/requests.ts";
import type { BevyContext } from "./context.ts";
import { nodeDisk } from "./disk.ts";
import { journalsOf } from "./journal.ts";

type PastPlacement = Result<"placements.list">["placements"][number];

/** Placements of a workspace that ended, the latest first, at most `limit`. */
export async function listPlacements(
  context: Pick<BevyContext, "backups" | "disk">,
  workspace: string,
  limit: number,
): Promise<PastPlacement[]> {
  const found: PastPlacement[] = [];
  for await (const { record } of journalsOf(context.disk ?? nodeDisk, context.backups, workspace)) {
    const { placement, target, at, state } = record;
    if (placement === null) continue;
    found.push({ placement, target, at, undone: state === "undone" });
    if (found.length >= limit) break;
  }
  return found;
}

/** The workspace's latest placement that is not undone, which an undo without a name means; null when there is none. */
export async function lastPlacement(
  context: Pick<BevyContext, "backups" | "disk">,
  workspace: string,
): Promise<string | null> {
  for await (const { record } of journalsOf(context.disk ?? nodeDisk, context.backups, workspace)) {
    if (record.placement !== null && record.state !== "undone") return record.id;
  }
  return null;
}
