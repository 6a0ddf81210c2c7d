import { httpClientSchema } from '../../lib/http/client-config.ts';
import { byteSize, duration, z } from '../../lib/schema/schema.ts';
import { compileSearch } from '../regex.ts';

const pattern = z.string().superRefine((text, context) => {
  try {
    compileSearch(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `expected a regular expression (RE2): ${(error as Error).message}` });
  }
});
const patterns = z.array(pattern).default([]);

const notYet = z.undefined({ error: 'a key of blackbox_exporter, not supported yet' }).optional();

const address = {
  preferred_ip_protocol: z.enum(['ip4', 'ip6']).default('ip6'),
  ip_protocol_fallback: z.boolean().default(true),
  source_ip_address: z.string().optional(),
};

const { basic_auth, authorization, bearer_token, bearer_token_file, tls_config, http_headers } = httpClientSchema.shape;

const headerMatch = z.strictObject({ header: z.string(), regexp: pattern, allow_missing: z.boolean().default(false) });

const http = z
  .strictObject({
    ...address,
    basic_auth,
    authorization,
    bearer_token,
    bearer_token_file,
    tls_config,
    http_headers,
    oauth2: notYet,
    proxy_url: notYet,
    proxy_from_environment: notYet,
    no_proxy: notYet,
    proxy_connect_header: notYet,
    fail_if_body_json_matches_cel: notYet,
    fail_if_body_json_not_matches_cel: notYet,
    valid_status_codes: z.array(z.int()).default([]),
    valid_http_versions: z.array(z.string()).default([]),
    method: z.string().default('GET'),
    headers: z.record(z.string(), z.string()).default({}),
    compression: z.enum(['identity', 'gzip', 'deflate', 'br', '']).default(''),
    follow_redirects: z.boolean().default(true),
    fail_if_ssl: z.boolean().default(false),
    fail_if_not_ssl: z.boolean().default(false),
    fail_if_body_matches_regexp: patterns,
    fail_if_body_not_matches_regexp: patterns,
    fail_if_header_matches: z.array(headerMatch).default([]),
    fail_if_header_not_matches: z.array(headerMatch).default([]),
    body: z.string().default(''),
    body_file: z.string().optional(),
    body_size_limit: byteSize('0'),
    enable_http2: z.boolean().default(true),
    enable_http3: z.literal(false, 'HTTP/3 is not supported; expected false').default(false),
    skip_resolve_phase_with_proxy: z.boolean().default(false),
  })
  .prefault({});

const tcp = z
  .strictObject({
    ...address,
    tls: z.boolean().default(false),
    tls_config,
    query_response: z
      .array(
        z.strictObject({
          expect: pattern.optional(),
          expect_bytes: z.string().optional(),
          send: z.string().optional(),
          starttls: z.boolean().default(false),
          labels: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
        }),
      )
      .default([]),
  })
  .prefault({});

const records = z
  .strictObject({
    fail_if_matches_regexp: patterns,
    fail_if_all_match_regexp: patterns,
    fail_if_not_matches_regexp: patterns,
    fail_if_none_matches_regexp: patterns,
  })
  .prefault({});

const dns = z.strictObject({
  ...address,
  dns_over_tls: z.boolean().default(false),
  tls_config,
  transport_protocol: z.enum(['udp', 'tcp']).default('udp'),
  query_name: z.string().min(1),
  query_type: z.string().default('ANY'),
  query_class: z.string().default('IN'),
  recursion_desired: z.boolean().default(true),
  valid_rcodes: z.array(z.string()).default([]),
  validate_answer_rrs: records,
  validate_authority_rrs: records,
  validate_additional_rrs: records,
});

const grpc = z
  .strictObject({ ...address, service: z.string().default(''), tls: z.boolean().default(false), tls_config })
  .prefault({});

const module = z
  .strictObject({
    prober: z.enum(['http', 'tcp', 'dns', 'grpc', 'icmp']),
    timeout: duration().optional(),
    http,
    tcp,
    dns: dns.optional(),
    grpc,
    icmp: z.looseObject({}).optional(),
  })
  .refine(({ prober }) => prober !== 'icmp', { error: 'icmp needs raw sockets, which Node has not', path: ['prober'] })
  .refine(({ prober, dns: query }) => prober !== 'dns' || query !== undefined, {
    error: 'expected a query_name',
    path: ['dns'],
  });

/** blackbox_exporter's module file (source: its CONFIGURATION.md). */
export const modulesSchema = z.strictObject({ modules: z.record(z.string(), module) });

export type ProbeModule = z.infer<typeof module>;
export type HttpProbe = ProbeModule['http'];
export type TcpProbe = ProbeModule['tcp'];
export type DnsProbe = NonNullable<ProbeModule['dns']>;
export type GrpcProbe = ProbeModule['grpc'];
export type RecordRules = DnsProbe['validate_answer_rrs'];
export type AddressConfig = Pick<TcpProbe, 'preferred_ip_protocol' | 'ip_protocol_fallback' | 'source_ip_address'>;
