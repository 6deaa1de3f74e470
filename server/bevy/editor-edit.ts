import { randomUUID } from "node:crypto";
import { PixelsError } from "../protocol/errors.ts";
import type { TextEdit } from "../protocol/events.ts";
import { sha256 } from "../protocol/hashing.ts";
import type { Editors } from "./context.ts";
import type { Place } from "./places.ts";

/** Edits with the text they were planned on. */
export interface EditPlan {
  readonly text: string;
  readonly edits: readonly TextEdit[];
}

/** `write`: no editor holds the file, so write it. `nothing`: its text has come to say all of it. */
export type EditorOutcome = "applied" | "write" | "nothing";

/**
 * Has the editor that holds the file unsaved apply the edits. `planAnew` reads the file again, once, when the editor's
 * text is another; null: nothing to do.
 * Throws `conflict` when it is another still, or when the editor refuses.
 */
export async function editUnsaved(
  editors: Editors,
  place: Place,
  first: EditPlan,
  planAnew: () => Promise<EditPlan | null>,
): Promise<EditorOutcome> {
  let plan: EditPlan | null = first;
  for (let attempt = 0; attempt < 2 && plan !== null; attempt++) {
    const path = [place.path, place.realPath].find((candidate) => editors.unsavedBy(candidate) !== null);
    const client = path === undefined ? null : editors.unsavedBy(path);
    if (path === undefined || client === null) return "write";
    const { text, edits } = plan;
    const outcome = await editors.apply({ id: randomUUID(), client, path, base: sha256(text), edits: [...edits] });
    if (outcome === "applied") return "applied";
    if (outcome === "no-editor") return "write";
    if (outcome === "refused") {
      throw waitsForSave(place, "The editor refused the edit.");
    }
    plan = await planAnew();
  }
  if (plan === null) return "nothing";
  throw waitsForSave(place, "Its unsaved text is not the text on the disk, so the edit cannot be placed in it.");
}

function waitsForSave(place: Place, cause: string): PixelsError {
  return new PixelsError({
    code: "conflict",
    message: `${place.path} has unsaved changes`,
    cause,
    remedy: "Save the file in your editor, then retry.",
    data: { path: place.path },
  });
}
