/**
 * Go's values as templates see them. JavaScript's own types carry the common ones, so that int and float64 stay apart:
 * number = float64, bigint = int, string, boolean, undefined = nil. The rest are the classes below.
 */
export type GoValue =
  undefined | boolean | number | bigint | string | GoList | GoMap | GoStruct | GoTime | GoDuration | GoFunc | SafeHtml;

/** A Go type by its name, as `%T` prints it: `string`, `float64`, `map[string]string`, `interface {}`, `reflect.Value`. */
export type GoType = string;

export const ANY: GoType = 'interface {}';
/** Takes anything, nil too, and is never a mismatch: the builtins' own parameter type. */
export const VALUE: GoType = 'reflect.Value';

export class GoList {
  readonly type: GoType;
  readonly items: readonly GoValue[];
  readonly methods: Methods;

  constructor(type: GoType, items: readonly GoValue[], methods: Methods = {}) {
    this.type = type;
    this.items = items;
    this.methods = methods;
  }
}

/** A map with string keys. */
export class GoMap {
  readonly type: GoType;
  readonly entries: ReadonlyMap<string, GoValue>;
  readonly methods: Methods;

  constructor(type: GoType, entries: ReadonlyMap<string, GoValue>, methods: Methods = {}) {
    this.type = type;
    this.entries = entries;
    this.methods = methods;
  }

  /** What a missing key gives: '' in a map of strings, nil in a map of anything. */
  get zero(): GoValue {
    return this.type.endsWith(ANY) ? undefined : '';
  }
}

/** A struct, or a pointer to one where the type starts with `*`. */
export class GoStruct {
  readonly type: GoType;
  readonly fields: Readonly<Record<string, GoValue>>;
  readonly methods: Methods;

  constructor(type: GoType, fields: Readonly<Record<string, GoValue>>, methods: Methods = {}) {
    this.type = type;
    this.fields = fields;
    this.methods = methods;
  }
}

/** A point in time with the zone it is shown in. */
export class GoTime {
  readonly type = 'time.Time';
  /** Milliseconds since the epoch, with a fraction. */
  readonly ms: number;
  readonly zone: string;

  constructor(ms: number, zone = 'UTC') {
    this.ms = ms;
    this.zone = zone;
  }
}

export class GoDuration {
  readonly type = 'time.Duration';
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Text that somebody vouches for: the escaper of HTML lets it pass in the place it is for. */
export class SafeHtml {
  readonly type: 'template.HTML' | 'template.URL';
  readonly text: string;

  constructor(text: string, type: SafeHtml['type'] = 'template.HTML') {
    this.text = text;
    this.type = type;
  }
}

/** A function that templates call; arguments arrive checked against `params`. Throws Error with the words of the fault. */
export class GoFunc {
  readonly params: readonly GoType[];
  /** The last parameter takes any number. */
  readonly variadic: boolean;
  readonly call: (...args: never[]) => GoValue;

  constructor(params: readonly GoType[], call: (...args: never[]) => GoValue, variadic = false) {
    this.params = params;
    this.call = call;
    this.variadic = variadic;
  }

  get type(): GoType {
    return `func(${this.params.join(', ')})`;
  }
}

export type Methods = Readonly<Record<string, GoFunc>>;

export type FunctionMap = Readonly<Record<string, GoFunc>>;

export function stringMap(record: Readonly<Record<string, string>>): GoMap {
  return new GoMap('map[string]string', new Map(Object.entries(record)));
}

export function typeOf(value: GoValue): GoType {
  switch (typeof value) {
    case 'undefined':
      return '<nil>';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
    default:
      return value.type;
  }
}

/** Named types that stand where their plain form is asked for. */
const PLAIN: Readonly<Record<GoType, GoType>> = {
  'template.Strings': '[]string',
  'template.KV': 'map[string]string',
  'template.Alerts': '[]template.Alert',
};

/** Whether a value of one type fits a parameter of another; values and pointers to them stand in for each other. */
export function isAssignable(actual: GoType, type: GoType): boolean {
  return (
    actual === type ||
    actual === `*${type}` ||
    `*${actual}` === type ||
    PLAIN[actual] === type ||
    PLAIN[type] === actual
  );
}

/** Whether nil may stand where this type is asked for. */
export function canBeNil(type: GoType): boolean {
  return type === ANY || type === VALUE || /^(\*|\[\]|map\[|func\()/.test(type) || type === 'template.queryResult';
}

export function isTrue(value: GoValue): boolean {
  if (value === undefined) return false;
  if (value instanceof GoList) return value.items.length > 0;
  if (value instanceof GoMap) return value.entries.size > 0;
  if (value instanceof GoDuration) return value.nanos !== 0n;
  if (value instanceof SafeHtml) return value.text !== '';
  if (typeof value === 'object') return true;
  // NaN is not zero and so is true in Go, unlike in JavaScript.
  if (typeof value === 'number') return value !== 0;
  return Boolean(value);
}

/** Keys in the order in which Go ranges over and prints a map. */
export function sortedEntries(map: GoMap): [string, GoValue][] {
  return [...map.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
