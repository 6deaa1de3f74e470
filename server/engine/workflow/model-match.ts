import { PixelsError } from "../../protocol/errors.ts";

/** The name without its folders and extension, in lower case. */
function stem(name: string): string {
  return (name.split(/[\\/]/).pop() ?? name).replace(/\.(safetensors|sft|ckpt|pth?|bin|gguf)$/i, "").toLowerCase();
}

function globExpression(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "i");
}

/** Finds a model as people name it: the exact name, its file stem, either in any case, then as a glob. */
export function matchModel(wanted: string, known: readonly string[]): string | null {
  if (known.includes(wanted)) return wanted;
  const sorted = known.toSorted();
  const byStem = sorted.find((name) => stem(name) === stem(wanted));
  if (byStem !== undefined) return byStem;
  const byCase = sorted.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (byCase !== undefined) return byCase;
  if (!/[*?]/.test(wanted)) return null;
  const glob = globExpression(wanted);
  return sorted.find((name) => glob.test(name) || glob.test(stem(name))) ?? null;
}

/** The first of several patterns that the engine has, or null. */
export function firstMatch(patterns: readonly string[], known: readonly string[]): string | null {
  for (const pattern of patterns) {
    const found = matchModel(pattern, known);
    if (found !== null) return found;
  }
  return null;
}

/** At most three known names that share most letter pairs with `wanted` (Dice's coefficient), nearest first. */
export function nearestModels(wanted: string, known: readonly string[]): string[] {
  const target = pairs(stem(wanted));
  return known
    .map((name) => ({ name, likeness: dice(target, pairs(stem(name))) }))
    .filter(({ likeness }) => likeness > 0.2)
    .toSorted((a, b) => b.likeness - a.likeness || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

function pairs(text: string): Set<string> {
  const letters = text.replace(/[^a-z0-9]/g, "");
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, i) => letters.slice(i, i + 2)));
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0;
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared++;
  return (2 * shared) / (a.size + b.size);
}

/** `unknown_model`, with the nearest names, and where such files go. */
export function unknownModel(kind: string, folder: string, wanted: string, known: readonly string[]): PixelsError {
  const nearest = nearestModels(wanted, known);
  const offer = nearest.length > 0 ? `Did you mean ${nearest.join(" or ")}? Otherwise put` : "Put";
  return new PixelsError({
    code: "unknown_model",
    message: `The engine has no ${kind} "${wanted}"`,
    cause: whatThereIs(kind, known),
    remedy: `${offer} the file into ComfyUI's models/${folder} folder; \`dgx-pixels models\` lists what there is.`,
    data: { kind, name: wanted, nearest },
  });
}

/** At most three names, so that a person sees what such a name looks like. */
function whatThereIs(kind: string, known: readonly string[]): string {
  const [only] = known;
  if (only === undefined) return `It has no ${kind} at all.`;
  if (known.length === 1) return `It has only ${only}.`;
  const some = known.toSorted().slice(0, 3).join(", ");
  return known.length > 3 ? `It has ${known.length} others, such as ${some}.` : `It has only ${some}.`;
}
