import { expect, test } from 'vitest';
import { RESOURCE_NAMES } from './resource-names.ts';
import { TABLES } from './tables.ts';

test('the configuration knows every resource that has a table, in the order of the tables', () => {
  expect(RESOURCE_NAMES).toEqual(TABLES.map(({ resource }) => resource.plural));
});
