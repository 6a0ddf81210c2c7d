import { z } from '../../lib/schema/schema.ts';
import { discoverDns, dnsSdSchema } from './dns/index.ts';
import { discoverFiles, fileSdSchema } from './file/index.ts';
import { discoverHttp, httpSdSchema } from './http/index.ts';
import { type ConnectKubernetes, discoverKubernetes, kubernetesSdSchema } from './kubernetes/index.ts';
import type { CreateDiscoverer, Discoverer, DiscoveryContext } from './kind.ts';
import { discoverStatic, staticConfigSchema } from './static/index.ts';

/** Every kind of discovery under the key of a job that holds its entries. A new kind is a line here and one in `providersOf`. */
export const discoveryKeys = {
  static_configs: z.array(staticConfigSchema).default([]).describe('Targets by address.'),
  file_sd_configs: z.array(fileSdSchema).default([]).describe('Targets from files.'),
  http_sd_configs: z.array(httpSdSchema).default([]).describe('Targets from HTTP endpoints.'),
  dns_sd_configs: z.array(dnsSdSchema).default([]).describe('Targets from DNS records.'),
  kubernetes_sd_configs: z
    .array(kubernetesSdSchema)
    .default([])
    .describe('Targets from the objects of a Kubernetes API server.'),
};

export type DiscoveryConfigs = { [Key in keyof typeof discoveryKeys]: z.infer<(typeof discoveryKeys)[Key]> };

/** One entry of one kind. */
export interface Provider {
  /** Equal where the whole entry is: such a provider is kept by a reload. */
  readonly id: string;
  readonly create: (context: DiscoveryContext) => Discoverer;
}

/** What kinds of discovery are given beside their configuration. */
export interface DiscoverySurroundings {
  /** Absent where this process has no access to Kubernetes. */
  readonly connectKubernetes?: ConnectKubernetes;
}

export function providersOf(configs: DiscoveryConfigs, { connectKubernetes }: DiscoverySurroundings = {}): Provider[] {
  return [
    ...configs.static_configs.map((entry) => providerOf('static', entry, discoverStatic)),
    ...configs.file_sd_configs.map((entry) => providerOf('file', entry, discoverFiles)),
    ...configs.http_sd_configs.map((entry) => providerOf('http', entry, discoverHttp)),
    ...configs.dns_sd_configs.map((entry) => providerOf('dns', entry, discoverDns)),
    ...configs.kubernetes_sd_configs.map((entry) =>
      providerOf('kubernetes', entry, (config, context) => discoverKubernetes(config, context, connectKubernetes)),
    ),
  ];
}

function providerOf<Config>(kind: string, config: Config, create: CreateDiscoverer<Config>): Provider {
  return { id: JSON.stringify([kind, config]), create: (context) => create(config, context) };
}
