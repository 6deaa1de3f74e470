import { isGround } from "./ground.ts";
import { colors, fillers, forms, moods, parts, subjects, substances } from "./vocabulary.ts";
import type { Lch } from "./color.ts";
import type { Mood, Part, Subject, Substance } from "./vocabulary.ts";

/** What a prompt says, as far as it was understood. */
export interface Description {
  /** null when no word names one. */
  readonly subject: Subject | null;
  /** The word that named it: a `wolf` is a beast with a shape of its own. */
  readonly kind: string;
  /** Further subjects, such as the sword of "knight with sword". */
  readonly others: readonly Subject[];
  /** Colours of the subject itself, the main one first. */
  readonly colors: readonly Lch[];
  readonly partColors: ReadonlyMap<Part, Lch>;
  readonly substance: Substance | null;
  readonly moods: ReadonlySet<Mood>;
  /** Words that mean nothing here, in order, each once. */
  readonly ignored: readonly string[];
}

/**
 * Reads a prompt word by word. A colour belongs to the noun that follows it ("green dragon with red wings"); what
 * stands before "background" belongs to that and is left out.
 */
export function describe(prompt: string): Description {
  const words = prompt.split(/[,.;]/).flatMap((clause) => withoutBackground(tokens(clause)));
  const named: Noun[] = [];
  const found: Lch[] = [];
  const partColors = new Map<Part, Lch>();
  const heard = new Set<Mood>();
  const ignored = new Set<string>();
  let substance: Substance | null = null;
  let pending: Lch[] = [];
  let attribute = false;

  // "rose" and "ruby" are colours, unless nothing else is there to draw.
  let drawable: Noun | null = null;

  for (const word of words) {
    const stems = forms(word);
    const color = lookUp(colors, stems);
    const part = lookUp(parts, stems);
    const subject = lookUp(subjects, stems);
    const made = lookUp(substances, stems);
    const mood = lookUp(moods, stems);
    // What follows belongs to the subject rather than being it: "bag of coins".
    if (belonging.has(word)) attribute = named.length > 0;
    if (mood !== null) heard.add(mood);
    if (color !== null && (subject === null || pending.length === 0)) {
      pending.push(color);
      if (!attribute) substance ??= made;
      drawable = subject === null ? drawable : { subject, word, main: true };
    } else if (part !== null && (named.length > 0 || subject === null)) {
      const [first] = pending;
      if (first !== undefined) partColors.set(part, first);
      if (part === "horns") heard.add("horned");
      if (part === "wings") heard.add("winged");
      pending = [];
    } else if (subject !== null) {
      named.push({ subject, word: stems.find((stem) => subjects.has(stem)) ?? word, main: !attribute });
      if (!attribute || found.length === 0) found.push(...pending);
      pending = [];
    } else if (made !== null) {
      if (!attribute || substance === null) substance ??= made;
    } else if (mood === null && !fillers.has(word)) ignored.add(word);
  }
  found.push(...pending);
  const main = headOf(named.filter((item) => item.main)) ?? named[0] ?? drawable ?? null;
  return {
    subject: main === null ? null : surfaceOf(main.subject, words),
    kind: main?.word ?? "",
    others: named.filter((item) => item !== main).map((item) => item.subject),
    colors: found,
    partColors,
    substance,
    moods: heard,
    ignored: [...ignored],
  };
}

/**
 * Which of several nouns is meant. The last one is, those before say what it is like: "fire dragon". A last one that
 * only says what kind of thing it is gives way: "goblin enemy", "pine tree", "grass tile".
 */
function headOf(nouns: readonly Noun[]): Noun | undefined {
  const last = nouns.at(-1);
  const before = nouns.at(-2);
  if (last === undefined || before === undefined) return last;
  if (kindWords.has(last.word) || (last.subject === "tree" && trees.has(before.subject))) return before;
  return surfaceWords.has(last.word) && isGround(before.subject) ? before : last;
}

/** What a floor or a wall is made of: "wooden floor" is planks. */
function surfaceOf(subject: Subject, words: readonly string[]): Subject {
  if (subject !== "cobble" && subject !== "brick") return subject;
  if (words.some((word) => word.startsWith("wood") || word === "oaken")) return "planks";
  return words.some((word) => ["metal", "metallic", "iron", "steel"].includes(word)) ? "metal" : subject;
}

interface Noun {
  readonly subject: Subject;
  readonly word: string;
  readonly main: boolean;
}

const belonging: ReadonlySet<string> = new Set(["with", "of", "holding", "wearing", "carrying", "on", "in", "from"]);
const kindWords: ReadonlySet<string> = new Set(
  "monster creature critter enemy boss character hero heroine player npc person man woman flower blossom bolt animal king queen".split(
    " ",
  ),
);
const trees: ReadonlySet<Subject> = new Set(["pine", "palm"]);
const surfaceWords: ReadonlySet<string> = new Set("tile tiles ground floor wall walls path".split(" "));

function tokens(text: string): string[] {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "" && !/^\d+x?\d*$/.test(word));
}

/** "knight on a plain white background" keeps the knight. */
function withoutBackground(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (const word of words) {
    if (word !== "background" && word !== "backdrop") kept.push(word);
    else while (kept.length > 0 && belongsToBackground(kept.at(-1) ?? "")) kept.pop();
  }
  return kept;
}

function belongsToBackground(word: string): boolean {
  return colors.has(word) || substances.has(word) || backgroundWords.has(word);
}

const backgroundWords: ReadonlySet<string> = new Set(
  "on in against over a an the plain solid flat simple clean transparent empty blank of".split(" "),
);

function lookUp<V>(map: ReadonlyMap<string, V>, stems: readonly string[]): V | null {
  for (const stem of stems) {
    const value = map.get(stem);
    if (value !== undefined) return value;
  }
  return null;
}
