import { z } from '../../../lib/schema/schema.ts';

const textSchema = z
  .string()
  .nullable()
  .transform((value) => value ?? '');

/** One entry of `static_configs`. */
export const staticConfigSchema = z.strictObject({
  targets: z.array(z.string()).default([]).describe('`host:port` of each.'),
  labels: z.record(z.string(), textSchema).default({}).describe('Put on every series of these targets.'),
});

export type StaticConfig = z.infer<typeof staticConfigSchema>;
