import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { build } from 'vite';
import { shopApi } from './fixture.ts';

export const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

type Overrides = NonNullable<Parameters<typeof shopApi>[1]>;

interface Opened {
  readonly page: Page;
  /** Uncaught errors, requests to another origin, and scripts that ran. */
  readonly trouble: string[];
  /** Paths that were asked, in order. */
  readonly asked: string[];
}

/** The built console in Chromium, before shops of one test each. */
export class ConsoleBrowser {
  readonly #folder: string;
  readonly #browser: Browser;
  readonly #closing: (() => Promise<unknown>)[] = [];

  private constructor(folder: string, browser: Browser) {
    this.#folder = folder;
    this.#browser = browser;
  }

  static async start(): Promise<ConsoleBrowser> {
    const folder = await mkdtemp(join(tmpdir(), 'console-'));
    await build({
      configFile: new URL('../../src/console/vite.config.ts', import.meta.url).pathname,
      build: { outDir: folder },
      logLevel: 'warn',
    });
    return new ConsoleBrowser(folder, await chromium.launch({ executablePath: BROWSER, args: FLAGS.split(' ') }));
  }

  /** A page of the console over a shop that differs from the fixture in `overrides`. */
  async open(path: string, overrides: Overrides = {}, before?: (page: Page) => Promise<unknown>): Promise<Opened> {
    const app = await shopApi(this.#folder, overrides).app;
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    this.#closing.push(async () => {
      await context.close();
      await app.close();
    });
    const page = await context.newPage();
    const trouble: string[] = [];
    const asked: string[] = [];
    page.on('pageerror', (error) => trouble.push(error.message));
    page.on('dialog', (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url().startsWith(url)) asked.push(request.url().slice(url.length));
      else if (!request.url().startsWith('blob:')) trouble.push(`asked ${request.url()}`);
    });
    await before?.(page);
    await page.goto(`${url}${path}`);
    return { page, trouble, asked };
  }

  async closePages(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
  }

  async stop(): Promise<void> {
    await this.closePages();
    await this.#browser.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What a test needs from `/api/…`: the answer in Prometheus' envelope. */
export function answer(data: unknown) {
  return { status: 200, contentType: 'application/json', body: JSON.stringify({ status: 'success', data }) };
}

export function refusal(status: number, error: string, headers: Record<string, string> = {}) {
  return { status, headers, contentType: 'application/json', body: JSON.stringify({ status: 'error', error }) };
}

interface RuleShape {
  readonly count: number;
  /** Annotations and state of the alert of each rule; no alert without. */
  readonly alert?: (i: number) => { readonly annotations: Record<string, string>; readonly value?: string };
}

/** Rule groups in the form of `/api/v1/rules`. */
export function manyRules({ count, alert }: RuleShape) {
  const rules = Array.from({ length: count }, (_, i) => {
    const active = alert?.(i);
    return {
      type: 'alerting', name: `Rule${i}`, query: `metric_${i}{job="shop"} > ${i}`, labels: { severity: 'page' }, duration: 60,
      annotations: active?.annotations ?? {}, state: active === undefined ? 'inactive' : 'firing', health: 'ok',
      lastEvaluation: new Date().toISOString(), evaluationTime: 0.001,
      alerts: active === undefined ? [] : [{
        labels: { alertname: `Rule${i}`, severity: 'page', pod: `pod-${i}` }, annotations: active.annotations, state: 'firing',
        activeAt: new Date(Date.now() - 60_000).toISOString(), value: active.value ?? '1',
      }],
    };
  }); // prettier-ignore
  const done = { file: 'rules.yaml', interval: 15, lastEvaluation: new Date().toISOString(), evaluationTime: 0.01 };
  return {
    groups: Array.from({ length: Math.ceil(count / 20) }, (_, i) => ({
      name: `group${i}`,
      ...done,
      rules: rules.slice(i * 20, i * 20 + 20),
    })),
  };
}
