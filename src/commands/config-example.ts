import { printable } from '../lib/schema/print.ts';
import { z } from '../lib/schema/schema.ts';
import { toYaml } from '../lib/schema/yaml-print.ts';

/** Columns of a line of explanation. */
const WIDTH = 120;

/**
 * A configuration file with every key of a schema and its default, each commented out (`# key: value`) below what it means
 * (`## meaning`). It means the same as no file at all.
 */
export function exampleOf(schema: z.ZodObject, title: string): string {
  return [`## ${title}`, '', ...keysOf(schema, {}, '')].join('\n') + '\n';
}

function keysOf(schema: z.ZodObject, given: Readonly<Record<string, unknown>>, indent: string): string[] {
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).flatMap(([key, item]) => {
    if (item.description === 'Not supported yet.') return [];
    const known = item.safeParse(given[key]);
    const value = known.success ? known.data : undefined;
    const section = sectionOf(item);
    const comment = explanation(item.description ?? section?.description ?? '', indent);
    if (section === undefined) return [...comment, ...entry(key, printable(value, item), indent), ''];
    const inside = keysOf(section, {}, `${indent}  `);
    return [...comment, `# ${indent}${key}:`, ...inside];
  });
}

function entry(key: string, value: unknown, indent: string): string[] {
  if (value === undefined) return [`# ${indent}${key}:`];
  const yaml = toYaml({ [key]: value }).trimEnd();
  return yaml.split('\n').map((line) => `# ${indent}${line}`);
}

/** The object that a key holds, where it is a section of keys of its own. */
function sectionOf(schema: unknown): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) return sectionOf(schema.unwrap());
  return undefined;
}

function explanation(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= WIDTH) lines.push(`## ${indent}${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return text === '' ? [] : lines;
}
