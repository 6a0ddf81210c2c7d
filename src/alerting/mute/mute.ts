import type { Alert, MutedBy } from '../../model/alert.ts';

export const NOT_MUTED: MutedBy = { inhibitedBy: [], silencedBy: [], mutedBy: [] };

/** One reason to notify no one of an alert: inhibition, a silence, a time interval. Returns what mutes it. */
export type MuteStage = (alert: Alert) => Partial<MutedBy>;

/** All stages in a row, each asked, so that the result names everything that mutes the alert. */
export function mutedBy(stages: readonly MuteStage[], alert: Alert): MutedBy {
  return stages.reduce<MutedBy>((found, stage) => {
    const { inhibitedBy = [], silencedBy = [], mutedBy: intervals = [] } = stage(alert);
    return {
      inhibitedBy: [...found.inhibitedBy, ...inhibitedBy],
      silencedBy: [...found.silencedBy, ...silencedBy],
      mutedBy: [...found.mutedBy, ...intervals],
    };
  }, NOT_MUTED);
}

export function isMuted({ inhibitedBy, silencedBy, mutedBy: intervals }: MutedBy): boolean {
  return inhibitedBy.length + silencedBy.length + intervals.length > 0;
}

/** `inhibited by 5f0a…; silenced by …`, for the history of an alert. */
export function describeMuted({ inhibitedBy, silencedBy, mutedBy: intervals }: MutedBy): string {
  return [
    ['inhibited by', inhibitedBy],
    ['silenced by', silencedBy],
    ['muted by', intervals],
  ]
    .filter(([, ids]) => ids.length > 0)
    .map(([verb, ids]) => `${String(verb)} ${(ids as readonly string[]).join(', ')}`)
    .join('; ');
}
