import type { z } from 'zod';
import type { HttpClientConfig } from './client.ts';

/** Refuses credentials of which only one would be used, as Prometheus does. For `superRefine` of a schema with these keys. */
export function oneAuth(config: Partial<HttpClientConfig>, context: z.RefinementCtx): void {
  const { basic_auth: basic, authorization } = config;
  const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  const ways = (['basic_auth', 'authorization', 'bearer_token', 'bearer_token_file'] as const).filter(
    (key) => config[key] !== undefined,
  );
  if (ways.length > 1) complain([ways[1]], `expected none beside ${ways[0]}: at most one way to authenticate`);
  if (basic?.password !== undefined && basic.password_file !== undefined)
    complain(['basic_auth', 'password_file'], 'expected none beside password');
  if (authorization?.credentials !== undefined && authorization.credentials_file !== undefined)
    complain(['authorization', 'credentials_file'], 'expected none beside credentials');
  if (authorization?.type.trim().toLowerCase() === 'basic')
    complain(['authorization', 'type'], 'expected another type than Basic, for which basic_auth is');
}
