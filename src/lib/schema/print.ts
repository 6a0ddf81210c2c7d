import { z } from 'zod';
import { formatDuration } from '../time/duration.ts';
import { duration } from './schema.ts';

/** Duration schemas are made from this one; a refined copy of it still has the same input. */
const DURATION_INPUT = duration().def.in;

/** A validated value in the form that its schema reads: durations as `1m30s`. What the schema does not describe stays as it is. */
export function printable(value: unknown, schema: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (isDuration(schema)) return typeof value === 'number' ? formatDuration(value) : value;
  if (schema instanceof z.ZodUnion) return printableOf(value, schema.options);
  if (schema instanceof z.ZodPipe) return printable(value, schema.def.in);
  const inner = innerOf(schema);
  if (inner !== undefined) return printable(value, inner);
  if (schema instanceof z.ZodArray && Array.isArray(value)) return value.map((item) => printable(item, schema.element));
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, printable(item, schemaOf(schema, key))]));
}

/** The first of several schemas that makes a difference. */
function printableOf(value: unknown, schemas: readonly unknown[]): unknown {
  const before = JSON.stringify(value);
  for (const schema of schemas) {
    const printed = printable(value, schema);
    if (JSON.stringify(printed) !== before) return printed;
  }
  return value;
}

function isDuration(schema: unknown): boolean {
  return schema instanceof z.ZodPipe && schema.def.in === DURATION_INPUT;
}

function innerOf(schema: unknown): unknown {
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return isWrapper ? schema.unwrap() : undefined;
}

function schemaOf(schema: unknown, key: string): unknown {
  if (schema instanceof z.ZodRecord) return schema.valueType;
  if (!(schema instanceof z.ZodObject)) return undefined;
  return (schema.shape as Readonly<Record<string, unknown>>)[key];
}
