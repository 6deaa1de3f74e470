/**
 * Parses JSON as Python writes it: the bare words NaN, Infinity and -Infinity, which ComfyUI's answers contain,
 * become null. Throws `SyntaxError` for anything else that is not JSON.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Strings are matched first, so that the words inside them stay.
    const plain = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs, (token) =>
      token.startsWith('"') ? token : "null",
    );
    if (plain === text) throw error;
    return JSON.parse(plain);
  }
}
