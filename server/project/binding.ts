import type { Directive } from "./directive.ts";
import type { Problem } from "./problem.ts";
import type { AssetReference, BoundDirective } from "./source-file.ts";

/** Where the references of a directive were looked for. */
export type BindingPlace = "line" | "next";

/**
 * Decides which of the references beside a directive it is for (contract: the first image on its own line or,
 * standing alone, in the next statement, field or item; with none, or several different ones, `path=` or `key=`).
 */
export function bindDirective(
  directive: Directive,
  place: BindingPlace,
  beside: readonly AssetReference[],
): { bound: BoundDirective; problem: Problem | null } {
  const { path, key } = directive.settings;
  const candidates = beside.filter(isBindable);
  if (path !== undefined || key !== undefined) {
    const named = candidates.find((reference) =>
      path === undefined ? reference.key === key?.value : reference.path === path.value,
    );
    return { bound: { directive, reference: named ?? null }, problem: null };
  }
  const targets = new Set(candidates.map(targetOf));
  const [first] = candidates;
  if (first !== undefined && targets.size === 1) return { bound: { directive, reference: first }, problem: null };
  const problem = first === undefined ? unbound(directive, place, beside) : ambiguous(directive, place, targets);
  return { bound: { directive, reference: null }, problem };
}

/** An image in the asset root, whose path is known: something a sprite can be written to. */
function isBindable(reference: AssetReference): boolean {
  return reference.image && !reference.dynamic && reference.source === null;
}

function targetOf(reference: AssetReference): string {
  return reference.path ?? reference.key ?? "";
}

function unbound(directive: Directive, place: BindingPlace, beside: readonly AssetReference[]): Problem {
  const where = place === "line" ? "this line" : "what follows the directive";
  let why = `No image is named in ${where}`;
  if (beside.some((reference) => reference.dynamic)) why = `The path in ${where} is only known when the game runs`;
  else if (beside.some((reference) => reference.source !== null)) {
    why = `The image in ${where} is not in the asset folder`;
  }
  const remedy = 'Put the directive where an image is loaded, or name the target: `path="sprites/name.png"`.';
  return problemAt(directive, "directive-unbound", why, remedy);
}

function ambiguous(directive: Directive, place: BindingPlace, targets: ReadonlySet<string>): Problem {
  const where = place === "line" ? "This line" : "What follows the directive";
  const names = [...targets].slice(0, 3).map((target) => `\`${target}\``);
  const more = targets.size > 3 ? `, and ${targets.size - 3} more` : "";
  const remedy = `Say which one it is for, such as \`path="${[...targets][0] ?? ""}"\`.`;
  const message = `${where} names several images: ${names.join(", ")}${more}`;
  return problemAt(directive, "directive-ambiguous", message, remedy);
}

function problemAt(
  directive: Directive,
  code: "directive-unbound" | "directive-ambiguous",
  message: string,
  remedy: string,
): Problem {
  const { start } = directive;
  return { code, severity: "error", message, remedy, start, end: start + "@sprite".length };
}
