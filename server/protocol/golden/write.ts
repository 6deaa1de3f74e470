// Writes frames.json anew after a deliberate change of the protocol: node server/protocol/golden/write.ts
// Add to the protocol's minor version when older programs still understand it, to the major when they do not.
import { writeFileSync } from "node:fs";
import { goldenFrames } from "./frames.ts";

const hex = [...goldenFrames()].map(([name, { bytes }]) => [name, Buffer.from(bytes).toString("hex")]);
writeFileSync(new URL("frames.json", import.meta.url), `${JSON.stringify(Object.fromEntries(hex), null, 2)}\n`);
