export interface NameProblem {
  readonly severity: "error" | "warning";
  /** What is wrong with the path. */
  readonly message: string;
  /** A path that may be written, as near to the given one as can be. */
  readonly suggestion: string;
}

/** The longest name of a file or folder; Linux, macOS and Windows agree on it. */
const maxName = 255;
const maxPath = 1024;
/** Device names that Windows keeps for itself, whatever the extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9])(?:\.|$)/i;

const checks: readonly { severity: NameProblem["severity"]; message: string; fails: (path: string) => boolean }[] = [
  { severity: "error", message: "is empty", fails: (path) => path.trim() === "" },
  {
    severity: "error",
    message: "names an asset source or a label; a sprite is written to a plain file below the asset root",
    fails: (path) => path.includes("://") || path.includes("#"),
  },
  {
    severity: "error",
    message: "is absolute; it must be relative to the asset root",
    fails: (path) => /^(?:[\\/~]|[a-z]:)/i.test(path),
  },
  { severity: "error", message: "has a backslash; use forward slashes", fails: (path) => path.includes("\\") },
  {
    severity: "error",
    message: "has an empty, `.` or `..` part, so it could leave the asset root",
    fails: (path) => parts(path).some((part) => part === "" || part === "." || part === ".."),
  },
  {
    severity: "error",
    message: "has characters beyond ASCII, which file systems spell differently",
    fails: (path) => /\P{ASCII}/u.test(path),
  },
  { severity: "error", message: "has a space", fails: (path) => path.includes(" ") },
  {
    severity: "error",
    message: 'has a control character or one of < > : " | ? *, which Windows refuses',
    fails: (path) => /[<>:"|?*\p{Cc}]/u.test(path),
  },
  {
    severity: "error",
    message: "has a name that Windows keeps for devices",
    fails: (path) => parts(path).some((part) => reserved.test(part)),
  },
  {
    severity: "error",
    message: "has a name that begins or ends with a dot; Bevy skips hidden files and Windows drops a last dot",
    fails: (path) => parts(path).some((part) => /^\.[^.]|[^.]\.$/.test(part)),
  },
  {
    severity: "error",
    message: "is too long",
    fails: (path) => path.length > maxPath || parts(path).some((part) => part.length > maxName),
  },
  { severity: "error", message: "is not a .png file", fails: (path) => !/[^/]\.png$/i.test(path) },
  {
    severity: "warning",
    message: "has upper-case letters; file names are told apart by case on Linux and not on macOS and Windows",
    fails: (path) => /[A-Z]/.test(path),
  },
];

/** What is wrong with a sprite's path in its asset root, the gravest first; empty when it may be written as it is. */
export function checkTargetPath(path: string): readonly NameProblem[] {
  return checks
    .filter((check) => check.fails(path))
    .map(({ severity, message }) => ({ severity, message: `"${path}" ${message}`, suggestion: suggestPath(path) }));
}

/** The nearest path to `path` that `checkTargetPath` has nothing against. */
export function suggestPath(path: string): string {
  const plain = (path.split("://").at(-1) ?? "").split("#", 1)[0] ?? "";
  const names = parts(plain.replaceAll("\\", "/").replace(/^[a-z]:/i, "")).map((part) => slug(withoutExtension(part)));
  const file = names.pop() ?? "";
  const folders = names.filter((name) => name !== "").slice(-8);
  return [...folders, `${file === "" ? "sprite" : file}.png`].join("/");
}

/** Where a new sprite goes when nothing else says so. */
const defaultNamingRule = "sprites/{name}.png";

export interface NamingOptions {
  /** A path with `{name}` (from the prompt) and `{style}`; from pixels.toml's `naming`. */
  readonly rule?: string;
  readonly style?: string | null;
  /** Whether a path is in use; `_2`, `_3`, … is added to the name until it is free. */
  readonly isTaken?: (path: string) => boolean;
}

/** `red dragon, side view` → `sprites/red_dragon.png`: the words before the first comma, by the naming rule. */
export function derivePath(prompt: string, options: NamingOptions = {}): string {
  const { rule = defaultNamingRule, style = null, isTaken = () => false } = options;
  const name = nameFromPrompt(prompt);
  for (let count = 1; ; count++) {
    const numbered = count === 1 ? name : `${name}_${count}`;
    const path = suggestPath(rule.replaceAll("{name}", numbered).replaceAll("{style}", slug(style ?? "")));
    // A rule without {name} gives one path for all; a number after it then tells them apart.
    const distinct = rule.includes("{name}") || count === 1 ? path : path.replace(/\.png$/, `_${count}.png`);
    if (!isTaken(distinct)) return distinct;
  }
}

/** A prompt's subject as a file name without extension, at most 48 characters. */
export function nameFromPrompt(prompt: string): string {
  const subject = prompt.split(/[,;.:\n]/).find((part) => slug(part) !== "") ?? "";
  const words = slug(subject).split("_");
  let name = "";
  for (const word of words) {
    if (name !== "" && name.length + word.length >= 48) break;
    name = name === "" ? word.slice(0, 48) : `${name}_${word}`;
  }
  return name === "" ? "sprite" : name;
}

/** Lower-case ASCII letters, digits and `_`, never a reserved name: `Götter Dämmerung` → `gotter_dammerung`. */
export function slug(text: string): string {
  const ascii = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 100)
    .replace(/_+$/, "");
  return reserved.test(ascii) ? `${ascii}_sprite` : ascii;
}

function withoutExtension(name: string): string {
  return name.replace(/\.[a-z0-9]{1,5}$/i, "");
}

function parts(path: string): string[] {
  return path.split("/");
}
