import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseDuration } from '../time/duration.ts';
import { maskUrl } from '../http/mask-url.ts';
import { nearest } from './nearest.ts';
import { fitScalars } from './scalars.ts';
import { type Complaint, InputError, type YamlSource } from './yaml.ts';

export { z };

const durationSchema = z
  .union([z.string(), z.literal(0)], 'expected a duration such as 30s or 1h30m')
  .transform((text, context) => {
    const ms = parseDuration(String(text));
    if (ms !== undefined) return ms;
    const message = `expected a duration such as 30s or 1h30m, not ${JSON.stringify(text)}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

/** A Prometheus duration (`30s`, `1h30m`) as milliseconds. */
export function duration(): typeof durationSchema;
export function duration(fallback: string): z.ZodPrefault<typeof durationSchema>;
export function duration(fallback?: string) {
  return fallback === undefined ? durationSchema : durationSchema.prefault(fallback);
}

/** An address that is called over HTTP. */
export function httpUrl(): z.ZodURL {
  return z.url({ protocol: /^https?$/, error: 'expected a URL that begins with http:// or https://' });
}

export function aboveZero<T extends z.ZodType<number>>(schema: T): T {
  return schema.refine((ms) => ms > 0, 'expected more than 0');
}

const BYTE_UNITS: Readonly<Record<string, number>> = { '': 1, B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

const byteSizeSchema = z.union([z.string(), z.number()]).transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(|B|[KMGT]i?B)$/.exec(String(text));
  if (match !== null) return Math.round(Number(match[1]) * BYTE_UNITS[match[2].charAt(0)]);
  const message = `expected a size such as 512MB or 5GB, not ${JSON.stringify(text)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** A size such as `512MB` or `5GiB` as bytes; as in Prometheus, MB and MiB are both powers of 1024. */
export function byteSize(): typeof byteSizeSchema;
export function byteSize(fallback: string): z.ZodPrefault<typeof byteSizeSchema>;
export function byteSize(fallback?: string) {
  return fallback === undefined ? byteSizeSchema : byteSizeSchema.prefault(fallback);
}

/** A secret that stands in a file of its own: read when asked for, so that a rotated one is picked up, never printed. */
export function readSecretFile(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

/**
 * Puts a parsed document through its schema, scalars first in the form that the schema wants: see `fitScalars`.
 * @throws {InputError} naming file, line, path, value and what was expected, once per fault.
 */
export function validate<T>(source: YamlSource, schema: z.ZodType<T>): T {
  const result = schema.safeParse(fitScalars(source, schema) ?? {});
  if (result.success) return result.data;
  throw new InputError(result.error.issues.flatMap((issue) => complaintsOf(issue, source, schema)));
}

function complaintsOf(issue: z.core.$ZodIssue, source: YamlSource, schema: z.ZodType): Complaint[] {
  const meant = branchMeant(issue);
  if (meant !== undefined) return meant.flatMap((inner) => complaintsOf(inner, source, schema));
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return source.complain(
        [...path, key],
        `unknown key${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`,
        true,
      );
    });
  }
  const value = path.reduce<unknown>(
    (at, step) => (at as Record<string | number, unknown> | undefined)?.[step],
    source.value,
  );
  const expected = expectation(issue);
  if (value === undefined) return [source.complain(path, `missing; ${expected}`)];
  const shown = showValue(path, value);
  return [source.complain(path, expected.includes(', not ') ? expected : `${expected}, not ${shown}`)];
}

const SECRET_KEY =
  /password|secret|token|credentials|api_key|routing_key|service_key|bearer|^authorization$|^http_headers$|^basic_auth$/;
const URL_KEY = /^url$|_url$/;

/** A value as a complaint may show it: what was written where a secret belongs may be the secret, and so may parts of a URL. */
function showValue(path: readonly (string | number)[], value: unknown): string {
  const any = (pattern: RegExp) => path.some((step) => pattern.test(String(step)));
  if (any(SECRET_KEY)) return '<secret>';
  if (!any(URL_KEY)) return shorten(typeof value === 'string' ? maskUrl(value) : value);
  const url = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^/?#@]+)(.*)$/is.exec(String(value));
  return url === null ? '<secret>' : shorten(`${url[1]}${url[2]}${url[3] === '' ? '' : '/…'}`);
}

/** The faults of the one branch of a union whose type the value has, with full paths; `undefined` where there is no such branch, or several. */
function branchMeant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union' || issue.message !== NO_BRANCH) return undefined;
  const ofType = issue.errors.filter(
    (branch) =>
      !branch.some(({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')),
  );
  return ofType.length === 1
    ? ofType[0]?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
    : undefined;
}

/** What zod says of a value that fits no branch of a union which has no words of its own for that. */
const NO_BRANCH = 'Invalid input';

/** What was expected, without what zod says of the value that came, which it knows by type only. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.message === NO_BRANCH) {
    const each = issue.errors.flatMap((branch) => branch.map((inner) => expectation(inner).replace(/^expected /, '')));
    return each.length === 0 ? 'expected another value' : `expected ${[...new Set(each)].join(' or ')}`;
  }
  if (issue.code === 'invalid_value') {
    return `expected one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  }
  return issue.message.replace(/^Invalid input: /, '').replace(/, received .*$/, '');
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The keys an object schema takes at `path`, as far as they can be told. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let at: unknown = schema;
  for (const step of path) {
    at = unwrap(at);
    if (at instanceof z.ZodUnion) at = objectOf(at);
    if (at instanceof z.ZodObject) at = at.shape[step as string];
    else if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodRecord) at = at.valueType;
    else return [];
  }
  at = unwrap(at);
  if (at instanceof z.ZodUnion) at = objectOf(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function objectOf(union: z.ZodUnion): unknown {
  return union.options.map(unwrap).find((option) => option instanceof z.ZodObject);
}

function unwrap(schema: unknown): unknown {
  let at = schema;
  for (;;) {
    if (
      at instanceof z.ZodOptional ||
      at instanceof z.ZodDefault ||
      at instanceof z.ZodPrefault ||
      at instanceof z.ZodNullable
    )
      at = at.unwrap();
    else if (at instanceof z.ZodPipe) at = at.in;
    else return at;
  }
}

/**
 * Replaces `${NAME}` by the environment's value in every string of a document, `$$` by `$`.
 * @throws {InputError} for a variable that is not set.
 */
export function expandEnvironment(source: YamlSource, environment: NodeJS.ProcessEnv): YamlSource {
  const complaints: Complaint[] = [];
  const walk = (value: unknown, path: (string | number)[]): unknown => {
    if (typeof value === 'string') {
      return value.replace(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string | undefined) => {
        if (name === undefined) return '$';
        const found = environment[name];
        if (found === undefined) complaints.push(source.complain(path, `environment variable ${name} is not set`));
        return found ?? whole;
      });
    }
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, i]));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
    }
    return value;
  };
  const value = walk(source.value, []);
  if (complaints.length > 0) throw new InputError(complaints);
  return { ...source, value };
}
