/** `at(pod, 'spec.nodeName')`: the value at a path of fields, or undefined where a part of the way is absent or null. */
export function at(value: unknown, path: string): unknown {
  let place = value;
  for (const name of partsOf(path)) {
    if (typeof place !== 'object' || place === null) return undefined;
    place = (place as Readonly<Record<string, unknown>>)[name];
  }
  return place ?? undefined;
}

/** A string as it is, '' where there is none. */
export function text(value: unknown, path = ''): string {
  const found = path === '' ? value : at(value, path);
  return typeof found === 'string' ? found : '';
}

/** A number as it is, 0 where there is none: Go's zero value of a field that the API server leaves out. */
export function number(value: unknown, path = ''): number {
  const found = path === '' ? value : at(value, path);
  return typeof found === 'number' ? found : 0;
}

/** A string, number or boolean as text, undefined where there is none: a quantity may be written as a number. */
export function scalar(value: unknown, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
    ? String(found)
    : undefined;
}

/** Whether a field is `true`. */
export function flag(value: unknown, path: string): boolean {
  return at(value, path) === true;
}

/** The elements of a list that are objects; none where the field is absent or null. */
export function items(value: unknown, path: string): readonly object[] {
  const found = at(value, path);
  return Array.isArray(found)
    ? found.filter((item: unknown): item is object => typeof item === 'object' && item !== null)
    : [];
}

/** The strings of a list. */
export function texts(value: unknown, path: string): readonly string[] {
  const found = at(value, path);
  return Array.isArray(found) ? found.filter((item: unknown) => typeof item === 'string') : [];
}

/** The entries of a map from names to strings (or numbers, which quantities may be), in the order of the object. */
export function entries(value: unknown, path: string): readonly (readonly [name: string, value: string])[] {
  const found = at(value, path);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return [];
  return Object.entries(found).flatMap(([name, entry]: [string, unknown]) =>
    typeof entry === 'string' || typeof entry === 'number' ? [[name, String(entry)] as const] : [],
  );
}

const parts = new Map<string, readonly string[]>();

/** Paths are written in code, so there is a bound to how many there are. */
function partsOf(path: string): readonly string[] {
  const known = parts.get(path);
  if (known !== undefined) return known;
  const split = path.split('.');
  parts.set(path, split);
  return split;
}
