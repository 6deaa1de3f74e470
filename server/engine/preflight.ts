import { statfs } from "node:fs/promises";
import type { EngineModels, EngineStatus, Finding } from "../protocol/engine-info.ts";
import { PixelsError } from "../protocol/errors.ts";
import type { ComfySession } from "./comfyui/session.ts";
import type { SystemStats } from "./comfyui/schemas.ts";
import type { Workflow } from "./workflow/catalog.ts";
import { firstMatch } from "./workflow/model-match.ts";

export interface PreflightOptions {
  /** Folders on this machine that fill up: each is named, and its disk looked at. */
  readonly folders?: readonly { readonly name: string; readonly path: string }[];
}

/** The first version that goes by a client's own prompt id, which adopting a job after a crash needs. */
const leastVersion = "0.3.45";
const gigabyte = 1e9;
/** Below this a disk soon has no room for pictures, and below the second figure for nothing. */
const lowDisk = { warning: 10 * gigabyte, error: 1 * gigabyte } as const;
/** SDXL in 16 bits holds about 7 GB of weights. */
const lowMemory = 8 * gigabyte;

/**
 * Looks at one engine as a person would before the first job: can it be reached, has it what the workflows need.
 * Every finding that is not `ok` says what to do. Never throws: what fails is a finding.
 */
export async function preflight(
  session: ComfySession,
  workflows: readonly Workflow[],
  options: PreflightOptions = {},
): Promise<Finding[]> {
  const disks = Promise.all((options.folders ?? []).map(({ name, path }) => diskFinding(name, path)));
  const { id } = session.status;
  let stats: SystemStats;
  try {
    stats = await session.systemStats();
  } catch (error) {
    const { message, why, remedy } = PixelsError.from(error, `Asking ${id}`);
    return [
      {
        id: "engine.reachable",
        severity: "error",
        subject: id,
        message: why === undefined ? message : `${message}: ${why}`,
        remedy: remedy ?? "Start ComfyUI, then try again.",
      },
      ...(await disks),
    ];
  }
  const looks = [
    async () => [
      { id: "engine.reachable", severity: "ok", subject: id, message: "It answers." } as const,
      versionFinding(id, stats),
      socketFinding(session),
      ...memoryFindings(session.status, stats),
    ],
    () => nodeFindings(session, workflows),
    async () => modelFindings(id, await session.models(), workflows),
  ];
  const findings = await Promise.all(looks.map((look) => look().catch((error: unknown) => [failedLook(id, error)])));
  return [...findings.flat(), ...(await disks)];
}

function failedLook(subject: string, error: unknown): Finding {
  const { message, why, remedy } = PixelsError.from(error, `Looking at ${subject}`);
  return {
    id: "engine.answers",
    severity: "error",
    subject,
    message: why === undefined ? message : `${message}: ${why}`,
    remedy: remedy ?? "Look at ComfyUI's log, then try again.",
  };
}

function versionFinding(subject: string, stats: SystemStats): Finding {
  const version = stats.system.comfyui_version;
  const common = { id: "engine.version", subject };
  if (version === null) {
    return {
      ...common,
      severity: "warning",
      message: "It does not say its version, as old ones do not.",
      remedy: `Update ComfyUI to ${leastVersion} or newer.`,
    };
  }
  if (version.localeCompare(leastVersion, "en", { numeric: true }) < 0) {
    return {
      ...common,
      severity: "warning",
      message: `ComfyUI ${version} does not keep a job's own id: a job cannot be taken up after a crash.`,
      remedy: `Update ComfyUI to ${leastVersion} or newer.`,
    };
  }
  return { ...common, severity: "ok", message: `ComfyUI ${version}.` };
}

function socketFinding(session: ComfySession): Finding {
  const { id, state, problem } = session.status;
  if (state === "ready" || state === "busy") {
    return { id: "engine.socket", severity: "ok", subject: id, message: "Its WebSocket is open." };
  }
  return {
    id: "engine.socket",
    severity: "warning",
    subject: id,
    message: problem?.message ?? "Its WebSocket is not open yet: progress and previews would be missing.",
    remedy: problem?.remedy ?? "Try again. A proxy in between must pass WebSocket upgrades on.",
  };
}

/** A figure of the server that is missing or 0 is unknown: unified memory is often reported so. */
function memoryFindings({ id: subject, kind: engine }: EngineStatus, stats: SystemStats): Finding[] {
  const devices = stats.devices.length > 0 ? stats.devices : null;
  if (devices === null) {
    return [{ id: "engine.memory", severity: "note", subject, message: "It does not say what it computes on." }];
  }
  return devices.map((device): Finding => {
    const total = device.vram_total || null;
    const free = total === null ? null : device.vram_free;
    const { ram_total } = stats.system;
    const unified = total !== null && ram_total !== null && Math.abs(total - ram_total) < 0.05 * ram_total;
    const kind = device.type === "cpu" ? "main memory" : unified ? "unified memory" : "GPU memory";
    const amount = total === null ? `${kind} unknown` : `${gigabytes(free)} free of ${gigabytes(total)} ${kind}`;
    const message = `${device.name}: ${amount}.`;
    if (device.type === "cpu" && engine === "comfyui") {
      return {
        id: "engine.memory",
        severity: "note",
        subject,
        message: `${message} It computes on the CPU: a picture takes minutes.`,
        remedy: "Start ComfyUI without --cpu on a machine with a GPU.",
      };
    }
    if (device.type !== "cpu" && free !== null && free < lowMemory) {
      return {
        id: "engine.memory",
        severity: "warning",
        subject,
        message,
        remedy: "Stop what else uses the GPU, or use smaller pictures; SDXL needs about 8 GB.",
      };
    }
    return { id: "engine.memory", severity: "ok", subject, message };
  });
}

