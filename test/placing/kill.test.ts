import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { placeSprite } from "../../server/bevy/place.ts";
import { decodeImage } from "../../server/codec/decode.ts";
import { parseLock } from "../../server/project/lock.ts";
import { readManifestEntries } from "../../server/project/manifest-entries.ts";
import { parseRon } from "../../server/project/ron/parse.ts";
import { imageHash } from "../../server/protocol/hashing.ts";
import { nameOf, numberedInput } from "./numbered.ts";
import { spriteOf, TestProject } from "./project.ts";

const rounds = process.env["DGX_PIXELS_ROUNDS"] === "full" ? 60 : 6;
const program = fileURLToPath(new URL("./kill-child.ts", import.meta.url));

/** Lets a process place sprites and kills it at a random moment; the number of the sprite it had begun. */
async function killAfter(game: TestProject, first: number, milliseconds: number): Promise<number> {
  const child = spawn(process.execPath, [program, game.workspace, game.backups, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const closed = once(child, "close");
  await Promise.race([once(child.stdout, "data"), closed]);
  await sleep(milliseconds);
  child.kill("SIGKILL");
  await closed;
  expect(child.signalCode).toBe("SIGKILL");
  return Number(printed.trimEnd().split("\n").at(-1));
}

test("a process killed at any moment leaves no partial file, and the next one completes what it began", async () => {
  const game = await TestProject.make({ "assets/sprites/x": "", "assets/game.assets.ron": "({\n})\n" });
  try {
    let next = 0;
    for (let round = 0; round < rounds; round++) {
      const last = await killAfter(game, next, Math.random() * 60);
      // Before anything is completed: every picture and listing is whole.
      for (const name of await readdir(game.path("assets/sprites"))) {
        if (name.endsWith(".png")) await decodeImage(await game.read(`assets/sprites/${name}`));
      }
      expect(parseRon(await game.text("assets/game.assets.ron")).problems).toEqual([]);
      const { id, input } = await numberedInput(game.workspace, last);
      await placeSprite(game.context({ id }), input);
      expect(await game.staged()).toEqual([]);
      next = last + 1;
    }
    const newest = new Map<string, number>();
    for (let number = 0; number < next; number++) newest.set(nameOf(number), number);
    const names = [...newest.keys()].toSorted();
    const entries = readManifestEntries(parseRon(await game.text("assets/game.assets.ron"))) ?? [];
    expect(entries.map(({ key }) => key).toSorted()).toEqual(names.map((name) => `${name}.image`));
    const lock = parseLock(await game.text("pixels.lock"));
    for (const [name, number] of newest) {
      const { output } = (await spriteOf({ color: number })).sprite;
      expect(imageHash(await decodeImage(await game.read(`assets/sprites/${name}.png`)))).toBe(output);
      expect(lock.get(`assets/sprites/${name}.png`)?.output).toBe(output);
    }
    expect(lock.size).toBe(newest.size);
  } finally {
    await game.remove();
  }
}, 120_000);
