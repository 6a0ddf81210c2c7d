/** The JSON object that a text is; undefined for any other text. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The text under `key` of the JSON object that a text is; undefined where there is none. */
export function textIn(text: string, key: string): string | undefined {
  const value = jsonObject(text)?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** A text as the JSON value that it is, or as itself: what a template made of data stays data. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Without keys that hold nothing: '', false, undefined, an empty list. */
export function withoutEmpty(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)));
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === false || value === undefined || (Array.isArray(value) && value.length === 0);
}
