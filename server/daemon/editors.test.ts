import { describe, expect, test } from "vitest";
import { uuid } from "../protocol/golden/samples.ts";
import type { DaemonEvent, EditRequest } from "../protocol/events.ts";
import { Editors } from "./editors.ts";

const edit: EditRequest = { id: uuid("1"), client: "ann", path: "/g/a.ron", base: "0", edits: [] };

function editors(answerMs?: number) {
  const published: DaemonEvent[] = [];
  return { published, editors: new Editors((event) => published.push(event), answerMs) };
}

describe("editors", () => {
  test("are known by what they hold unsaved", () => {
    const { editors: all } = editors();
    all.setUnsaved("ann", ["/g/a.ron", "/g/b.ron"]);
    all.setUnsaved("bob", ["/g/c.ron"]);
    expect([all.holderOf("/g/b.ron"), all.holderOf("/g/c.ron"), all.holderOf("/g/d.ron")]).toEqual([
      "ann",
      "bob",
      null,
    ]);
    all.setUnsaved("ann", ["/g/b.ron"]);
    expect(all.holderOf("/g/a.ron")).toBeNull();
    all.setUnsaved("ann", []);
    all.clientGone("bob");
    expect([all.holderOf("/g/b.ron"), all.holderOf("/g/c.ron")]).toEqual([null, null]);
  });

  test("are asked, and only the one that was asked answers", async () => {
    const { editors: all, published } = editors();
    all.setUnsaved("ann", [edit.path]);
    const outcome = all.request(edit);
    expect(published).toEqual([{ type: "edit", edit }]);
    all.applied("bob", edit.id, "refused");
    all.applied("ann", uuid("2"), "refused");
    all.applied("ann", edit.id, "applied");
    all.applied("ann", edit.id, "refused");
    expect(await outcome).toBe("applied");
  });

  test("are not asked for what they do not hold", async () => {
    const { editors: all, published } = editors();
    expect(await all.request(edit)).toBe("no-editor");
    expect(published).toEqual([]);
  });

  test("that vanish hold nothing, and that are silent refuse", async () => {
    const { editors: all } = editors(20);
    all.setUnsaved("ann", [edit.path]);
    expect(await all.request(edit)).toBe("refused");
    const outcome = all.request(edit);
    all.clientGone("ann");
    expect(await outcome).toBe("no-editor");
  });
});
