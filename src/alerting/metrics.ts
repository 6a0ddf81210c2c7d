import { counter, gauge, histogram } from '../lib/metrics.ts';

export const ruleEvaluations = counter('crowsnest_rule_evaluations_total', 'Rule evaluations.', ['rule_group']);
export const ruleFailures = counter(
  'crowsnest_rule_evaluation_failures_total',
  'Rule evaluations that gave an error.',
  ['rule_group'],
);
export const iterationsMissed = counter(
  'crowsnest_rule_group_iterations_missed_total',
  'Evaluations of a group that were left out because the one before took too long.',
  ['rule_group'],
);
export const groupDuration = histogram(
  'crowsnest_rule_group_duration_seconds',
  'Time that one evaluation of a group took.',
  [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60],
);
export const groupLastEvaluation = gauge(
  'crowsnest_rule_group_last_evaluation_timestamp_seconds',
  'When a group was evaluated last.',
  ['rule_group'],
);
export const ruleSamplesRefused = counter(
  'crowsnest_rule_samples_refused_total',
  'Samples of rules that the store did not take, by reason.',
  ['reason'],
);
export const templateFailures = counter('crowsnest_template_failures_total', 'Templates that could not be expanded.');
export const ruleFilesRefused = gauge('crowsnest_rule_files_refused', 'Rule files that could not be used.');
export const alertsDropped = counter('crowsnest_alerts_dropped_total', 'Alerts that were not routed, by reason.', [
  'reason',
]);
export const notifications = counter(
  'crowsnest_notifications_total',
  'Deliveries that ended, by integration and outcome.',
  ['integration', 'outcome'],
);
export const notificationAttempts = counter(
  'crowsnest_notification_attempts_failed_total',
  'Tries of a delivery that failed, by integration.',
  ['integration'],
);
export const recipientsRefused = counter(
  'crowsnest_notification_recipients_refused_total',
  'Recipients of e-mails that the mail server refused while it took others.',
);
export const journalDamaged = counter(
  'crowsnest_alerting_records_damaged_total',
  'Damaged records that were found in a file of alerting and set aside, by file.',
  ['file'],
);
export const journalFailures = counter(
  'crowsnest_alerting_write_failures_total',
  'Writes to a file of alerting that the disk refused, by file.',
  ['file'],
);
export const outboxWaiting = gauge('crowsnest_outbox_waiting', 'Deliveries that are waiting to be sent.');
export const outboxDropped = counter('crowsnest_outbox_dropped_total', 'Deliveries that had no room in the outbox.');
export const reportsSent = counter(
  'crowsnest_reports_sent_total',
  'Mails on objectives, by outcome: sent, or failed and tried again.',
  ['outcome'],
);
