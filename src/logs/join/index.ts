import type { LineFormat } from '../config.ts';
import { createAutoJoiner } from './auto.ts';
import { createCriJoiner } from './cri.ts';
import { createDockerJsonJoiner } from './docker-json.ts';
import type { Joiner } from './joiner.ts';
import { createPlainJoiner } from './plain.ts';

/**
 * @param containers the file is a container's, so that a line of no known form is a damaged one.
 * @param zone of times that name none (IANA name).
 */
export function createJoiner(format: LineFormat, containers = false, zone?: string): Joiner {
  switch (format) {
    case 'auto':
      return createAutoJoiner(containers, zone);
    case 'cri':
      return createCriJoiner();
    case 'docker-json':
      return createDockerJsonJoiner();
    case 'plain':
      return createPlainJoiner(zone);
  }
}
