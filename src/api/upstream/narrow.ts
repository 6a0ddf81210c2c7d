import { quote } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { ApiError, badParameter, messageOf } from '../answers/errors.ts';
import { matcherSets } from '../requests/params.ts';
import type { Scope } from '../auth/principal.ts';
import type { QueryLanguage } from '../types.ts';

/** All that a tenant may say beside its query: other parameters may mean anything to the server behind. */
const HARMLESS = ['time', 'start', 'end', 'step', 'timeout', 'limit', 'lookback_delta', 'stats', 'limit_per_metric'];

/** Whose request it is. */
export interface Narrowing {
  readonly scope: Scope | undefined;
  readonly language: QueryLanguage;
}

/** The parameters of a tenant's request, with its matchers on the query and on every `match[]`; unchanged for all others. */
export function narrowed(params: URLSearchParams, { scope, language }: Narrowing): URLSearchParams {
  if (scope === undefined) return params;
  const safe = new URLSearchParams();
  for (const name of HARMLESS) {
    const value = params.get(name);
    if (value !== null) safe.set(name, value);
  }
  const query = params.get('query');
  if (query !== null) safe.set('query', narrowedQuery(query, scope, language));
  return safe;
}

/** As `narrowed`, for endpoints that read series: without a `match[]` they would read all. */
export function narrowedSelection(params: URLSearchParams, narrowing: Narrowing): URLSearchParams {
  const { scope, language } = narrowing;
  const safe = narrowed(params, narrowing);
  if (scope === undefined) return safe;
  safe.delete('query');
  const given = matcherSets(params, language, { named: true, allowEmpty: true });
  for (const set of given.length === 0 ? [[]] : given)
    safe.append('match[]', selectorText([...set, ...scope.matchers]));
  return safe;
}

function narrowedQuery(query: string, scope: Scope, language: QueryLanguage): string {
  try {
    return language.restrict(query, scope.matchers);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw badParameter('query', messageOf(error));
  }
}

function selectorText(matchers: readonly Matcher[]): string {
  return `{${matchers.map(({ name, op, value }) => `${labelText(name)}${op}${quote(value)}`).join(',')}}`;
}

function labelText(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quote(name);
}
