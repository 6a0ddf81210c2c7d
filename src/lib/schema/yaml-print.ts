import { Document, isScalar, visit } from 'yaml';
import { hasUnprintable, printableJson } from '../text/printable.ts';

/** Returns a value as YAML. Characters that could drive a terminal are escapes within double quotes. */
export function toYaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && hasUnprintable(node.value.replaceAll('\n', ''))) node.type = 'QUOTE_DOUBLE';
    },
    Pair(_, { key }) {
      if (isScalar(key) && typeof key.value === 'string' && hasUnprintable(key.value)) key.type = 'QUOTE_DOUBLE';
    },
  });
  return printableJson(document.toString({ lineWidth: 0 }));
}
