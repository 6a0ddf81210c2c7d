import { z } from '../../lib/schema/schema.ts';

/** Section `otlp`, under the keys that prometheus.yml has: how OTLP metrics become series. */
export const otlpSchema = z
  .strictObject({
    promote_resource_attributes: z
      .array(z.string().min(1))
      .default([])
      .describe('Attributes of the resource that become labels of every one of its series.'),
    promote_all_resource_attributes: z
      .boolean()
      .default(false)
      .describe('All of them do, but for those of `ignore_resource_attributes`.'),
    ignore_resource_attributes: z
      .array(z.string().min(1))
      .default([])
      .describe('Attributes that stay out where all others become labels.'),
    keep_identifying_resource_attributes: z
      .boolean()
      .default(false)
      .describe('Keep `service.name`, `service.namespace` and `service.instance.id` as labels of `target_info` too.'),
    promote_scope_metadata: z
      .boolean()
      .default(false)
      .describe('Put name, version, schema URL and attributes of the scope on every series as `otel_scope_…`.'),
  })
  .describe('How metrics that come as OTLP (OpenTelemetry) become series; the keys are those of prometheus.yml.');

export type OtlpConfig = z.output<typeof otlpSchema>;
