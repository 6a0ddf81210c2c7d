import { HttpError } from '../lib/http/client.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { type ApiClient, ApiError } from './api-client.ts';

/** Objects a page: about 5 MB of pods, and 50 ms to parse. */
const PAGE_SIZE = 500;
/** Ten of the largest objects that etcd takes still fit in an answer. */
const SMALLEST_PAGE = 10;
/** How often a list that changed under its reading is begun anew. */
const MOST_STARTS = 3;

export interface ObjectList {
  readonly objects: KubeObject[];
  /** From which a watch goes on. */
  readonly version: string;
}

interface Page {
  readonly items?: readonly unknown[] | null;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/**
 * Reads all objects of a resource, page by page. A page that has become too old is no failure: the list is begun anew, in
 * larger pages; pages that are too long are asked for in smaller ones.
 * @throws {ApiError} or {HttpError}
 */
export async function listObjects(
  client: Pick<ApiClient, 'get'>,
  path: string,
  parameters: Readonly<Record<string, string>>,
  project: (value: unknown) => KubeObject,
  signal: AbortSignal,
): Promise<ObjectList> {
  let size = PAGE_SIZE;
  for (let starts = 1; ; starts++) {
    try {
      return await readPages(client, path, { ...parameters, limit: String(size) }, project, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 410 && starts < MOST_STARTS) size *= 4;
      else if (error instanceof HttpError && error.reason === 'too_large' && size > SMALLEST_PAGE)
        size = Math.max(SMALLEST_PAGE, Math.floor(size / 5));
      else throw error;
    }
  }
}

async function readPages(
  client: Pick<ApiClient, 'get'>,
  path: string,
  parameters: Readonly<Record<string, string>>,
  project: (value: unknown) => KubeObject,
  signal: AbortSignal,
): Promise<ObjectList> {
  const objects: KubeObject[] = [];
  let token = '';
  do {
    const query = new URLSearchParams({ ...parameters, ...(token !== '' && { continue: token }) });
    const { items, metadata = {} } = (await client.get(`${path}?${query}`, signal)) as Page;
    if (metadata.resourceVersion === undefined) throw new Error(`${path}: the answer is no list of objects`);
    for (const item of items ?? []) objects.push(project(item));
    token = metadata.continue ?? '';
    if (token === '') return { objects, version: metadata.resourceVersion };
  } while (!signal.aborted);
  throw new HttpError('aborted', `${path}: aborted`);
}
