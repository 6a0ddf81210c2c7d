import { describe, expect, test } from 'vitest';
import { RunGroup, type Service } from './run-group.ts';

function service(name: string, log: string[], fail?: 'start' | 'stop'): Service {
  return {
    name,
    start() {
      log.push(`start ${name}`);
      if (fail === 'start') throw new Error(`${name} did not start`);
    },
    stop() {
      log.push(`stop ${name}`);
      if (fail === 'stop') throw new Error(`${name} did not stop`);
    },
  };
}

describe('a run group', () => {
  test('starts in order and stops in reverse', async () => {
    const log: string[] = [];
    const group = new RunGroup().add(service('a', log)).add(service('b', log));
    await group.start();
    await group.stop();
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  test('a service that does not start takes down what was up', async () => {
    const log: string[] = [];
    const group = new RunGroup()
      .add(service('a', log))
      .add(service('b', log, 'start'))
      .add(service('c', log));
    await expect(group.start()).rejects.toThrow('b did not start');
    expect(log).toEqual(['start a', 'start b', 'stop a']);
  });

  test('one that fails to stop does not keep the others up', async () => {
    const log: string[] = [];
    const group = new RunGroup().add(service('a', log)).add(service('b', log, 'stop'));
    await group.start();
    await expect(group.stop()).rejects.toThrow('b did not stop');
    expect(log.at(-1)).toBe('stop a');
  });
});
