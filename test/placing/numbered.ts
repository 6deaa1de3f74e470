import type { PlaceInput } from "../../server/bevy/context.ts";
import { spriteOf } from "./project.ts";

/** The n-th placement of a run; every third replaces one of the sprites before it. */
export async function numberedInput(workspace: string, number: number): Promise<{ id: string; input: PlaceInput }> {
  const { png, sprite } = await spriteOf({ color: number });
  const name = nameOf(number);
  const input: PlaceInput = {
    png,
    sprite,
    target: {
      workspace,
      crate: "",
      assetRoot: "assets",
      path: `sprites/${name}.png`,
      manifest: { kind: "ron", file: "assets/game.assets.ron", key: `${name}.image`, layoutKey: null },
      metadata: "id",
      fps: null,
    },
    replace: false,
    signal: new AbortController().signal,
  };
  return { id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`, input };
}

export function nameOf(number: number): string {
  return `s${number % 3 === 2 ? number - 1 : number}`;
}
