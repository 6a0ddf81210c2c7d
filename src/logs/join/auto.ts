import { createCriJoiner } from './cri.ts';
import { createDockerJsonJoiner } from './docker-json.ts';
import { type Joiner, OTHER_FORM, addUnparsed } from './joiner.ts';
import { createPlainJoiner } from './plain.ts';

/**
 * Tells the form of each line by the line itself: a file may begin with a torn line, or change its form when its writer does.
 * In a container's file a line of no runtime's form is marked `unparsed`; elsewhere it is plain.
 */
export function createAutoJoiner(containers: boolean, zone?: string): Joiner {
  const docker = createDockerJsonJoiner(() => OTHER_FORM);
  const takeOther = containers ? addUnparsed : createPlainJoiner(zone).takeLine;
  return createCriJoiner({
    elsewhere(batch, p, newline, context) {
      const need = docker.takeLine(batch, p, newline, context);
      return need === OTHER_FORM ? takeOther(batch, p, newline, context) : need;
    },
    beside: docker,
  });
}
