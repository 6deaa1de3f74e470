import type { ColorDepth } from "./half-blocks.ts";

/** How a terminal shows pictures. */
export interface TerminalGraphics {
  /** `kitty` and `sixel` show real pixels; `blocks` works everywhere. */
  readonly protocol: "kitty" | "sixel" | "blocks";
  readonly colors: ColorDepth;
  /** Size of one character in pixels, as the terminal says it, else 8×16. */
  readonly cell: { readonly width: number; readonly height: number };
}

/** The terminal's two ends and what is known of it. */
export interface Terminal {
  readonly input: {
    readonly isTTY: boolean;
    readonly isRaw: boolean;
    setRawMode(mode: boolean): unknown;
    /** null before anyone has read from it. */
    readonly readableFlowing: boolean | null;
    resume(): unknown;
    pause(): unknown;
    on(event: "data", listener: (chunk: Buffer) => void): unknown;
    off(event: "data", listener: (chunk: Buffer) => void): unknown;
    unshift(chunk: Buffer): void;
  };
  readonly out: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly env: NodeJS.ProcessEnv;
}

/** Milliseconds to wait for an answer; nearly every terminal gives one at once, over SSH within its round trip. */
const answerMs = 400;

/** Terminals that print what they do not understand, or answer nothing. */
const silent = /^(?:dumb|linux|cons25|emacs)$/;

/** Kitty asks to show one pixel and answers; then its size of a character; then what every terminal answers (DA1). */
const question = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c";
const escape = "\x1b";
const primaryAttributes = new RegExp(`${escape}\\[\\?([\\d;]*)c`);
const answers = [
  primaryAttributes,
  new RegExp(`${escape}_Gi=31;([^${escape}]*)${escape}\\\\`),
  new RegExp(`${escape}\\[6;(\\d+);(\\d+)t`),
];

/**
 * Asks the terminal how it shows pictures. It is asked only when both ends are a terminal, and is left in the mode it
 * was in; keys typed meanwhile are given back to the input. iTerm2, WezTerm, foot, xterm -ti vt340, VS Code with
 * images on and tmux built with Sixel say so in DA1; Kitty, Ghostty, Konsole and WezTerm answer Kitty's question.
 */
export async function detectGraphics(terminal: Terminal, waitMs: number = answerMs): Promise<TerminalGraphics> {
  const { input, out, env } = terminal;
  const colors = colorDepth(env);
  const isAskable =
    out.isTTY === true &&
    input.isTTY &&
    !silent.test(env["TERM"] ?? "dumb") &&
    env["TERM_PROGRAM"] !== "Apple_Terminal";
  const answer = isAskable ? await ask(terminal, waitMs) : "";
  const [attributes, kitty, cell] = answers.map((pattern) => pattern.exec(answer));
  const hasSixel = attributes?.[1]?.split(";").slice(1).includes("4") === true;
  const [height, width] = [Number(cell?.[1] ?? 0), Number(cell?.[2] ?? 0)];
  return {
    protocol: kitty?.[1] === "OK" ? "kitty" : hasSixel ? "sixel" : "blocks",
    colors,
    cell: width > 0 && height > 0 ? { width, height } : { width: 8, height: 16 },
  };
}

/** Colours that text may have, by the environment alone. */
export function colorDepth(env: NodeJS.ProcessEnv): ColorDepth {
  if ((env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return "none";
  const isTrue =
    /truecolor|24bit/i.test(env["COLORTERM"] ?? "") || /-direct$|kitty|ghostty|foot/.test(env["TERM"] ?? "");
  return isTrue ? "truecolor" : "256";
}

/** Everything the terminal answers until its primary attributes, which it answers last, or until the time is over. */
async function ask({ input, out }: Terminal, waitMs: number): Promise<string> {
  const wasRaw = input.isRaw;
  const wasFlowing = input.readableFlowing === true;
  const answered = Promise.withResolvers<void>();
  let answer = "";
  const onData = (chunk: Buffer): void => {
    answer += chunk.toString("latin1");
    if (primaryAttributes.test(answer)) answered.resolve();
  };
  // Cooked, the terminal would echo the answer and hold it back until Enter.
  input.setRawMode(true);
  const timer = setTimeout(answered.resolve, waitMs);
  try {
    input.on("data", onData);
    input.resume();
    out.write(question);
    await answered.promise;
  } finally {
    clearTimeout(timer);
    input.off("data", onData);
    // An input that flows for nobody keeps the process alive.
    if (!wasFlowing) input.pause();
    input.setRawMode(wasRaw);
  }
  const typed = answers.reduce((rest, pattern) => rest.replace(pattern, ""), answer);
  // Raw mode turned Ctrl-C into a byte; it still means what it means.
  if (typed.includes("\x03")) process.kill(process.pid, "SIGINT");
  else if (typed !== "") input.unshift(Buffer.from(typed, "latin1"));
  return answer;
}
