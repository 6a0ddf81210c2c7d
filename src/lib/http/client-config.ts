import { readFileSync } from 'node:fs';
import { z } from '../schema/schema.ts';

/** How to reach an HTTP server, under Prometheus' own keys (`http_config` and its inline form). */
export const httpClientSchema = z.strictObject({
  basic_auth: z
    .strictObject({
      username: z.string().describe('Name for basic auth.'),
      password: z.string().optional().describe('Its password; better in a file.'),
      password_file: z.string().optional().describe('File with the password.'),
    })
    .optional(),
  authorization: z
    .strictObject({
      type: z.string().default('Bearer').describe('First word of the Authorization header.'),
      credentials: z.string().optional().describe('What follows it; better in a file.'),
      credentials_file: z.string().optional().describe('File with what follows it.'),
    })
    .optional(),
  bearer_token: z.string().optional().describe('Bearer token; better in a file.'),
  bearer_token_file: z.string().optional().describe('File with the bearer token.'),
  tls_config: z
    .strictObject({
      ca_file: z.string().optional().describe('Certificates that the server is held to; default: those of Node.'),
      cert_file: z.string().optional().describe('Certificate to show to the server.'),
      key_file: z.string().optional().describe('Its key.'),
      server_name: z.string().optional().describe('Name that the certificate must be for.'),
      insecure_skip_verify: z.boolean().default(false).describe('Take any certificate.'),
    })
    .optional(),
  http_headers: z
    .record(
      z.string(),
      z.strictObject({ values: z.array(z.string()).optional(), files: z.array(z.string()).optional() }),
    )
    .optional()
    .describe('Headers of every request, each with `values` or `files` that hold them.'),
  follow_redirects: z
    .boolean()
    .default(true)
    .describe(
      'Follow redirects (at most 10) within the same host, or from http to https of it. A POST follows 307 and 308 only.',
    ),
});

export type HttpClientConfig = z.infer<typeof httpClientSchema>;

/** The headers that a configuration asks for. Files are read anew each time. @throws the system's error for one that cannot be read. */
export function authHeaders(config: HttpClientConfig): Record<string, string> {
  const { basic_auth: basic, authorization, bearer_token, bearer_token_file, http_headers = {} } = config;
  const headers: Record<string, string> = {};
  for (const [name, { values = [], files = [] }] of Object.entries(http_headers))
    headers[name] = [...values, ...files.map(fileContent)].join(', ');
  const token = valueOrFile(bearer_token, bearer_token_file);
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const credentials = valueOrFile(authorization?.credentials, authorization?.credentials_file);
  if (credentials !== undefined) headers.authorization = `${authorization?.type ?? 'Bearer'} ${credentials}`;
  if (basic !== undefined) {
    const password = valueOrFile(basic.password, basic.password_file) ?? '';
    headers.authorization = `Basic ${Buffer.from(`${basic.username}:${password}`).toString('base64')}`;
  }
  return headers;
}

function valueOrFile(value: string | undefined, file: string | undefined): string | undefined {
  return file === undefined ? value : fileContent(file);
}

function fileContent(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
