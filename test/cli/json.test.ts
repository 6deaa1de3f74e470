import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jsonResults } from "../../server/cli/json-results.ts";
import { Machine } from "./harness.ts";
import { publishedSchema } from "./published-schema.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.create();
});
afterAll(() => machine.remove());

describe("one document a command, as it is published", () => {
  test("every command has one but help", async () => {
    const { out } = await machine.run(["help"]);
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name);
    expect(new Set(commands)).toEqual(new Set([...Object.keys(jsonResults), "help"]));
  });

  test("demo, undo and its list", async () => {
    const folder = join(machine.folder, "demo");
    const { sync, generate } = await machine.json("demo", ["demo", "--folder", folder]);
    expect(sync.sprites).toHaveLength(2);
    expect(generate.files).toContain(join(folder, "assets/sprites/chest.png"));
    const list = await machine.json("undo", ["-C", folder, "undo", "--list"]);
    const [last] = "placements" in list ? list.placements : [];
    expect(last?.target.path).toBe("sprites/chest.png");
    const undone = await machine.json("undo", ["-C", folder, "undo", last?.placement.id.slice(0, 13) ?? ""]);
    expect(undone).toMatchObject({ placement: last?.placement.id });
  });

  test("retry, and what a failed job leaves in the list", async () => {
    const { code, out } = await machine.run(["--json", "generate", "dragon", "8x8", "--model", "sdxl"]);
    expect(code).toBe(3);
    expect(publishedSchema("failure").parse(JSON.parse(out))).toMatchObject({ error: { code: "unknown_model" } });
    const { jobs } = await machine.json("jobs", ["jobs", "--all"]);
    const failed = jobs.find(({ state }) => state === "failed");
    await machine.json("retry", ["retry", failed?.id ?? "", "--no-wait"]);
    await machine.json("cancel", ["cancel", "--all"]);
  });

  test("the option may stand after the command", async () => {
    const { out } = await machine.run(["sync", "--dry-run", "--json"]);
    expect(publishedSchema("result-sync").parse(JSON.parse(out))).toBeDefined();
  });
});
