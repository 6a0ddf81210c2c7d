import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 allocate every object among the young ones.
 *
 * V8 watches where objects are made and, once it has seen most of those of one place survive a collection, has that place
 * allocate among the old. Rows of queries do survive whenever a collection falls into a large query; from then on every
 * query's rows are garbage that only a mark through the whole heap frees, the index of all series included. Whether it came
 * to that was chance, and it doubled the CPU of rules. Price: what lives long is copied twice on its way to the old.
 */
export function disablePretenuring(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}
