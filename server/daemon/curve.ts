import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, curveKeyPair, Reply } from "zeromq";
import { z } from "zod";
import { PixelsError } from "../protocol/errors.ts";

const key = z.string().length(40, "a Z85 key of 40 characters");

/** The daemon's key file: its own pair, and the public keys of the clients it lets in. */
export const curveServerSchema = z.strictObject({ publicKey: key, secretKey: key, clients: z.array(key).min(1) });

export type CurveServer = z.infer<typeof curveServerSchema>;

/** Reads the daemon's key file. Throws `permission_denied` when others may read it. */
export function readCurveServer(path: string): CurveServer {
  let text: string;
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) {
      throw new PixelsError({
        code: "permission_denied",
        message: `The key file ${path} can be read by others`,
        remedy: `Run \`chmod 600 ${path}\`; if others had a login here, make new keys.`,
      });
    }
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw PixelsError.from(error, `Reading the key file ${path}`);
  }
  const parsed = curveServerSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new PixelsError({
    code: "invalid_file",
    message: `The key file ${path} is not valid`,
    cause: z.prettifyError(parsed.error),
    remedy: "It holds publicKey, secretKey and the clients' public keys, each in Z85.",
  });
}

/** Makes a daemon's key file and one for a client of it, each for its owner alone. Never over files that are there. */
export function makeKeys(folder: string): { daemon: string; client: string } {
  const [server, client] = [curveKeyPair(), curveKeyPair()];
  const files = { daemon: join(folder, "daemon-keys.json"), client: join(folder, "client-keys.json") };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const options = { mode: 0o600, flag: "wx" };
    const daemonKeys: CurveServer = { ...server, clients: [client.publicKey] };
    writeFileSync(files.daemon, `${JSON.stringify(daemonKeys, null, 2)}\n`, options);
    writeFileSync(files.client, `${JSON.stringify({ ...client, serverKey: server.publicKey }, null, 2)}\n`, options);
  } catch (error) {
    throw PixelsError.from(error, `Making keys in ${folder}`);
  }
  return files;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Lets in the clients with these keys alone, on every CURVE socket of the context. CURVE itself proves that a client
 * holds its key; who may come is asked over ZAP (ZeroMQ RFC 27), which libzmq speaks to this socket.
 */
export async function guardByKeys(context: Context, { clients }: CurveServer): Promise<{ close(): void }> {
  const guard = new Reply({ context, linger: 0 });
  await guard.bind("inproc://zeromq.zap.01");
  void answer(guard, new Set(clients));
  return guard;
}

async function answer(guard: Reply, allowed: ReadonlySet<string>): Promise<void> {
  for await (const [version = "", request = "", , , , mechanism, credentials] of guard) {
    const known = String(mechanism) === "CURVE" && credentials !== undefined && allowed.has(encodeZ85(credentials));
    await guard.send([version, request, known ? "200" : "400", known ? "OK" : "unknown key", "", ""]);
  }
}

const z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Z85 text of bytes, whose number is a multiple of 4 (ZeroMQ RFC 32). */
export function encodeZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = "";
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const value = view.getUint32(at);
    for (const divisor of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]) text += z85[Math.floor(value / divisor) % 85];
  }
  return text;
}
