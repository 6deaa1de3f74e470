import { readFile, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configSchema } from "../protocol/config.ts";
import { ConfigFile, configFolder } from "./config-file.ts";
import { rounds, temporaryFolder } from "./test-support.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: ConfigFile;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = new ConfigFile(folder.path);
});
afterEach(() => folder.remove());

const defaults = configSchema.parse({});
const gpu = { url: "http://10.0.0.2:8188", gpu: "gpu:1" };

test("lies where XDG says, and a relative XDG path counts for nothing", () => {
  expect(configFolder({ XDG_CONFIG_HOME: "/xdg" })).toBe("/xdg/dgx-pixels");
  expect(configFolder({ XDG_CONFIG_HOME: "xdg" })).toBe(join(homedir(), ".config/dgx-pixels"));
  expect(configFolder({})).toBe(join(homedir(), ".config/dgx-pixels"));
});

test("a missing file holds the defaults", async () => {
  expect(await file.read()).toEqual(defaults);
});

test("what is written is read back, by its user alone", async () => {
  const config = { ...defaults, comfyui: [gpu], idleSeconds: 30 };
  await file.write(config);
  expect(await file.read()).toEqual(config);
  expect((await stat(file.path)).mode & 0o777).toBe(0o600);
});

test("the folder is made where it is missing", async () => {
  const deeper = new ConfigFile(join(folder.path, "not", "there"));
  await deeper.write({ ...defaults, idleSeconds: 30 });
  expect(await deeper.read()).toMatchObject({ idleSeconds: 30 });
});

describe("a person's comments", () => {
  const text = `# my settings
idleSeconds = 60 # a minute

[artifacts]
# a small disk
quotaGigabytes = 5

[[comfyui]]
# the Spark in the cellar
url = "http://10.0.0.1:8188"
`;
  beforeEach(() => writeFile(file.path, text));

  test("stay when a setting changes", async () => {
    const config = await file.read();
    await file.write({ ...config, idleSeconds: 120, artifacts: { quotaGigabytes: 7, keepDays: 30 } });
    const after = await readFile(file.path, "utf8");
    expect(after).toContain("# my settings\nidleSeconds = 120 # a minute");
    expect(after).toContain("# a small disk\nquotaGigabytes = 7");
    expect(after).toContain("# the Spark in the cellar");
    expect(await file.read()).toMatchObject({ idleSeconds: 120, artifacts: { quotaGigabytes: 7, keepDays: 30 } });
  });

  test("stay when the engines change", async () => {
    const config = await file.read();
    await file.write({ ...config, comfyui: [...config.comfyui, gpu] });
    const after = await readFile(file.path, "utf8");
    for (const comment of ["# my settings", "# a minute", "# a small disk", "# the Spark in the cellar"]) {
      expect(after).toContain(comment);
    }
    expect((await file.read()).comfyui).toHaveLength(2);
  });

  test("and the whole file when nothing changes", async () => {
    await file.write(await file.read());
    expect(await readFile(file.path, "utf8")).toBe(text);
  });
});

test("whatever the file held, what is written is what is read", async () => {
  const configs = fc.record({
    comfyui: fc.array(
      fc.record({ url: fc.constantFrom("http://a:1", "https://b"), gpu: fc.constantFrom("gpu:0", "gpu [x] #1") }),
      { maxLength: 3 },
    ),
    artifacts: fc.record({
      quotaGigabytes: fc.double({ min: 0.1, max: 1e6, noNaN: true }),
      keepDays: fc.integer({ min: 1, max: 1e6 }),
    }),
    idleSeconds: fc.integer({ min: 1, max: 1e9 }),
  });
  const before = fc.constantFrom(
    "",
    "# only a comment",
    "idleSeconds = 5",
    'comfyui = [{ url = "http://c" }] # inline\n',
    "artifacts = { quotaGigabytes = 3 }\n",
    "[artifacts]\nkeepDays = 3\n[[comfyui]]\nurl = 'http://d' # keep\n",
    "this is broken = = 3",
  );
  await fc.assert(
    fc.asyncProperty(before, configs, async (text, config) => {
      await writeFile(file.path, text);
      await file.write(config);
      expect(await file.read()).toEqual(config);
    }),
    { numRuns: rounds(50, 500) },
  );
});

test.each([
  ["idleSeconds = = 3", /:1:15 cannot be read/, "invalid_file"],
  ["\n\nidleSeconds = 'soon'", /has a setting that cannot be used/, "invalid_file"],
  ["idelSeconds = 3", /has a setting/, "invalid_file"],
  ["[[comfyui]]\nurl = 'ftp://x'", /has a setting/, "invalid_file"],
])("%j is explained", async (text, message, code) => {
  await writeFile(file.path, text);
  await expect(file.read()).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
    why: expect.any(String),
  });
});
