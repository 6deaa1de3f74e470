import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { conformance } from "./conformance.ts";

const url = process.env["DGX_PIXELS_COMFYUI_URL"];
const restartCommand = process.env["DGX_PIXELS_COMFYUI_RESTART"];

if (!url) {
  throw new Error(
    "Set DGX_PIXELS_COMFYUI_URL to the address of a running ComfyUI, such as http://127.0.0.1:8188, then run " +
      "`npm run test:comfyui` again. It makes small pictures there, and cancels only what it submitted itself.",
  );
}

/** Runs the command that restarts the server, and waits until it answers again. */
async function restart(command: string, address: string): Promise<void> {
  const ended = Promise.withResolvers<number | null>();
  spawn(command, { shell: true, stdio: ["ignore", "inherit", "inherit"] }).on("close", ended.resolve);
  const code = await ended.promise;
  if (code !== 0) throw new Error(`\`${command}\` ended with ${code}`);
  for (let attempt = 0; attempt < 120; attempt++) {
    const answer = await fetch(`${address}/system_stats`).catch(() => null);
    if (answer?.ok) return;
    await delay(1000);
  }
  throw new Error(`${address} does not answer after \`${command}\``);
}

conformance("a real ComfyUI", () =>
  Promise.resolve({
    url: url.replace(/\/+$/, ""),
    restart: restartCommand
      ? () => restart(restartCommand, url)
      : { cannot: "set DGX_PIXELS_COMFYUI_RESTART to a command that restarts the server" },
    stop: () => Promise.resolve(),
  }),
);
