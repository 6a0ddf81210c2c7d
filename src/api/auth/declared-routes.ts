import type { FastifyInstance } from 'fastify';
import type { Permission } from './principal.ts';

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly permission: Permission;
  /** Whether its calls go to the audit log. */
  readonly audited: boolean;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly declaredRoutes: readonly DeclaredRoute[];
  }
}

/** Remembers each route with its permission. A route that declares none is refused when it is registered. */
export function rememberRoutes(app: FastifyInstance): readonly DeclaredRoute[] {
  const routes: DeclaredRoute[] = [];
  app.decorate('declaredRoutes', routes);
  app.addHook('onRoute', ({ method, url, config }) => {
    const permission = config?.permission;
    if (permission === undefined) throw new Error(`BUG: the route ${String(method)} ${url} declares no permission`);
    for (const one of [method].flat())
      routes.push({ method: one, url, permission, audited: config?.audit !== undefined });
  });
  return routes;
}
