import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { detectGraphics, type Terminal } from "./detect.ts";

/** A terminal that answers what it is asked, in pieces, and notes its modes. */
function terminal(
  answer: readonly string[],
  env: NodeJS.ProcessEnv = { TERM: "xterm-256color" },
  tty: { readonly input?: boolean; readonly out?: boolean } = {},
) {
  const asked: string[] = [];
  const modes: boolean[] = [];
  const stream = new PassThrough();
  const input = Object.assign(stream, {
    isTTY: tty.input ?? true,
    isRaw: false,
    setRawMode(mode: boolean) {
      modes.push(mode);
      return input;
    },
  });
  const out: Terminal["out"] = {
    isTTY: tty.out ?? true,
    write(text: string) {
      asked.push(text);
      for (const piece of answer) stream.write(piece);
    },
  };
  const faked: Terminal = { input, out, env };
  return { terminal: faked, asked, modes, stream };
}

describe("asking a terminal", () => {
  test.each([
    ["Kitty", ["\x1b_Gi=31;OK\x1b\\", "\x1b[6;20;10t", "\x1b[?62;c"], "kitty", { width: 10, height: 20 }],
    ["both, in pieces", ["\x1b_Gi=", "31;OK\x1b\\\x1b[?6", "2;4c"], "kitty", { width: 8, height: 16 }],
    ["Sixel", ["\x1b[6;15;7t\x1b[?62;4;22c"], "sixel", { width: 7, height: 15 }],
    [
      "Sixel though it knows Kitty's question",
      ["\x1b_Gi=31;ENOSYS:no\x1b\\\x1b[?64;1;4c"],
      "sixel",
      { width: 8, height: 16 },
    ],
    ["neither; 64 and 24 are not 4", ["\x1b[?64;24;14c"], "blocks", { width: 8, height: 16 }],
    ["a VT400 without Sixel", ["\x1b[?4c"], "blocks", { width: 8, height: 16 }],
  ] as const)("%s", async (_name, answer, protocol, cell) => {
    const { terminal: asked, modes, stream } = terminal(answer);
    expect(await detectGraphics(asked, 5000)).toEqual({ protocol, colors: "256", cell });
    expect(modes).toEqual([true, false]);
    expect(stream.isPaused()).toBe(true);
    expect(stream.listenerCount("data")).toBe(0);
  });

  test("one that never answers shows blocks, and is left as it was", async () => {
    const { terminal: asked, modes } = terminal([]);
    expect((await detectGraphics(asked, 5)).protocol).toBe("blocks");
    expect(modes).toEqual([true, false]);
  });

  test("keys typed meanwhile are not lost", async () => {
    const { terminal: asked, stream } = terminal(["ls", "\x1b[?62;4c", "\r"]);
    expect((await detectGraphics(asked, 5000)).protocol).toBe("sixel");
    expect(String(stream.read())).toBe("ls\r");
  });

  test.each([
    ["output is no terminal", { TERM: "xterm" }, { out: false }],
    ["input is no terminal", { TERM: "xterm" }, { input: false }],
    ["it is dumb", { TERM: "dumb" }, {}],
    ["it has no name", {}, {}],
    ["it is the Linux console", { TERM: "linux" }, {}],
    ["it prints what it does not know", { TERM: "xterm", TERM_PROGRAM: "Apple_Terminal" }, {}],
  ])("is left out when %s", async (_name, env, tty) => {
    const { terminal: silent, asked, modes } = terminal(["\x1b_Gi=31;OK\x1b\\\x1b[?62;4c"], env, tty);
    expect((await detectGraphics(silent, 5000)).protocol).toBe("blocks");
    expect([asked, modes]).toEqual([[], []]);
  });
});

describe("colours", () => {
  test.each([
    [{ TERM: "xterm-256color", COLORTERM: "truecolor" }, "truecolor"],
    [{ TERM: "xterm-kitty" }, "truecolor"],
    [{ TERM: "xterm-direct" }, "truecolor"],
    [{ TERM: "screen" }, "256"],
    [{ TERM: "xterm", COLORTERM: "truecolor", NO_COLOR: "1" }, "none"],
    [{ TERM: "xterm", NO_COLOR: "" }, "256"],
    [{ TERM: "dumb" }, "none"],
  ])("%o: %s", async (env, colors) => {
    const { terminal: silent } = terminal([], env, { out: false });
    expect((await detectGraphics(silent)).colors).toBe(colors);
  });
});
