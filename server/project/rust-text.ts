/**
 * Rust source with its comments blanked, every offset kept. Enough to look for a name or a literal in many files
 * without a syntax tree: strings, raw strings, characters and lifetimes are told from comments.
 */
export function blankComments(text: string): string {
  const pieces = /r(#*)"[\s\S]*?"\1|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\\n]|\\[^\n]{1,10}?)'|\/\/[^\n]*|\/\*/g;
  let result = "";
  let at = 0;
  for (let piece = pieces.exec(text); piece !== null; piece = pieces.exec(text)) {
    if (!piece[0].startsWith("/")) continue;
    const end = piece[0] === "/*" ? blockCommentEnd(text, piece.index) : pieces.lastIndex;
    result += text.slice(at, piece.index) + text.slice(piece.index, end).replace(/[^\r\n]/g, " ");
    at = end;
    pieces.lastIndex = end;
  }
  return result + text.slice(at);
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
