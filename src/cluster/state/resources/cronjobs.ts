import type { KubeObject } from '../../../model/kubernetes.ts';
import { nextRun } from '../cron.ts';
import { type ResourceTable, type Series, experimental, stable } from '../family.ts';
import { at, flag, text } from '../fields.ts';
import {
  annotations,
  created,
  info,
  labels,
  namespaced,
  optional,
  optionalCount,
  resourceVersion,
  time,
  value,
} from '../series.ts';
import { optionalUnixTime } from '../time.ts';

export const cronjobs: ResourceTable = {
  resource: { group: 'batch', version: 'v1', plural: 'cronjobs', namespaced: true },
  isDefault: true,
  identify: namespaced('cronjob'),
  families: [
    annotations('kube_cronjob'),
    labels('kube_cronjob', true),
    stable('kube_cronjob_info', 'Info about cronjob.', (job) =>
      info({
        schedule: text(job, 'spec.schedule'),
        concurrency_policy: text(job, 'spec.concurrencyPolicy'),
        timezone: at(job, 'spec.timeZone') === undefined ? 'local' : text(job, 'spec.timeZone'),
      }),
    ),
    created('kube_cronjob', true),
    stable('kube_cronjob_status_active', 'Active holds pointers to currently running jobs.', (job) => {
      const active = at(job, 'status.active');
      return value(Array.isArray(active) ? active.length : 0);
    }),
    stable(
      'kube_cronjob_status_last_schedule_time',
      'LastScheduleTime keeps information of when was the last time the job was successfully scheduled.',
      time('status.lastScheduleTime'),
    ),
    stable(
      'kube_cronjob_status_last_successful_time',
      'LastSuccessfulTime keeps information of when was the last time the job was completed successfully.',
      time('status.lastSuccessfulTime'),
    ),
    stable('kube_cronjob_spec_suspend', 'Suspend flag tells the controller to suspend subsequent executions.', (job) =>
      at(job, 'spec.suspend') === undefined ? [] : value(flag(job, 'spec.suspend') ? 1 : 0),
    ),
    stable(
      'kube_cronjob_spec_starting_deadline_seconds',
      'Deadline in seconds for starting the job if it misses scheduled time for any reason.',
      optionalCount('spec.startingDeadlineSeconds'),
    ),
    stable(
      'kube_cronjob_next_schedule_time',
      "Next time the cronjob should be scheduled. The time after lastScheduleTime, or after the cron job's creation time if it's never been scheduled. Use this to determine if the job is delayed.",
      nextScheduleTime,
    ),
    experimental(
      'kube_cronjob_schedule_invalid',
      'Emitted with value 1 for cronjobs whose schedule, in its configured timezone, cannot be parsed.',
      (job) => (next(job, 0) === 'invalid' ? value(1) : []),
    ),
    stable(
      'kube_cronjob_metadata_resource_version',
      'Resource version representing a specific version of the cronjob.',
      resourceVersion,
    ),
    experimental(
      'kube_cronjob_spec_successful_job_history_limit',
      'Successful job history limit tells the controller how many completed jobs should be preserved.',
      optionalCount('spec.successfulJobsHistoryLimit'),
    ),
    experimental(
      'kube_cronjob_spec_failed_job_history_limit',
      'Failed job history limit tells the controller how many failed jobs should be preserved.',
      optionalCount('spec.failedJobsHistoryLimit'),
    ),
  ],
};

function nextScheduleTime(job: KubeObject): readonly Series[] {
  if (flag(job, 'spec.suspend')) return [];
  const last =
    optionalUnixTime(at(job, 'status.lastScheduleTime')) ?? optionalUnixTime(at(job, 'metadata.creationTimestamp'));
  if (last === undefined) return [];
  const run = next(job, last);
  return run === 'invalid' ? [] : optional(run);
}

function next(job: KubeObject, after: number): number | undefined | 'invalid' {
  return nextRun(text(job, 'spec.schedule'), text(job, 'spec.timeZone'), after);
}
