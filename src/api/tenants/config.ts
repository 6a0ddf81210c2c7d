import { compileMatch } from '../../lib/match.ts';
import { z } from '../../lib/schema.ts';
import type { MatchOp, Matcher } from '../../model/matcher.ts';

const MATCHER = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\["\\])*)"\s*$/;

const matcher = z.string().transform((text, context): Matcher => {
  const parts = MATCHER.exec(text);
  if (parts === null) {
    context.addIssue({ code: 'custom', message: 'expected one matcher, such as namespace="shop"' });
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
});

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
  })
  .refine(
    ({ token_file, username, password_file }) =>
      (token_file !== undefined || username !== undefined) &&
      (username === undefined) === (password_file === undefined),
    'expected token_file, or username with password_file',
  );

export type TenantConfig = z.infer<typeof tenantSchema>;
