import { createTask, validateDetailed } from 'node-cron';
import type { AlertingConfig } from '../../config.ts';
import type { Integration } from '../../receivers/kind.ts';
import type { Routing } from '../../routing/routing.ts';

/** A report that goes out by itself: an entry of `alerting.reports`. */
export type ScheduledReport = AlertingConfig['reports'][number];

export interface ReportFault {
  /** Of `alerting.reports`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with the reports of a configuration: a schedule that is none, a receiver that nothing can be mailed to. */
export function reportFaults(reports: readonly ScheduledReport[], routing: Routing): ReportFault[] {
  return reports.flatMap(({ schedule, timezone, receiver }, i) => {
    const faults: ReportFault[] = [];
    const fault = (key: string, message: string) => faults.push({ path: [i, key], message });
    const { errors } = validateDetailed(schedule);
    for (const { field, message } of errors) fault('schedule', `${JSON.stringify(schedule)}: ${field}: ${message}`);
    if (!isTimezone(timezone)) fault('timezone', `${JSON.stringify(timezone)}: expected a name such as Europe/Berlin`);
    if (!routing.receivers.has(receiver))
      fault('receiver', `the routing file has no receiver ${JSON.stringify(receiver)}`);
    else if (mailersOf(routing, receiver).length === 0)
      fault('receiver', `${JSON.stringify(receiver)} has no email_configs with addresses that are no templates`);
    return faults;
  });
}

/** Of a receiver, what can mail a letter. */
export function mailersOf(routing: Routing, receiver: string): NonNullable<Integration['mail']>[] {
  const integrations = routing.receivers.get(receiver)?.integrations ?? [];
  return integrations.flatMap(({ mail }) => (mail === undefined ? [] : [mail]));
}

/** Calls at each time of the schedule. `next` is the time of the call to come, in milliseconds; Infinity where there is none. */
export function onSchedule({ schedule, timezone }: ScheduledReport, call: () => void) {
  // A timer of its own each day would keep no process alive that otherwise ends.
  const task = createTask(schedule, call, { timezone, unref: true, suppressMissedWarning: true });
  void task.start();
  return { next: () => task.getNextRun()?.getTime() ?? Infinity, stop: () => void task.destroy() };
}

function isTimezone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
