/** A place a person can go to: line and column count from 1, columns in UTF-16 units as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Turns offsets of one text into lines and columns. Lines end with LF, CRLF or CR. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 10 || (code === 13 && text.charCodeAt(index + 1) !== 10)) this.#starts.push(index + 1);
    }
  }

  /** Number of lines, at least 1. */
  get count(): number {
    return this.#starts.length;
  }

  position(offset: number): Position {
    const line = this.line(offset);
    return { line, column: offset - this.start(line) + 1 };
  }

  /** The line, from 1, that holds `offset`. */
  line(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Offset of the first character of `line`, counted from 1. */
  start(line: number): number {
    return this.#starts[line - 1] ?? 0;
  }
}
