import type { LineFormat } from '../config.ts';
import { createCriJoiner } from './cri.ts';
import { createDockerJsonJoiner } from './docker-json.ts';
import type { Joiner } from './joiner.ts';
import { createPlainJoiner } from './plain.ts';

const CRI = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [PF][ :\n]/;
const DOCKER_JSON = /^\{"log":"/;

/** The form of a file's lines, told from how it begins. */
export function detectFormat(head: Buffer): Exclude<LineFormat, 'auto'> {
  const text = head.toString('latin1', 0, 64);
  if (CRI.test(text)) return 'cri';
  return DOCKER_JSON.test(text) ? 'docker-json' : 'plain';
}

export function createJoiner(format: Exclude<LineFormat, 'auto'>): Joiner {
  switch (format) {
    case 'cri':
      return createCriJoiner();
    case 'docker-json':
      return createDockerJsonJoiner();
    case 'plain':
      return createPlainJoiner();
  }
}
