import { aboveZero, duration, z } from '../../../lib/schema/schema.ts';

export const DNS_TYPES = ['SRV', 'A', 'AAAA', 'MX', 'NS'] as const;

/** One entry of `dns_sd_configs`. */
export const dnsSdSchema = z
  .strictObject({
    names: z.array(z.string().min(1)).min(1).describe('Full names to look up; search domains are not tried.'),
    type: z
      .preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(DNS_TYPES))
      .default('SRV')
      .describe('Type of the records.'),
    port: z.int().min(1).max(65_535).optional().describe('Port of the targets; an SRV record brings its own.'),
    refresh_interval: aboveZero(duration('30s')).describe('How often the names are looked up.'),
  })
  .refine(({ type, port }) => type === 'SRV' || port !== undefined, {
    path: ['port'],
    message: 'missing; expected a port, which records of this type do not bring',
  });

export type DnsSdConfig = z.infer<typeof dnsSdSchema>;
