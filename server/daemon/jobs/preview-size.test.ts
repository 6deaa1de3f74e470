import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { decodeImage } from "../../codec/decode.ts";
import { encodePng } from "../../codec/encode.ts";
import { fittingPreview } from "./preview-size.ts";

const job = randomUUID();

test("a preview that fits is left as it is", async () => {
  const preview = { job, mediaType: "image/jpeg", bytes: new Uint8Array(64 << 10) } as const;
  expect(await fittingPreview(preview)).toBe(preview);
});

test("a larger one is made to fit", async () => {
  const data = Uint8ClampedArray.from(randomBytes(256 * 256 * 4));
  const bytes = new Uint8Array(await encodePng({ width: 256, height: 256, data }));
  const fitting = await fittingPreview({ job, mediaType: "image/png", bytes });
  expect(fitting?.bytes.byteLength).toBeLessThanOrEqual(64 << 10);
  expect(fitting && (await decodeImage(fitting.bytes)).width).toBeGreaterThan(0);
});

test("one that cannot be read is left out", async () => {
  expect(await fittingPreview({ job, mediaType: "image/png", bytes: new Uint8Array(100_000) })).toBeNull();
});
