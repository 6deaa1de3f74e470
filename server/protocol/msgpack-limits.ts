/** Bytes that follow the head byte of a fixed-size value, by head byte (the MessagePack specification, "Formats"). */
const fixedBytes: Readonly<Record<number, number>> = {
  0xca: 4,
  0xcb: 8,
  0xcc: 1,
  0xcd: 2,
  0xce: 4,
  0xcf: 8,
  0xd0: 1,
  0xd1: 2,
  0xd2: 4,
  0xd3: 8,
  0xd4: 2,
  0xd5: 3,
  0xd6: 5,
  0xd7: 9,
  0xd8: 17,
};

/**
 * Whether MessagePack bytes may be decoded: nested at most `maxDepth` deep, and no container that claims
 * more items than there are bytes left. A decoder reserves memory for what a head claims, before it reads it.
 */
export function isWithinLimits(bytes: Uint8Array, maxDepth: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  const pending = [1];
  let at = 0;

  const length = (size: 1 | 2 | 4): number => {
    if (at + size > end) return end;
    const value = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
    at += size;
    return value;
  };
  // A function, since `at += length(1)` would read `at` before `length` moves it.
  const skip = (bytesToSkip: number): void => {
    at += bytesToSkip;
  };

  while (at < end) {
    let depth = pending.length - 1;
    while (depth >= 0 && pending[depth] === 0) {
      pending.pop();
      depth -= 1;
    }
    // What follows the one value is the decoder's to refuse.
    if (depth < 0) return true;
    pending[depth] = (pending[depth] ?? 0) - 1;

    const head = view.getUint8(at);
    at += 1;
    let items = 0;
    if (head >= 0x80 && head <= 0x8f) items = (head & 0x0f) * 2;
    else if (head >= 0x90 && head <= 0x9f) items = head & 0x0f;
    else if (head >= 0xa0 && head <= 0xbf) skip(head & 0x1f);
    else if (head === 0xc4 || head === 0xd9) skip(length(1));
    else if (head === 0xc5 || head === 0xda) skip(length(2));
    else if (head === 0xc6 || head === 0xdb) skip(length(4));
    else if (head === 0xc7) skip(length(1) + 1);
    else if (head === 0xc8) skip(length(2) + 1);
    else if (head === 0xc9) skip(length(4) + 1);
    else if (head === 0xdc) items = length(2);
    else if (head === 0xdd) items = length(4);
    else if (head === 0xde) items = length(2) * 2;
    else if (head === 0xdf) items = length(4) * 2;
    else skip(fixedBytes[head] ?? 0);

    if (items > 0) {
      if (items > end - at || pending.length > maxDepth) return false;
      pending.push(items);
    }
  }
  return true;
}
