import { expect, test } from "vitest";
import { exchanges } from "../protocol/golden/samples.ts";
import { requests } from "../protocol/requests.ts";
import { parseLenient } from "./lenient.ts";

test("fields of a newer minor version are dropped, at any depth", () => {
  const result = structuredClone(exchanges.snapshot.result);
  const newer = { ...result, weather: "fine", jobs: result.jobs.map((job) => ({ ...job, mood: 1 })) };
  expect(parseLenient(requests.snapshot.result, newer, "snapshot")).toEqual(result);
});

test("anything else that does not fit is a mismatch that says where", () => {
  expect(() => parseLenient(requests.ping.result, { seq: -1, more: 1 }, "answer")).toThrow(
    expect.objectContaining({ code: "protocol_mismatch", why: expect.stringContaining("seq") }),
  );
  expect(() => parseLenient(requests.ping.result, null, "answer")).toThrow(/cannot be understood/);
});