async function nodeFindings(session: ComfySession, workflows: readonly Workflow[]): Promise<Finding[]> {
  const needs = workflows.map((workflow) => ({
    workflow,
    classes: classesOf(workflow.graph),
    optional: workflow.slots.parts.map((part) => ({ part: part.name, classes: classesOf(part.nodes) })),
  }));
  const all = new Set(needs.flatMap((need) => [...need.classes, ...need.optional.flatMap(({ classes }) => classes)]));
  const missing = new Set<string>();
  for (const name of all) if (!(await session.hasNode(name))) missing.add(name);
  return needs.map(({ workflow, classes, optional }): Finding => {
    const common = { id: `engine.nodes.${workflow.name}`, subject: `workflow ${workflow.name}` };
    const lacks = classes.filter((name) => missing.has(name));
    if (lacks.length > 0) {
      return {
        ...common,
        severity: "error",
        message: `The engine lacks its nodes ${lacks.join(", ")}.`,
        remedy: "Update ComfyUI, or install the custom nodes of that name; other workflows are not affected.",
      };
    }
    const without = optional.filter((part) => part.classes.some((name) => missing.has(name)));
    if (without.length > 0) {
      const lost = without.map(
        ({ part, classes: of }) => `${part} (${of.filter((name) => missing.has(name)).join(", ")})`,
      );
      return {
        ...common,
        severity: "note",
        message: `It works, but without ${lost.join(", ")}.`,
        remedy: "Update ComfyUI to have these parts too.",
      };
    }
    return { ...common, severity: "ok", message: "The engine has all its nodes." };
  });
}

function classesOf(nodes: Workflow["graph"]): string[] {
  return [...new Set(Object.values(nodes).map((node) => node.class_type))].toSorted();
}

function modelFindings(subject: string, models: EngineModels, workflows: readonly Workflow[]): Finding[] {
  const findings: Finding[] = [];
  if (models.checkpoints.length === 0) {
    findings.push({
      id: "engine.checkpoints",
      severity: "error",
      subject,
      message: "It has no checkpoint, so it cannot make any picture.",
      remedy: "Put one, such as sd_xl_base_1.0.safetensors, into ComfyUI's models/checkpoints folder.",
    });
  } else {
    findings.push({
      id: "engine.checkpoints",
      severity: "ok",
      subject,
      message: listed("checkpoint", models.checkpoints),
    });
  }
  for (const workflow of workflows) {
    const patterns = workflow.slots.models.checkpoint;
    if (!patterns || models.checkpoints.length === 0 || firstMatch(patterns, models.checkpoints) !== null) continue;
    findings.push({
      id: `engine.checkpoint.${workflow.name}`,
      severity: "warning",
      subject: `workflow ${workflow.name}`,
      message: `None of the checkpoints fits its patterns ${patterns.join(", ")}.`,
      remedy: "Name a checkpoint with `model=`, or add one that fits to models/checkpoints.",
    });
  }
  const optional = [
    ["loras", "LoRA", models.loras, "the lcm and lightning presets and styles of one's own need one", "loras"],
    ["vaes", "VAE", models.vaes, "checkpoints bring their own", "vae"],
    ["controlnets", "ControlNet", models.controlnets, "animations then follow no poses", "controlnet"],
  ] as const;
  for (const [id, kind, names, without, folder] of optional) {
    findings.push(
      names.length > 0
        ? { id: `engine.${id}`, severity: "ok", subject, message: listed(kind, names) }
        : {
            id: `engine.${id}`,
            severity: "note",
            subject,
            message: `It has no ${kind}: ${without}.`,
            remedy: `Put such files into ComfyUI's models/${folder} folder when you want them.`,
          },
    );
  }
  return findings;
}

function listed(kind: string, names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return `${names.length} ${kind}${names.length === 1 ? "" : "s"}: ${shown}${names.length > 5 ? ", …" : ""}.`;
}

/** How much room the disk of a folder has. */
export async function diskFinding(name: string, path: string): Promise<Finding> {
  const common = { id: `disk.${name}`, subject: path };
  try {
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const message = `${gigabytes(free)} free for ${name}.`;
    if (free >= lowDisk.warning) return { ...common, severity: "ok", message };
    const severity = free < lowDisk.error ? "error" : "warning";
    return { ...common, severity, message, remedy: "Free some space on this disk." };
  } catch (error) {
    const { why } = PixelsError.from(error, "Looking at the disk");
    return {
      ...common,
      severity: "warning",
      message: `The disk of ${name} cannot be looked at: ${why ?? "unknown reason"}`,
      remedy: "Check that the folder exists and can be read.",
    };
  }
}

function gigabytes(bytes: number | null): string {
  return bytes === null ? "an unknown amount" : `${(bytes / gigabyte).toFixed(1)} GB`;
}
