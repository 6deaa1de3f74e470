import { z } from "zod";

/** The daemon's own `config.toml`: engine addresses, quotas, limits. It never changes what a sprite looks like. */
export const configSchema = z.strictObject({
  /** ComfyUI addresses; empty means: offer a server on 127.0.0.1:8188, else the embedded engine. */
  comfyui: z
    .array(
      z.strictObject({
        url: z.url({ protocol: /^https?$/ }),
        /** Servers with the same name share that GPU's token. */
        gpu: z.string().min(1).default("gpu:0"),
      }),
    )
    .default([]),
  artifacts: z
    .strictObject({ quotaGigabytes: z.number().positive().default(20), keepDays: z.number().positive().default(90) })
    .prefault({}),
  /** Seconds without a client and without a job after which the daemon stops. */
  idleSeconds: z.number().positive().default(900),
});

export type Config = z.infer<typeof configSchema>;
