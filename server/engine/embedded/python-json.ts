/**
 * JSON as Python's `json.dumps` writes it: numbers that are not finite become the words NaN, Infinity and -Infinity,
 * which ComfyUI does and `JSON.parse` refuses.
 */
export function pythonJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "number" && !Number.isFinite(item) ? `\uE000${item}` : item,
  );
  return text.replaceAll(/"\uE000(NaN|-?Infinity)"/g, "$1");
}

/** The same object with numbers in it that are not finite. */
export function withNaN(value: object): object {
  return { ...value, is_changed: Number.NaN, extremes: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] };
}
