import { COMMAND_LINE, type Complaint, InputError } from '../lib/schema/yaml.ts';

/** What flags of the command line set, in the shape of the file; lists are added to the file's own. */
export interface Overrides {
  readonly data?: string;
  readonly listen?: string;
  readonly remoteWrite?: readonly string[];
  readonly elasticsearch?: readonly string[];
  readonly logs?: readonly string[];
  readonly scrape?: readonly string[];
  readonly query?: string;
  readonly kubeconfig?: string;
}

/** @throws {InputError} for values that no configuration would take, under the names of their flags. */
export function checkFlags({ listen, remoteWrite = [], elasticsearch = [], scrape = [], query }: Overrides): void {
  const complaints = [
    ...notUrls('--scrape', scrape, 'http://127.0.0.1:8080/metrics'),
    ...notUrls('--remote-write', remoteWrite, 'https://mimir/api/v1/push'),
    ...notUrls('--elasticsearch', elasticsearch, 'https://es:9200'),
    ...notUrls('--query', query === undefined ? [] : [query], 'https://mimir/prometheus'),
    ...(listen === undefined || isAddress(listen)
      ? []
      : [complain('--listen', `expected host:port with a port up to 65535, not ${JSON.stringify(listen)}`)]),
  ];
  if (complaints.length > 0) throw new InputError(complaints);
}

function notUrls(flag: string, texts: readonly string[], example: string): Complaint[] {
  return texts
    .filter((text) => !/^https?:\/\/[^/]/.test(text) || !URL.canParse(text))
    .map((text) => complain(flag, `expected a URL such as ${example}, not ${JSON.stringify(text)}`));
}

function isAddress(listen: string): boolean {
  const port = /^(?:\[[0-9a-fA-F:.]*\]|[^:[\]]*):(\d{1,5})$/.exec(listen)?.[1];
  return port !== undefined && Number(port) < 65_536;
}

function complain(path: string, message: string): Complaint {
  return { file: COMMAND_LINE, line: 0, column: 0, path, message };
}
