import { compileMatch } from '../../lib/text/match.ts';
import { z } from '../../lib/schema/schema.ts';
import type { MatchOp, Matcher } from '../../model/matcher.ts';

const REST = String.raw`\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\["\\])*)"\s*$`;

const matcher = matcherOf(new RegExp(String.raw`^\s*([a-zA-Z_]\w*)${REST}`), 'namespace="shop"');
const logMatcher = matcherOf(new RegExp(String.raw`^\s*([a-zA-Z_][\w./@-]*)${REST}`), 'kubernetes.namespace="shop"');

function matcherOf(pattern: RegExp, example: string) {
  return z.string().transform((text, context) => readMatcher(pattern.exec(text), example, context));
}

function readMatcher(parts: RegExpExecArray | null, example: string, context: z.RefinementCtx<string>): Matcher {
  if (parts === null) {
    context.addIssue({ code: 'custom', message: `expected one matcher, such as ${example}` });
    return z.NEVER;
  }
  const [, name, op, value] = parts;
  const found: Matcher = { name, op: op as MatchOp, value: value.replace(/\\(.)/g, '$1') };
  try {
    compileMatch(found.op, found.value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
  }
  return found;
}

/** One entry of `server.tenants`. */
export const tenantSchema = z
  .strictObject({
    name: z.string().min(1).describe('How the log and answers call it'),
    token_file: z.string().optional().describe('File that holds its bearer token'),
    username: z.string().min(1).optional().describe('Name for basic auth'),
    password_file: z.string().optional().describe('File that holds its password'),
    matchers: z
      .array(matcher)
      .min(1)
      .describe('What it may read: series that satisfy every one of these, such as `namespace="shop"`'),
    log_matchers: z
      .array(logMatcher)
      .min(1)
      .optional()
      .describe(
        'What it may search of the embedded store: records of sources whose fields satisfy every one of these, such as `kubernetes.namespace="shop"`. None: no logs',
      ),
  })
  .refine(
    ({ token_file, username, password_file }) =>
      (token_file !== undefined || username !== undefined) &&
      (username === undefined) === (password_file === undefined),
    'expected token_file, or username with password_file',
  );
