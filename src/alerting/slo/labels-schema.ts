import { z } from '../../lib/schema/schema.ts';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Labels or annotations; YAML's numbers and booleans are their texts. */
export const labels = z
  .record(z.string(), text)
  .nullish()
  .transform((value) => value ?? {});
