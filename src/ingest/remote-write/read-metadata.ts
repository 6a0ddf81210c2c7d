import type protobuf from 'protobufjs/minimal.js';
import { METRIC_TYPES, type MetricMetadata } from '../../model/sample.ts';
import { eachFieldOfMessage } from '../../lib/protobuf/read-fields.ts';
import { readText } from './read-labels.ts';

type Reader = protobuf.Reader;

/** Returns undefined for a message without type, help and unit: it says nothing, and what is known of the metric stays. */
export function readMetadataV1(reader: Reader): MetricMetadata | undefined {
  const entry = { metric: '', type: METRIC_TYPES[0], unit: '', help: '' };
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) entry.type = METRIC_TYPES[reader.int32()] ?? 'unknown';
    else if (field === 2) entry.metric = readText(reader) ?? '';
    else if (field === 4) entry.help = readText(reader) ?? '';
    else if (field === 5) entry.unit = readText(reader) ?? '';
    else return false;
    return true;
  });
  return entry.metric === '' || isEmpty(entry) ? undefined : entry;
}

/** As {@link readMetadataV1}; texts are references into the table of symbols. */
export function readMetadataV2(
  reader: Reader,
  symbols: readonly (string | undefined)[],
): Omit<MetricMetadata, 'metric'> | undefined {
  const entry = { type: METRIC_TYPES[0], unit: '', help: '' };
  eachFieldOfMessage(reader, (field) => {
    if (field === 1) entry.type = METRIC_TYPES[reader.int32()] ?? 'unknown';
    else if (field === 3) entry.help = symbols[reader.uint32()] ?? '';
    else if (field === 4) entry.unit = symbols[reader.uint32()] ?? '';
    else return false;
    return true;
  });
  return isEmpty(entry) ? undefined : entry;
}

function isEmpty({ type, help, unit }: Omit<MetricMetadata, 'metric'>): boolean {
  return type === 'unknown' && help === '' && unit === '';
}
