import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { eventEnvelopeSchema, previewSchema } from "./events.ts";
import { goldenFrames } from "./golden/frames.ts";
import { isWithinLimits } from "./msgpack-limits.ts";
import { requests } from "./requests.ts";
import { decodeFrame, encodeFrame, maxFrameBytes, replyFrameSchema, requestFrameSchema } from "./wire.ts";

const golden = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(new URL("golden/frames.json", import.meta.url), "utf8")));

describe("the wire format", () => {
  const frames = goldenFrames();

  test("has a golden frame for every message, and no other", () => {
    expect([...frames.keys()].toSorted()).toEqual(Object.keys(golden).toSorted());
    for (const method of Object.keys(requests)) expect(frames.has(`request ${method}`)).toBe(true);
  });

  test.each([...frames])("of %s is as it was (else run golden/write.ts and see its note)", (name, { bytes }) => {
    expect(Buffer.from(bytes).toString("hex")).toBe(golden[name]);
  });

  test.each([...frames])("of %s is what its schema reads", (name, { value }) => {
    const bytes = new Uint8Array(Buffer.from(golden[name] ?? "", "hex"));
    const [kind = "", method = ""] = name.split(" ");
    if (kind === "event") expect(decodeFrame(eventEnvelopeSchema, bytes)).toEqual(value);
    else if (kind === "preview") expect(decodeFrame(previewSchema, bytes)).toEqual(value);
    else if (name === "reply error") expect(decodeFrame(replyFrameSchema, bytes)).toEqual(value);
    else if (kind === "request") {
      const frame = decodeFrame(requestFrameSchema, bytes);
      expect(frame).toEqual(value);
      expect(schemasOf(method).params.parse(frame.params)).toEqual(frame.params);
    } else {
      const frame = decodeFrame(replyFrameSchema, bytes);
      expect(frame).toEqual(value);
      expect(schemasOf(method).result.parse(frame.ok && frame.result)).toEqual(frame.ok && frame.result);
    }
  });
});

function schemasOf(name: string): { params: z.ZodType; result: z.ZodType } {
  const found = Object.entries(requests).find(([method]) => method === name);
  if (!found) throw new Error(`no request ${name}`);
  return found[1];
}

describe("decodeFrame", () => {
  test("refuses what is too long, no MessagePack, or not of the schema, each with its reason", () => {
    expect(() => decodeFrame(z.unknown(), new Uint8Array(maxFrameBytes + 1))).toThrow(/too long/);
    expect(() => decodeFrame(z.unknown(), Uint8Array.of(0xc1))).toThrow(/not MessagePack/);
    expect(() => decodeFrame(z.object({ id: z.int() }), encodeFrame({ id: "1" }))).toThrow(/does not fit/);
  });

  test("refuses claims of more than there is, before memory is reserved for them", () => {
    // An array that claims 2³²−1 items, and one of 60,000 nested arrays.
    expect(() => decodeFrame(z.unknown(), Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))).toThrow(/nested/);
    expect(() => decodeFrame(z.unknown(), new Uint8Array(60_000).fill(0x91))).toThrow(/nested/);
  });

  test("reads back whatever is encoded", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
        // MessagePack has no −0 for integers, nor has JSON.
        const plain: unknown = JSON.parse(JSON.stringify(value));
        fc.pre(!JSON.stringify(plain).includes("__proto__"));
        expect(decodeFrame(z.unknown(), encodeFrame(plain))).toEqual(plain);
      }),
    );
  });
});

describe("isWithinLimits", () => {
  test("knows the length of every format: the depth it counts is that of the value", () => {
    const leaves = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.string({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        leaves,
        fc.array(tie("value"), { maxLength: 20 }),
        fc.dictionary(fc.string({ maxLength: 40 }), tie("value"), { maxKeys: 20 }),
      ),
    }));
    fc.assert(
      fc.property(value, (sample) => {
        const bytes = encodeFrame(sample);
        const depth = depthOf(sample);
        expect(isWithinLimits(bytes, depth)).toBe(true);
        if (depth > 0) expect(isWithinLimits(bytes, depth - 1)).toBe(false);
      }),
    );
  });

  test("never throws, and never lets a claim exceed the bytes left", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => typeof isWithinLimits(bytes, 8) === "boolean"));
  });
});

/** Containers inside each other; an empty one holds nothing that could be nested. */
function depthOf(value: unknown): number {
  if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Uint8Array) return 0;
  const items: unknown[] = Object.values(value);
  return items.length === 0 ? 0 : 1 + Math.max(...items.map(depthOf));
}
