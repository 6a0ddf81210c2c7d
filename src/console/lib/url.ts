import { useLocation } from 'preact-iso';

type Changes = Readonly<Record<string, string | undefined>>;

/** State kept in the URL, and a way to change it; undefined or '' takes a parameter out. */
export function useAddress(): {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly change: (changes: Changes, replace?: boolean) => void;
} {
  const { path, query, route } = useLocation();
  return {
    path,
    params: query,
    change: (changes, replace = false) => route(address(path, { ...query, ...changes }), replace),
  };
}

export function address(path: string, params: Changes): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== '') query.set(name, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A part of an address without its escapes; as it is where it has an escape that is none, such as `90%`. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function exploreMetrics(q: string, more: Changes = {}): string {
  return address('/explore', { q, ...more });
}

export function exploreLogs(logs: string, more: Changes = {}): string {
  return address('/explore', { view: 'logs', logs, ...more });
}

export function playbookPage(name: string): string {
  return `/playbooks/${encodeURIComponent(name)}`;
}
