/**
 * The text with everything in it that a terminal would obey made visible: prompts, file names and manifests come from
 * whoever wrote the project. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, (char) => {
    const code = char.charCodeAt(0);
    // Unicode's own pictures of the ASCII control characters.
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\uFFFD";
  });
}

const wide =
  /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u;

/** The beginning of a line that fits into so many columns of a terminal. */
export function fitColumns(text: string, columns: number): string {
  let used = 0;
  let fitting = "";
  for (const char of text) {
    used += wide.test(char) ? 2 : /\p{M}/u.test(char) ? 0 : 1;
    if (used > columns) break;
    fitting += char;
  }
  return fitting;
}
