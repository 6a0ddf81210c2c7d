import { readFile } from 'node:fs/promises';
import type { FunctionMap } from '../template/values.ts';
import { GoFunc, SafeHtml } from '../template/values.ts';
import { alertmanagerFunctions } from '../template/alertmanager.ts';
import { BUILTINS } from '../template/builtins.ts';
import { execute } from '../template/exec.ts';
import { PlainOutput } from '../template/output.ts';
import { HtmlOutput } from '../template/html-output.ts';
import { notificationData } from '../template/notification-data.ts';
import { type Tree, parseInto } from '../template/parse.ts';
import { decodeText } from '../../lib/text/decode-text.ts';
import { type Complaint, InputError } from '../../lib/schema/yaml.ts';
import { findFiles } from '../../lib/glob/find-files.ts';
import { calledBy } from '../template/called.ts';
import { DEFAULT_TEMPLATES } from './default-templates.ts';
import type { WebhookBody } from './webhook-body.ts';

/** What `page` gives inside a template: the built-in mail. */
export interface BuiltInPage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const NO_PAGE: BuiltInPage = { subject: '', text: '', html: '' };

/** The templates of a routing file, ready to be given notifications. */
export class NotificationTemplates {
  readonly #set: ReadonlyMap<string, Tree>;

  constructor(set: ReadonlyMap<string, Tree>) {
    this.#set = set;
  }

  /** @throws {TemplateError} with Go's words. */
  text(template: string, body: WebhookBody, now: number, page: BuiltInPage = NO_PAGE): string {
    const output = new PlainOutput();
    this.#run(template, body, now, page, output);
    return output.toString();
  }

  /** Values are escaped for the place in the document where they stand. @throws {TemplateError} */
  html(template: string, body: WebhookBody, now: number, page: BuiltInPage = NO_PAGE): string {
    const output = new HtmlOutput();
    this.#run(template, body, now, page, output);
    return output.toString();
  }

  /** Names of templates that `template` calls, itself or by another, and that are not defined. A text that does not parse has none. */
  missingIn(template: string): string[] {
    let set: Map<string, Tree>;
    try {
      set = this.#parse(template);
    } catch {
      return [];
    }
    const seen = new Set<string>(['']);
    const missing: string[] = [];
    for (const name of seen) {
      const tree = set.get(name);
      if (tree !== undefined) for (const called of calledBy(tree)) seen.add(called);
      else if (name !== '') missing.push(name);
    }
    return missing;
  }

  #run(template: string, body: WebhookBody, now: number, page: BuiltInPage, output: PlainOutput | HtmlOutput): void {
    execute(this.#parse(template), '', notificationData(body), functions(now, page), output);
  }

  #parse(template: string): Map<string, Tree> {
    const set = new Map(this.#set);
    parseInto(set, '', template, isFunction);
    return set;
  }
}

function functions(now: number, page: BuiltInPage): FunctionMap {
  const part = (name: string) =>
    name === 'html' ? new SafeHtml(page.html) : name === 'subject' ? page.subject : page.text;
  return { ...alertmanagerFunctions(now), page: new GoFunc(['string'], part) };
}

const NAMES = new Set(Object.keys({ ...BUILTINS, ...functions(0, NO_PAGE) }));

function isFunction(name: string): boolean {
  return NAMES.has(name);
}

function builtIn(): Map<string, Tree> {
  const set = new Map<string, Tree>();
  parseInto(set, 'default.tmpl', DEFAULT_TEMPLATES, isFunction);
  return set;
}

export const BUILT_IN_TEMPLATES = new NotificationTemplates(builtIn());

/** @throws {TemplateError} where the text does not parse. */
export function checkTemplate(text: string): void {
  parseInto(new Map(), '', text, isFunction);
}

export interface LoadedTemplates {
  readonly templates: NotificationTemplates;
  /** Files that do not parse, each with its line. */
  readonly complaints: readonly Complaint[];
  /** Patterns that match no file. */
  readonly unmatched: readonly string[];
}

/** Reads the files that `templates` of a routing file names, over the built-in ones. */
export async function loadTemplates(patterns: readonly string[], base: string): Promise<LoadedTemplates> {
  const set = builtIn();
  const complaints: Complaint[] = [];
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    const files = await findFiles(pattern, base, { hidden: true });
    if (files.length === 0) unmatched.push(pattern);
    for (const file of files) {
      try {
        const own = new Map<string, Tree>();
        parseInto(own, file, decodeText(await readFile(file), file), isFunction);
        for (const [name, tree] of own) set.set(name, tree);
      } catch (error) {
        if (error instanceof InputError) {
          complaints.push(...error.complaints);
          continue;
        }
        const { message } = error as Error;
        const line = message.startsWith(`template: ${file}:`)
          ? Number.parseInt(message.slice(file.length + 11), 10)
          : 0;
        complaints.push({ file, line, column: line > 0 ? 1 : 0, path: '', message });
      }
    }
  }
  return { templates: new NotificationTemplates(set), complaints, unmatched };
}

/** Names that a text, or a template that it calls, calls and that nothing defines. */
export function missingTemplates(text: string, templates: NotificationTemplates): string[] {
  return templates.missingIn(text);
}
