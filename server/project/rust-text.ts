/**
 * Rust source with its comments blanked, every offset kept. Enough to look for a name or a literal in many files
 * without a syntax tree: strings, raw strings, characters and lifetimes are told from comments. Linear in the text.
 */
export function blankComments(text: string): string {
  const openings = /r(#{0,255})"|"|'(?:[^'\\\n]|\\[^\n]{1,10}?)'|\/\/|\/\*/g;
  let result = "";
  let at = 0;
  for (let opening = openings.exec(text); opening !== null; opening = openings.exec(text)) {
    const [token, hashes = ""] = opening;
    const start = opening.index;
    let end = openings.lastIndex;
    if (token === '"') end = stringEnd(text, end);
    else if (token.startsWith("r")) end = endOf(text, `"${hashes}`, end);
    else if (token.startsWith("/")) {
      end = token === "//" ? endOf(text, "\n", end) - 1 : blockCommentEnd(text, start);
      result += text.slice(at, start) + text.slice(start, end).replace(/[^\r\n]/g, " ");
      at = end;
    }
    openings.lastIndex = end;
  }
  return result + text.slice(at);
}

/** Behind the next `mark`; behind the text, by one more, when there is none. */
function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length + 1 : found + mark.length;
}

function stringEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at + 1;
}

/** Block comments nest in Rust. */
function blockCommentEnd(text: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}
