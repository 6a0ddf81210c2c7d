import { httpClientSchema } from '../../../lib/http/client.ts';
import { oneAuth } from '../../../lib/http/one-auth.ts';
import { httpUrl, z } from '../../../lib/schema/schema.ts';

export const ROLES = ['node', 'service', 'pod', 'endpoints', 'endpointslice', 'ingress'] as const;

export type Role = (typeof ROLES)[number];

/** Whose objects a role reads and may therefore select. */
const SELECTABLE: Readonly<Record<Role, readonly Role[]>> = {
  node: ['node'],
  service: ['service'],
  pod: ['pod', 'node'],
  endpoints: ['pod', 'service', 'endpoints'],
  endpointslice: ['pod', 'service', 'endpointslice'],
  ingress: ['ingress'],
};

const FIELD_SELECTOR = /^[^=!,]+(?:==?|!=)[^=!,]*(?:,[^=!,]+(?:==?|!=)[^=!,]*)*$/;

const KEY = String.raw`(?:[a-z0-9.-]+\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?`;
const VALUE = '[A-Za-z0-9_.-]*';
const TERM = String.raw`\s*(?:!\s*${KEY}|${KEY}\s*(?:(?:==?|!=)\s*${VALUE}|[<>]\s*\d+|\s(?:not)?in\s*\(\s*${VALUE}\s*(?:,\s*${VALUE}\s*)*\))?)\s*`;
const LABEL_SELECTOR = new RegExp(`^${TERM}(?:,${TERM})*$`);

const selectorSchema = z.strictObject({
  role: z.enum(ROLES).describe('Whose objects are selected.'),
  label: z
    .string()
    .refine(
      (text) => text === '' || LABEL_SELECTOR.test(text),
      'expected a label selector, such as app=shop,tier in (a, b)',
    )
    .optional()
    .describe('Label selector, as kubectl takes it.'),
  field: z
    .string()
    .refine((text) => text === '' || FIELD_SELECTOR.test(text), 'expected a field selector, such as spec.nodeName=n1')
    .optional()
    .describe('Field selector, such as `spec.nodeName=${NODE_NAME}`.'),
});

/** One entry of `kubernetes_sd_configs`. */
export const kubernetesSdSchema = z
  .strictObject({
    ...httpClientSchema.shape,
    enable_http2: z.boolean().default(true).describe('Accepted; HTTP/1.1 is spoken.'),
    role: z.enum(ROLES).describe('What targets are made of.'),
    api_server: httpUrl()
      .optional()
      .describe('URL of the API server; default: that of the cluster in which this process is a pod.'),
    kubeconfig_file: z.string().min(1).optional().describe('Kubeconfig whose current context is used instead.'),
    namespaces: z
      .strictObject({
        own_namespace: z.boolean().default(false).describe('The namespace of this pod.'),
        names: z.array(z.string().min(1)).default([]).describe('Namespaces by name.'),
      })
      .prefault({})
      .describe('Where objects are looked for; default: everywhere.'),
    selectors: z
      .array(selectorSchema)
      .default([])
      .describe('Which objects, one entry for each kind that the role reads.'),
    attach_metadata: z
      .strictObject({
        node: z.boolean().default(false).describe('Labels and annotations of the node.'),
        namespace: z.boolean().default(false).describe('Labels and annotations of the namespace.'),
        deployment: z.boolean().default(false).describe('Name of the deployment that a pod belongs to.'),
        job: z.boolean().default(false).describe('Name of the job that a pod belongs to.'),
        cronjob: z.boolean().default(false).describe('Name of the cron job that a pod belongs to.'),
      })
      .prefault({})
      .describe('More labels of a target, at the price of watching more objects.'),
  })
  .superRefine(oneAuth)
  .superRefine(oneWayToSignIn)
  .superRefine(fittingSelectors);

export type KubernetesSdConfig = z.infer<typeof kubernetesSdSchema>;

const HTTP_KEYS = [
  'basic_auth',
  'authorization',
  'bearer_token',
  'bearer_token_file',
  'tls_config',
  'http_headers',
] as const;

function oneWayToSignIn(
  config: z.infer<z.ZodObject<typeof httpClientSchema.shape>> & SignIn,
  context: z.RefinementCtx,
) {
  const { api_server: server, kubeconfig_file: kubeconfig, namespaces } = config;
  const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (server !== undefined && kubeconfig !== undefined)
    complain(['kubeconfig_file'], 'expected none beside api_server');
  const custom = HTTP_KEYS.find((key) => config[key] !== undefined);
  if (custom !== undefined && kubeconfig !== undefined) complain([custom], 'expected none beside kubeconfig_file');
  else if (custom !== undefined && server === undefined)
    complain([custom], 'expected only beside api_server, which it is for');
  if (!namespaces.own_namespace) return;
  if (server !== undefined) complain(['namespaces', 'own_namespace'], 'expected none beside api_server');
  if (kubeconfig !== undefined) complain(['namespaces', 'own_namespace'], 'expected none beside kubeconfig_file');
}

interface SignIn {
  readonly api_server?: string;
  readonly kubeconfig_file?: string;
  readonly namespaces: { readonly own_namespace: boolean };
}

function fittingSelectors(
  { role, selectors }: { readonly role: Role; readonly selectors: readonly { readonly role: Role }[] },
  context: z.RefinementCtx,
): void {
  selectors.forEach((selector, i) => {
    const path = ['selectors', i, 'role'];
    const allowed = SELECTABLE[role];
    if (!allowed.includes(selector.role))
      context.addIssue({
        code: 'custom',
        path,
        message: `expected one of ${allowed.join(', ')}, which role ${role} reads`,
      });
    else if (selectors.findIndex((other) => other.role === selector.role) < i)
      context.addIssue({ code: 'custom', path, message: 'expected one selector of a role at most' });
  });
}
