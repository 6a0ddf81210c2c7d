/** What `/probe` is asked: a target, the name of a module, and whether the reason of a failure is wanted. */
export interface ProbeRequest {
  readonly target: string;
  readonly module: string;
  readonly debug: boolean;
  /** Milliseconds that the scraper waits; undefined where it does not say. */
  readonly timeout: number | undefined;
}

export interface ProbeAnswer {
  /** 200 also where the probe failed: that is what the page says. */
  readonly status: 200 | 400 | 503;
  /** A page in the text format, or a sentence. */
  readonly text: string;
}

export type AnswerProbe = (request: ProbeRequest) => Promise<ProbeAnswer>;

/** Seconds before the scraper gives up, so that it gets the page of a probe that timed out. */
const OFFSET_SECONDS = 0.5;
const TIMEOUT_HEADER = 'x-prometheus-scrape-timeout-seconds';

/** Reads a request as blackbox_exporter takes it: `target`, `module` (`http_2xx` by default), `debug=true`. */
export function probeRequest(
  params: URLSearchParams,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): ProbeRequest {
  const seconds = Number(headers[TIMEOUT_HEADER]);
  return {
    target: params.get('target') ?? '',
    module: params.get('module') ?? 'http_2xx',
    debug: params.get('debug') === 'true',
    timeout: seconds > 0 ? Math.max(seconds - OFFSET_SECONDS, seconds / 2) * 1000 : undefined,
  };
}
