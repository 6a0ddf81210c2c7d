import { httpClientSchema } from '../../../lib/http/client.ts';
import { oneAuth } from '../../../lib/http/one-auth.ts';
import { aboveZero, duration, httpUrl, z } from '../../../lib/schema/schema.ts';

/** One entry of `http_sd_configs`. */
export const httpSdSchema = z
  .strictObject({
    ...httpClientSchema.shape,
    url: httpUrl().describe('Endpoint that lists target groups as JSON.'),
    refresh_interval: aboveZero(duration('1m')).describe('How often it is asked.'),
  })
  .superRefine(oneAuth);

export type HttpSdConfig = z.infer<typeof httpSdSchema>;
