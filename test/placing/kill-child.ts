/**
 * Places sprites one after another until it is killed: `node kill-child.ts WORKSPACE BACKUPS FIRST`.
 * Prints each one's number before it begins.
 */
import { placeSprite } from "../../server/bevy/place.ts";
import { decodeImage } from "../../server/codec/decode.ts";
import { numberedInput } from "./numbered.ts";

const [workspace = "", backups = "", first = "0"] = process.argv.slice(2);
for (let number = Number(first); ; number++) {
  const { id, input } = await numberedInput(workspace, number);
  process.stdout.write(`${number}\n`);
  await placeSprite(
    {
      backups,
      id,
      now: number,
      editors: { unsavedBy: () => null, apply: () => Promise.resolve("no-editor") },
      decode: (png) => decodeImage(png),
    },
    input,
  );
}
