import { z } from 'zod';
import type { YamlSource } from './yaml.ts';

/** YAML 1.1 has these as booleans, and Go's parser takes them where a boolean belongs. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  (['yes', 'on', 'y', 'no', 'off', 'n'] as const).flatMap((word, i) =>
    [word, word.toUpperCase(), word[0].toUpperCase() + word.slice(1)].map((form): [string, boolean] => [form, i < 3]),
  ),
);

/**
 * The value of a document with its scalars as the schema wants them, which is how Go reads YAML into a struct:
 *
 * - where a text belongs, a number or boolean is its text in the file: `1.10`, `007`, `0xff`, `true`
 * - where a boolean belongs, `yes`, `on`, `no` and `off` are booleans
 * - a key of an object without a value is as if it were absent
 *
 * What fits nowhere stays as it is, for the schema to refuse.
 */
export function fitScalars(source: YamlSource, schema: z.ZodType): unknown {
  return fit(source, source.value, [schema], []);
}

function fit(source: YamlSource, value: unknown, schemas: readonly unknown[], path: (string | number)[]): unknown {
  const wanted = schemas.flatMap(alternatives);
  if (wanted.length === 0) return value;
  if (Array.isArray(value)) {
    const items = wanted.flatMap((schema) => (schema instanceof z.ZodArray ? [schema.element] : []));
    return items.length === 0 ? value : value.map((item, i) => fit(source, item, items, [...path, i]));
  }
  if (value !== null && typeof value === 'object') return fitObject(source, value, wanted, path);
  return fitScalar(source, value, wanted, path);
}

function fitObject(source: YamlSource, value: object, wanted: readonly unknown[], path: (string | number)[]): unknown {
  const fitted: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const schemas = wanted.flatMap((schema) => schemasOf(schema, key));
    const next = fit(source, item, schemas, [...path, key]);
    const optional = wanted.some((schema) => schema instanceof z.ZodObject) && schemas.length > 0;
    if (next !== null || !optional || schemas.some(takesNull)) fitted[key] = next;
  }
  return fitted;
}

function fitScalar(
  source: YamlSource,
  value: unknown,
  wanted: readonly unknown[],
  path: readonly (string | number)[],
): unknown {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    const text = takesText(wanted) ? source.scalarAt(path)?.text : undefined;
    return text ?? value;
  }
  if (typeof value !== 'string' || !wanted.some((schema) => schema instanceof z.ZodBoolean) || takesText(wanted))
    return value;
  const boolean = source.scalarAt(path)?.plain ? BOOLEANS.get(value) : undefined;
  return boolean ?? value;
}

function takesText(schemas: readonly unknown[]): boolean {
  return schemas.flatMap(alternatives).some((schema) => schema instanceof z.ZodString);
}

function takesNull(schema: unknown): boolean {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodNull) return true;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return takesNull(schema.unwrap());
  return alternatives(schema).some((one) => one instanceof z.ZodUnknown || one instanceof z.ZodAny);
}

/** The schemas of `key` in an object or record. */
function schemasOf(schema: unknown, key: string): unknown[] {
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (!(schema instanceof z.ZodObject)) return [];
  const shape = schema.shape as Record<string, unknown>;
  return Object.hasOwn(shape, key) ? [shape[key]] : [];
}

/** What a schema takes, without what it does to it afterwards; of a union, each. */
function alternatives(schema: unknown): unknown[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return alternatives(schema.unwrap());
  // Behind `z.preprocess` stands the schema that counts, before a transform as well.
  if (schema instanceof z.ZodPipe) return alternatives(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return [schema];
}
