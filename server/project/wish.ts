import type { DirectiveKey, DirectiveValues, Size } from "./directive-keys.ts";
import type { Directive } from "./directive.ts";
import type { Span } from "./problem.ts";

/** What a person asks for: one directive, or the arguments of a command or tool. */
export interface SpriteWish {
  readonly prompt: string;
  /** One cell in pixels; null leaves it to pixels.toml. */
  readonly size: Size | null;
  readonly values: Readonly<Partial<DirectiveValues>>;
  /** A reference picture given as a file of the person's, which wins over `from`: absolute path, SHA-256 of the bytes. */
  readonly reference?: { readonly path: string; readonly hash: string } | null;
  /** Where a part is written, for problems; without it they stand at the beginning. */
  readonly locate?: (part: WishPart) => Span;
}

export type WishPart = DirectiveKey | "prompt" | "size";

export function placeOf(wish: SpriteWish, part: WishPart): Span {
  const { start, end } = wish.locate?.(part) ?? { start: 0, end: 0 };
  return { start, end };
}

/** A directive as a wish. Parts that could not be read are missing, and told in the directive's own problems. */
export function wishOf(directive: Directive): SpriteWish {
  const { settings } = directive;
  const values = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, setting.value]));
  return {
    prompt: directive.prompt?.value ?? "",
    size: directive.size?.value ?? null,
    values,
    locate: (part) => {
      if (part === "prompt" || part === "size") return directive[part] ?? directive;
      return settings[part] ?? directive;
    },
  };
}
