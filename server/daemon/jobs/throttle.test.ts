import { expect, test } from "vitest";
import { FakeClock } from "../test-support.ts";
import { Throttle } from "./throttle.ts";

test("passes the first at once, then the latest of each interval", () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const throttle = new Throttle<number>(clock, 10, (value) => seen.push(value));
  for (let i = 0; i < 100; i++) {
    throttle.push(i);
    clock.advance(10);
  }
  clock.advance(1000);
  expect(seen.length).toBeLessThanOrEqual(11);
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBe(99);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

test("drops what it holds back when it is closed", () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const throttle = new Throttle<number>(clock, 10, (value) => seen.push(value));
  throttle.push(1);
  throttle.push(2);
  throttle.close();
  clock.advance(1000);
  expect(seen).toEqual([1]);
});
