import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where real servers are kept between runs. */
export const cacheDir = process.env.CROWSNEST_SERVERS ?? join(homedir(), '.cache', 'crowsnest-servers');

/** The path of a program in the cache or, for those a distribution installs, on the machine. */
export function findProgram(name: string): string | undefined {
  return [join(cacheDir, 'bin', name), join('/usr/bin', name)].find((path) => existsSync(path));
}

/** A Java that is new enough for the servers that need one. */
export function findJava(): string | undefined {
  const homes = [
    process.env.JAVA_HOME,
    '/usr/lib/jvm/temurin-25-jdk-amd64',
    '/usr/lib/jvm/temurin-21-jdk-amd64',
    '/usr/lib/jvm/java-21-openjdk-amd64',
  ];
  return homes.find((home) => home !== undefined && existsSync(join(home, 'bin', 'javac')) && isModern(home));
}

/** By the release file, which starting the virtual machine would take half a second to say. */
function isModern(home: string): boolean {
  const match = /(?:java|jdk)-?(\d+)/.exec(home);
  return match === null || Number(match[1]) >= 21;
}
