import { HttpClient, httpClientSchema } from '../../lib/http/client.ts';
import { z } from '../../lib/schema/schema.ts';

const notYet = z.undefined({ error: 'this is not supported yet, not even in part; remove it' }).optional();
const refused = <K extends string>(...keys: K[]) =>
  Object.fromEntries(keys.map((key) => [key, notYet])) as Record<K, typeof notYet>;

export const tlsConfig = httpClientSchema.shape.tls_config
  .unwrap()
  .extend(refused('ca', 'cert', 'key', 'ca_ref', 'cert_ref', 'key_ref', 'min_version', 'max_version'));

/** `http_config` with the keys of Alertmanager that the HTTP client here lacks refused by name. */
export const httpConfig = httpClientSchema.extend({
  tls_config: tlsConfig.optional(),
  proxy_url: z.string().optional(),
  ...refused('oauth2', 'no_proxy', 'proxy_from_environment', 'proxy_connect_header'),
  // HTTP/1.1 is used either way.
  enable_http2: z.boolean().optional(),
});

export type HttpConfig = z.infer<typeof httpConfig>;

/** The client of one receiver. Redirects are judged by `exchange`: one that would lose the body is a failure. */
export function clientOf({ proxy_url, ...http }: Partial<HttpConfig>): HttpClient {
  return new HttpClient({ ...http, follow_redirects: false }, undefined, proxy_url);
}
