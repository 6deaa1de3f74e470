import { access, constants, readdir, stat } from "node:fs/promises";
import { diskFinding, preflight } from "../engine/preflight.ts";
import { loadWorkflows } from "../engine/workflow/catalog.ts";
import type { Finding } from "../protocol/engine-info.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { ConfigFile } from "./config-file.ts";
import type { EnginePool } from "./engines/engine-pool.ts";

/** The oldest Node whose SQLite and type stripping this runs on. */
const leastNode = 24;

export interface DoctorOptions {
  readonly stateFolder: string;
  readonly artifactsFolder: string;
  readonly workflowFolders: readonly string[];
  readonly config: ConfigFile;
  readonly engines: EnginePool;
}

/** Looks at everything a job needs. Each finding that is not `ok` says what to do. */
export async function examine(options: DoctorOptions): Promise<Finding[]> {
  const findings = await Promise.all([
    stateFindings(options.stateFolder),
    diskFinding("artifacts", options.artifactsFolder).then((finding) => [finding]),
    configFindings(options.config),
    engineFindings(options),
  ]);
  return [nodeFinding(), ...findings.flat()];
}

function nodeFinding(): Finding {
  const { node } = process.versions;
  const common = { id: "node.version", subject: process.execPath };
  if (Number(node.split(".")[0]) >= leastNode) return { ...common, severity: "ok", message: `Node ${node}.` };
  return {
    ...common,
    severity: "error",
    message: `Node ${node} is older than ${leastNode}.`,
    remedy: `Install Node ${leastNode} or newer, then run \`dgx-pixels daemon restart\`.`,
  };
}

async function stateFindings(folder: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const common = { id: "state.folder", subject: folder };
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const { mode, uid } = await stat(folder);
    if ((mode & 0o077) !== 0 || (process.getuid !== undefined && uid !== process.getuid())) {
      const remedy = `Run \`chmod 700 ${folder}\` as its owner.`;
      findings.push({ ...common, severity: "warning", message: "Others can look into the state folder.", remedy });
    } else findings.push({ ...common, severity: "ok", message: "The state folder is yours alone and can be written." });
    for (const name of await readdir(folder)) {
      if (!/^jobs\.db\.corrupt-[^-]+-[^-]+-[^-]+-[^-]+-[^-]+$/.test(name) || /-(wal|shm)$/.test(name)) continue;
      findings.push({
        id: "state.database",
        subject: name,
        severity: "warning",
        message: "The job database was damaged; it was put aside and a new one started. Jobs of that time are gone.",
        remedy: "Submit again what is missing. Delete the file once you no longer want it.",
      });
    }
  } catch (error) {
    const { why } = PixelsError.from(error, "Looking at the state folder");
    const message = `The state folder cannot be used: ${why ?? "unknown reason"}`;
    findings.push({ ...common, severity: "error", message, remedy: "Make it yours and writable." });
  }
  return findings;
}

async function configFindings(config: ConfigFile): Promise<Finding[]> {
  const common = { id: "config", subject: config.path };
  try {
    await config.read();
    return [{ ...common, severity: "ok", message: "The settings can be read." }];
  } catch (error) {
    const { message, why, remedy } = PixelsError.from(error, "Reading the settings");
    const text = why === undefined ? message : `${message}: ${why}`;
    return [{ ...common, severity: "error", message: text, remedy: remedy ?? "Correct the file." }];
  }
}

async function engineFindings(options: DoctorOptions): Promise<Finding[]> {
  const catalog = await loadWorkflows(options.workflowFolders);
  const broken = catalog.problems().map((error, i): Finding => {
    const text = error.why === undefined ? error.message : `${error.message}: ${error.why}`;
    return {
      id: `workflow.${i + 1}`,
      severity: "warning",
      subject: "workflows",
      message: text,
      remedy: error.remedy ?? "Correct the file.",
    };
  });
  const looked = await Promise.all(
    (await options.engines.all()).map((engine) => preflight(engine.session, catalog.workflows())),
  );
  if (looked.length > 0) return [...broken, ...looked.flat()];
  const { problem } = options.engines.statuses()[0] ?? {};
  const message = problem?.message ?? "There is no engine.";
  const remedy = problem?.remedy ?? "Start ComfyUI, or name its address in config.toml.";
  return [...broken, { id: "engine.reachable", severity: "error", subject: "engines", message, remedy }];
}
