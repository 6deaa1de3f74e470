import { expect, test } from "vitest";
import { parsePythonJson } from "./json.ts";

test("NaN and Infinity become null, inside strings they stay", () => {
  const text = '{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \\" Infinity", "d": -1}';
  expect(parsePythonJson(text)).toEqual({ a: null, b: [null, null], c: 'NaN " Infinity', d: -1 });
});

test("plain JSON is parsed as it is, and what is neither throws", () => {
  expect(parsePythonJson('{"a":1}')).toEqual({ a: 1 });
  expect(() => parsePythonJson("<html>NaN</html>")).toThrow(SyntaxError);
  expect(() => parsePythonJson("{")).toThrow(SyntaxError);
});
