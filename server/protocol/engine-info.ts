import { z } from "zod";

/** One engine as the daemon sees it now. */
export const engineStatusSchema = z.strictObject({
  /** The ComfyUI address, or `embedded`. */
  id: z.string(),
  kind: z.enum(["comfyui", "embedded"]),
  state: z.enum(["starting", "ready", "busy", "unreachable"]),
  version: z.string().nullable(),
  device: z.string().nullable(),
  /** Checkpoint the engine last loaded. */
  warm: z.string().nullable(),
  /** Why it is unreachable and what to do, else null. */
  problem: z.strictObject({ message: z.string(), remedy: z.string() }).nullable(),
});

/** What one engine can load, by ComfyUI's own folder names. */
export const engineModelsSchema = z.strictObject({
  engine: z.string(),
  checkpoints: z.array(z.string()),
  loras: z.array(z.string()),
  vaes: z.array(z.string()),
  controlnets: z.array(z.string()),
  samplers: z.array(z.string()),
  schedulers: z.array(z.string()),
});

/** One line of `doctor`: what was looked at, how it stands, and what to do about it. */
export const findingSchema = z.strictObject({
  id: z.string(),
  /** `note` informs; `warning` lets work go on; `error` stops it. */
  severity: z.enum(["ok", "note", "warning", "error"]),
  subject: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
});

export type EngineStatus = z.infer<typeof engineStatusSchema>;
export type EngineModels = z.infer<typeof engineModelsSchema>;
export type Finding = z.infer<typeof findingSchema>;
