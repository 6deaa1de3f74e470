import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Machine } from "../cli/harness.ts";

type Files = Readonly<Record<string, string | Uint8Array | null>>;

const base = {
  "Cargo.toml": `[package]
name = "game"
version = "0.1.0"
edition = "2024"

[dependencies]
bevy = "0.19"
bevy_asset_loader = { version = "0.27", features = ["2d", "standard_dynamic_assets"] }
`,
  "src/main.rs": rustWith('// @sprite "red dragon" 16x16 seed=7'),
  "assets/game.assets.ron": "({\n})\n",
};

/** A Rust source whose only directive stands before the load of `sprites/dragon.png`. */
export function rustWith(directive: string): string {
  return `fn spawn(asset_server: Res<AssetServer>) {
    ${directive}
    let dragon = asset_server.load("sprites/dragon.png");
}
`;
}

/** Writes the machine's game anew: one directive, one empty manifest, and what is given; null leaves a file out. */
export async function writeGame(machine: Machine, files: Files = {}): Promise<void> {
  await rm(machine.game, { recursive: true, force: true });
  await mkdir(machine.game);
  for (const [path, content] of Object.entries({ ...base, ...files })) {
    if (content === null) continue;
    const file = join(machine.game, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
