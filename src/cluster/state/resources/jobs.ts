import type { KubeObject } from '../../../model/kubernetes.ts';
import { type ResourceTable, type Series, experimental, stable } from '../family.ts';
import { items, number, text } from '../fields.ts';
import {
  annotations,
  conditionStates,
  count,
  created,
  info,
  labels,
  namespaced,
  optionalCount,
  owners,
  time,
  value,
} from '../series.ts';

const FAILURES = ['BackoffLimitExceeded', 'DeadlineExceeded', 'Evicted'];

export const jobs: ResourceTable = {
  resource: { group: 'batch', version: 'v1', plural: 'jobs', namespaced: true },
  isDefault: true,
  identify: namespaced('job_name'),
  families: [
    annotations('kube_job'),
    labels('kube_job', true),
    stable('kube_job_info', 'Information about job.', () => info({})),
    created('kube_job', true),
    stable(
      'kube_job_spec_parallelism',
      'The maximum desired number of pods the job should run at any given time.',
      optionalCount('spec.parallelism'),
    ),
    stable(
      'kube_job_spec_completions',
      'The desired number of successfully finished pods the job should be run with.',
      optionalCount('spec.completions'),
    ),
    stable(
      'kube_job_spec_active_deadline_seconds',
      'The duration in seconds relative to the startTime that the job may be active before the system tries to terminate it.',
      optionalCount('spec.activeDeadlineSeconds'),
    ),
    stable('kube_job_status_succeeded', 'The number of pods which reached Phase Succeeded.', count('status.succeeded')),
    stable(
      'kube_job_status_failed',
      'The number of pods which reached Phase Failed and the reason for failure.',
      failures,
    ),
    stable('kube_job_status_active', 'The number of actively running pods.', count('status.active')),
    experimental('kube_job_status_ready', 'The number of ready pods that belong to this Job.', count('status.ready')),
    stable('kube_job_complete', 'The job has completed its execution.', (job) => conditionOf(job, 'Complete')),
    stable('kube_job_failed', 'The job has failed its execution.', (job) => conditionOf(job, 'Failed')),
    stable(
      'kube_job_status_start_time',
      'StartTime represents time when the job was acknowledged by the Job Manager.',
      time('status.startTime'),
    ),
    stable(
      'kube_job_status_completion_time',
      'CompletionTime represents time when the job was completed.',
      time('status.completionTime'),
    ),
    experimental('kube_job_status_suspended', 'The number of pods which reached Phase Suspended.', (job) =>
      conditionsOf(job, 'Suspended').flatMap((condition) => value(text(condition, 'status') === 'True' ? 1 : 0)),
    ),
    stable('kube_job_owner', "Information about the Job's owner.", owners),
  ],
};

function conditionsOf(job: KubeObject, type: string): readonly object[] {
  return items(job, 'status.conditions').filter((condition) => text(condition, 'type') === type);
}

function conditionOf(job: KubeObject, type: string): readonly Series[] {
  return conditionsOf(job, type).flatMap((condition) => conditionStates('condition', text(condition, 'status')));
}

/** While the reason is none of those that are known, the number of failed pods stands under an empty one. */
function failures(job: KubeObject): readonly Series[] {
  const failed = number(job, 'status.failed');
  if (failed === 0) return value(0);
  const reasons = conditionsOf(job, 'Failed').map((condition) => text(condition, 'reason'));
  const known = reasons.flatMap((reason) =>
    FAILURES.map((failure) => ({ labels: { reason: failure }, value: failure === reason ? 1 : 0 })),
  );
  return reasons.some((reason) => FAILURES.includes(reason))
    ? known
    : [...known, { labels: { reason: '' }, value: failed }];
}
