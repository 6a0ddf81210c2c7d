/** One entry of `jira_configs`. */
export interface JiraConfig {
  /** `https://jira.example.org/rest/api/2` */
  readonly url: string;
  /** Whether the server is Jira Cloud with version 3 of the API. */
  readonly cloud: boolean;
  /** Templates. */
  readonly texts: Readonly<Record<'project' | 'issue_type' | 'priority', string>>;
  readonly labels: readonly string[];
  readonly summary: { readonly template: string; readonly update: boolean };
  readonly description: { readonly template: string; readonly update: boolean };
  readonly reopenTransition: string;
  readonly resolveTransition: string;
  readonly wontFix: string;
  /** Minutes after its resolution for which an issue is opened again; 0 = never. */
  readonly reopenWithin: number;
  readonly fields: Readonly<Record<string, unknown>>;
}
