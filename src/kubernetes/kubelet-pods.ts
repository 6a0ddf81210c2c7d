import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '../lib/time/clock.ts';
import { HttpClient } from '../lib/http/client.ts';
import type { KubeObject } from '../model/kubernetes.ts';
import { messageOf } from './api-client.ts';
import type { KubernetesNode } from './node.ts';
import { projectNodePod } from './pod-projection.ts';

const TIMEOUT_MS = 10_000;
/** Asked sooner than at its turn, this is the least time since the last answer, milliseconds. */
const SOON_MS = 1000;

/** The pods that a kubelet knows, its static ones among them. */
export interface KubeletPods {
  /** @throws where it does not answer, or refuses */
  list(): Promise<KubeObject[]>;
  /** Calls back when it may be asked again; further calls before that are one with it. */
  soon(callback: () => void): void;
  close(): void;
}

export function createKubeletPods(
  { kubelet }: Pick<KubernetesNode, 'kubelet'>,
  clock: Clock = systemClock,
): KubeletPods {
  const client = new HttpClient(kubelet.http);
  const abort = new AbortController();
  const url = `https://${kubelet.address}/pods`;
  let askedAt = -Infinity;
  let cancel: (() => void) | undefined;
  return {
    async list() {
      askedAt = clock.now();
      const { status, body } = await client.request({ url, timeout: TIMEOUT_MS, signal: abort.signal });
      const text = body.toString('utf8');
      if (status !== 200) throw new Error(`${url}: ${status}: ${messageOf(text)}`);
      const { items } = JSON.parse(text) as { readonly items?: readonly KubeObject[] | null };
      return (items ?? []).map((pod) => withVersion(projectNodePod(pod)));
    },
    soon(callback) {
      cancel ??= clock.after(Math.max(0, askedAt + SOON_MS - clock.now()), () => {
        cancel = undefined;
        callback();
      });
    },
    close() {
      abort.abort();
      cancel?.();
      client.close();
    },
  };
}

/** The kubelet knows a status before the API server gives it a version: what is kept of the pod is its version. */
function withVersion(pod: KubeObject): KubeObject {
  const hash = createHash('sha1').update(JSON.stringify(pod)).digest('base64');
  return { ...pod, metadata: { ...pod.metadata, resourceVersion: `kubelet ${hash}` } };
}
