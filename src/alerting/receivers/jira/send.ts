import type { Attempt } from '../../outbox/outbox.ts';
import type { Exchanging } from '../http-kind.ts';
import { jsonObject, textIn, withoutEmpty } from '../json.ts';
import type { Exchange } from '../exchange.ts';
import type { Render } from '../render.ts';
import type { JiraConfig } from './settings.ts';

const MAX_SUMMARY = 255;
const MAX_DESCRIPTION = 32_767;

type Call = (method: string, path: string, body?: unknown) => Promise<Exchange>;

/**
 * Opens, updates, resolves and opens again the issue that bears the label of the group (source: developer.atlassian.com, Jira REST
 * API 2 and 3). A transition is named as in the project's workflow.
 */
export async function sendJira(config: JiraConfig, render: Render, exchange: Exchanging): Promise<Attempt> {
  const call: Call = (method, path, body) =>
    exchange({ url: `${config.url}${path}`, method, body, headers: { 'accept-language': 'en' }, refusal: () => '' });
  const found = await call('POST', config.cloud ? '/search/jql' : '/search', searchFor(config, render));
  if (!found.attempt.ok) return found.attempt;
  const issue = issueIn(found.answer);
  if (issue === undefined) {
    if (!render.firing) return { ok: true, receipt: 'no open issue of the group' };
    const created = await call('POST', '/issue', { fields: fieldsOf(config, render, true) });
    return receipt(created.attempt, textIn(created.answer, 'key') ?? '');
  }
  const fields = fieldsOf(config, render, false);
  if (Object.keys(fields).length > 0) {
    const updated = await call('PUT', `/issue/${issue.key}`, { fields });
    if (!updated.attempt.ok) return updated.attempt;
  }
  const wanted = render.firing
    ? issue.done
      ? config.reopenTransition
      : ''
    : issue.done
      ? ''
      : config.resolveTransition;
  return receipt(wanted === '' ? found.attempt : await transition(call, issue.key, render.setting(wanted)), issue.key);
}

function receipt(attempt: Attempt, key: string): Attempt {
  return attempt.ok && key !== '' ? { ok: true, receipt: `issue ${key}` } : attempt;
}

function labelOf(render: Render): string {
  return `ALERT{${render.groupId}}`;
}

function searchFor(config: JiraConfig, render: Render): object {
  const quoted = (text: string) => JSON.stringify(text);
  const { wontFix, reopenTransition, reopenWithin } = config;
  const conditions = [
    wontFix === '' ? '' : `resolution != ${quoted(render.setting(wontFix))}`,
    reopenTransition === '' || reopenWithin === 0
      ? 'statusCategory != Done'
      : `(resolutiondate is EMPTY OR resolutiondate >= -${reopenWithin}m)`,
    `project=${quoted(render.setting(config.texts.project))}`,
    `labels=${quoted(labelOf(render))}`,
  ].filter((condition) => condition !== '');
  const jql = `${conditions.join(' and ')} order by status ASC,resolutiondate DESC`;
  return { jql, maxResults: 2, fields: ['status'] };
}

function issueIn(answer: string): { readonly key: string; readonly done: boolean } | undefined {
  const [issue] = (jsonObject(answer)?.issues ?? []) as {
    key: string;
    fields?: { status?: { statusCategory?: { key?: string } } };
  }[];
  if (issue === undefined) return undefined;
  return { key: issue.key, done: issue.fields?.status?.statusCategory?.key === 'done' };
}

function fieldsOf(config: JiraConfig, render: Render, created: boolean): Record<string, unknown> {
  const { texts, summary, description, labels } = config;
  const body = () => {
    const text = render.body(description.template, MAX_DESCRIPTION);
    return config.cloud ? documentOf(text) : text;
  };
  const changing = {
    summary: created || summary.update ? oneLine(render.title(summary.template)) : undefined,
    description: created || description.update ? body() : undefined,
  };
  if (!created) return withoutEmpty(changing);
  const priority = render.setting(texts.priority);
  return withoutEmpty({
    ...(rendered(config.fields, render) as object),
    project: { key: render.setting(texts.project) },
    issuetype: { name: render.setting(texts.issue_type) },
    ...changing,
    labels: [labelOf(render), ...labels.map((label) => render.setting(label))],
    priority: priority === '' ? undefined : { name: priority },
  });
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_SUMMARY);
}

/** Atlassian's document format, which version 3 wants in place of text. */
function documentOf(text: string): object {
  const paragraphs = text.split('\n').map((line) => ({
    type: 'paragraph',
    content: line === '' ? [] : [{ type: 'text', text: line }],
  }));
  return { type: 'doc', version: 1, content: paragraphs };
}

/** Own fields, each text in them a template. */
function rendered(value: unknown, render: Render): unknown {
  if (typeof value === 'string') return render.setting(value);
  if (Array.isArray(value)) return value.map((item) => rendered(item, render));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rendered(item, render)]));
}

async function transition(call: Call, key: string, name: string): Promise<Attempt> {
  const { attempt, answer } = await call('GET', `/issue/${key}/transitions`);
  if (!attempt.ok) return attempt;
  const all = (jsonObject(answer)?.transitions ?? []) as { readonly id: string; readonly name: string }[];
  const found = all.find((one) => one.name === name);
  if (found === undefined)
    return { ok: false, retry: false, error: `issue ${key} has no transition ${JSON.stringify(name)}` };
  return (await call('POST', `/issue/${key}/transitions`, { transition: { id: found.id } })).attempt;
}
