import { aboveZero, duration, z } from '../../../lib/schema/schema.ts';

/** One entry of `file_sd_configs`. */
export const fileSdSchema = z.strictObject({
  files: z
    .array(
      z
        .string()
        .regex(
          /^[^*]*(\*[^/*]*)?\.(json|yml|yaml)$/,
          'expected a path to .json, .yml or .yaml, with one * in its last part at most',
        ),
    )
    .describe('Files of target groups; the last part of a path may hold one `*`.'),
  refresh_interval: aboveZero(duration('5m')).describe(
    'How often the files are read again; a change is noticed at once where the system reports it.',
  ),
});

export type FileSdConfig = z.infer<typeof fileSdSchema>;
