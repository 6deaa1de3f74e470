import { describe, expect, it } from "vitest";
import { LineIndex } from "./lines.ts";

describe("lines and columns", () => {
  const lines = new LineIndex("ab\ncd\r\ne\rf");

  it.each([
    [0, 1, 1],
    [2, 1, 3],
    [3, 2, 1],
    [6, 2, 4],
    [7, 3, 1],
    [9, 4, 1],
    [10, 4, 2],
  ])("offset %i is at %i:%i", (offset, line, column) => {
    expect(lines.position(offset)).toEqual({ line, column });
  });

  it("begin where lines begin", () => {
    expect(lines.count).toBe(4);
    expect([1, 2, 3, 4].map((line) => lines.start(line))).toEqual([0, 3, 7, 9]);
    expect(new LineIndex("").position(0)).toEqual({ line: 1, column: 1 });
  });
});
