import type { TargetLabels } from '../kind.ts';
import { type MutableLabels, hostPort, keyOf } from './labels.ts';
import { type Lookup, podLabels } from './lookup.ts';
import type { Pod } from './objects.ts';
import { containerLabels, containerPortLabels, containersOf } from './pod-targets.ts';

/**
 * The pods behind endpoints. Beside the ports that a service names, each of their other ports becomes a target, as a service
 * rarely names the port of the metrics.
 */
export class EndpointPods {
  readonly #lookup: Lookup;
  readonly #seen = new Map<string, { readonly pod: Pod; readonly ports: Set<number> }>();

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  /** Labels of the pod behind an endpoint, and of its container that has this port; where several have it, of the last one. */
  labelsOf(pod: Pod, port: number | undefined, protocolOf: (containerProtocol?: string) => string): MutableLabels {
    const key = keyOf(pod.metadata.namespace, pod.metadata.name);
    const entry = this.#seen.get(key) ?? { pod, ports: new Set<number>() };
    this.#seen.set(key, entry);
    if (port !== undefined) entry.ports.add(port);
    const labels = podLabels(this.#lookup, pod);
    for (const { container, isInit } of containersOf(pod)) {
      const match = container.ports?.find(({ containerPort }) => containerPort === port);
      if (match !== undefined)
        Object.assign(
          labels,
          containerLabels(container, isInit),
          containerPortLabels(match, protocolOf(match.protocol)),
        );
    }
    return labels;
  }

  /** A target for each port of a pod that no endpoint named. */
  otherPorts(): TargetLabels[] {
    return [...this.#seen.values()].flatMap(({ pod, ports }) => {
      const ip = pod.status?.podIP ?? '';
      if (ip === '') return [];
      const labels = podLabels(this.#lookup, pod);
      return containersOf(pod).flatMap(({ container, isInit }) =>
        (container.ports ?? [])
          .filter(({ containerPort }) => !ports.has(containerPort))
          .map((port) => ({
            __address__: hostPort(ip, port.containerPort),
            ...containerLabels(container, isInit),
            ...containerPortLabels(port, port.protocol),
            ...labels,
          })),
      );
    });
  }
}
