import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { curveKeyPair } from "zeromq";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeZ85, makeKeys, readCurveServer } from "./curve.ts";
import { readCommandLine } from "./options.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dgxp-"));
  file = join(folder, "keys.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("encodeZ85 gives the text of the ZeroMQ specification's example", () => {
  expect(encodeZ85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe("HelloWorld");
});

describe("the key file", () => {
  const keys = { ...curveKeyPair(), clients: [curveKeyPair().publicKey] };

  test("is read when it is its owner's alone", () => {
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
    expect(readCurveServer(file)).toEqual(keys);
    chmodSync(file, 0o640);
    expect(() => readCurveServer(file)).toThrow(expect.objectContaining({ code: "permission_denied" }));
  });

  test.each([
    ["not JSON"],
    ["{}"],
    [JSON.stringify({ ...keys, clients: [] })],
    [JSON.stringify({ ...keys, secretKey: "short" })],
  ])("is refused when it is not valid: %s", (text) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => readCurveServer(file)).toThrow(expect.objectContaining({ code: "invalid_file" }));
  });

  test("is made with one for a client, and never over another", () => {
    const files = makeKeys(folder);
    const client: unknown = JSON.parse(readFileSync(files.client, "utf8"));
    const { publicKey, clients } = readCurveServer(files.daemon);
    expect(client).toMatchObject({ serverKey: publicKey, publicKey: clients[0] });
    expect(statSync(files.client).mode & 0o777).toBe(0o600);
    expect(() => makeKeys(folder)).toThrow(/Making keys/);
  });

  test("is missed by name", () => {
    expect(() => readCurveServer(file)).toThrow(expect.objectContaining({ code: "not_found" }));
  });
});

describe("the command line", () => {
  test("is read", () => {
    expect(readCommandLine([])).toEqual({ stay: false, foreground: false, listen: null, makeKeys: null });
    expect(readCommandLine(["--stay", "--foreground"])).toMatchObject({ stay: true, foreground: true });
    writeFileSync(file, JSON.stringify({ ...curveKeyPair(), clients: [curveKeyPair().publicKey] }), { mode: 0o600 });
    expect(readCommandLine(["--listen", "tcp://127.0.0.1:0", "--keys", file]).listen?.address).toBe(
      "tcp://127.0.0.1:0",
    );
  });

  test.each([
    [["--listen", "tcp://0.0.0.0:7311"], /needs --keys/],
    [["--listen", "ipc:///tmp/x", "--keys", "k"], /no address/],
    [["--listen", "tcp://host", "--keys", "k"], /no address/],
    [["--louder"], /not valid/],
    [["--listen"], /not valid/],
  ])("%j is refused", (args, message) => {
    expect(() => readCommandLine(args)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringMatching(message) }),
    );
  });
});
