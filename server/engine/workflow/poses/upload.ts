import { createHash } from "node:crypto";
import { encodePng } from "../../../codec/encode.ts";
import type { ComfySession } from "../../comfyui/session.ts";
import { drawPose } from "./draw.ts";
import type { PosePlan } from "./plan.ts";

/**
 * Draws the poses and uploads them; returns the engine's names for them, in the same order.
 * Rejects with `engine_unavailable`, or with the signal's reason.
 */
export async function uploadPoses(
  session: Pick<ComfySession, "uploadImage">,
  plan: PosePlan,
  signal: AbortSignal,
): Promise<string[]> {
  const names: string[] = [];
  for (const pose of plan.poses) {
    signal.throwIfAborted();
    const bytes = await encodePng(drawPose(pose, plan.size.width, plan.size.height));
    const hash = createHash("sha256").update(bytes).digest("hex");
    names.push(await session.uploadImage({ name: `pose-${hash.slice(0, 32)}.png`, bytes, signal }));
  }
  return names;
}
