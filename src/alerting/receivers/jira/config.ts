import { duration, z } from '../../../lib/schema/schema.ts';
import { httpKeys, httpKind, readUrl } from '../http-kind.ts';
import { type Place, text } from '../kind.ts';
import { sendJira } from './send.ts';
import type { JiraConfig } from './settings.ts';

/** A template, and whether an issue that is there already is brought up to date with it. */
function updatable(part: string) {
  const fallback = `{{ template "jira.default.${part}" . }}`;
  return z
    .union([z.string(), z.strictObject({ template: z.string().nullish(), enable_update: z.boolean().default(true) })])
    .nullish()
    .transform((node) => {
      if (typeof node === 'string') return { template: node, update: true };
      return { template: node?.template ?? fallback, update: node?.enable_update ?? true };
    });
}

const schema = z.strictObject({
  ...httpKeys(true),
  api_url: text,
  api_type: z.enum(['', 'auto', 'cloud', 'datacenter']).default('auto'),
  project: z.string({ error: 'missing project in jira_config' }).min(1),
  issue_type: z.string({ error: 'missing issue_type in jira_config' }).min(1),
  summary: updatable('summary'),
  description: updatable('description'),
  labels: z.array(z.string()).nullish(),
  priority: z
    .string()
    .nullish()
    .transform((value) => value ?? '{{ template "jira.default.priority" . }}'),
  reopen_transition: text,
  resolve_transition: text,
  wont_fix_resolution: text,
  reopen_duration: duration().optional(),
  fields: z.record(z.string(), z.unknown()).nullish(),
});

export const jiraKind = httpKind({
  kind: 'jira',
  schema,
  read: readJira,
  templates: ({ texts, summary, description }: JiraConfig) => ({
    ...texts,
    summary: summary.template,
    description: description.template,
  }),
  send: sendJira,
});

function readJira(node: z.infer<typeof schema>, place: Place): JiraConfig {
  const url = readUrl(node.api_url || place.global.jira_api_url, 'api_url', place);
  if (url === '') place.complain([], 'no global Jira Cloud URL set');
  if (node.reopen_transition === '' && node.reopen_duration !== undefined)
    place.complain(['reopen_duration'], 'reopen_duration needs a reopen_transition');
  return {
    url,
    cloud: node.api_type === 'cloud' || (node.api_type !== 'datacenter' && url.endsWith('/3')),
    texts: { project: node.project, issue_type: node.issue_type, priority: node.priority },
    labels: node.labels ?? [],
    summary: node.summary,
    description: node.description,
    reopenTransition: node.reopen_transition,
    resolveTransition: node.resolve_transition,
    wontFix: node.wont_fix_resolution,
    reopenWithin: Math.round((node.reopen_duration ?? 0) / 60_000),
    fields: node.fields ?? {},
  };
}
