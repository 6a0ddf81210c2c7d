import protobuf from 'protobufjs/minimal.js';

/** An ExportMetricsServiceResponse; with nothing refused and nothing to say it has no bytes. */
export function encodeMetricsResponse(rejectedPoints: number, message: string): Buffer {
  const writer = protobuf.Writer.create();
  if (rejectedPoints === 0 && message === '') return Buffer.alloc(0);
  writer.uint32((1 << 3) | 2).fork();
  if (rejectedPoints > 0) writer.uint32(1 << 3).int64(rejectedPoints);
  if (message !== '') writer.uint32((2 << 3) | 2).string(message);
  return Buffer.from(writer.ldelim().finish());
}

/** The same in JSON. */
export function metricsResponseJson(rejectedPoints: number, message: string): string {
  if (rejectedPoints === 0 && message === '') return '{}';
  const told = { rejectedDataPoints: String(rejectedPoints), errorMessage: message };
  return JSON.stringify({ partialSuccess: told });
}
