import * as z from 'zod';
import type { Difference, PartComparison } from '../base/difference.ts';

/** What waits on a host to be done: jobs of cron and at, and mail; and what is known of files beside their owners. */
export const waitingSchema = z.strictObject({
  version: z.literal(1),
  /** Absent where getcap(8) is not there. */
  capabilities: z
    .array(z.strictObject({ path: z.string(), capability: z.string() }))
    .readonly()
    .exactOptional(),
  /** Folders of data that packages have brought, with the names of these. */
  broughtFolders: z.record(z.string(), z.array(z.string()).readonly()).exactOptional(),
  /** Users' crontabs and at's jobs: path to the MD5 sum of the content. */
  jobs: z.record(z.string(), z.string()),
  /** Mails in the queues of Postfix and Exim. */
  queuedMail: z.int(),
});

export type Waiting = Readonly<z.infer<typeof waitingSchema>>;

/** @returns undefined when the text was not written by this version of crossgrade, or is not complete */
export function readWaitingRecord(text: string): Waiting | undefined {
  try {
    return waitingSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * @param time of now, in seconds since 1970
 * @see cron(8), at(1)
 */
export function compareJobs(before: Waiting, now: Waiting, time: number): PartComparison {
  const count = ({ jobs }: Waiting): string => String(Object.keys(jobs).length);
  return {
    rows: [
      { label: 'users’ cron jobs and at jobs', before: count(before), after: count(now) },
      { label: 'mails in the queue', before: String(before.queuedMail), after: String(now.queuedMail) },
    ],
    differences: [
      ...Object.entries(before.jobs).flatMap(([path, sum]): Difference[] => {
        const is = now.jobs[path];
        if (is === sum) return [];
        if (is !== undefined) return [{ what: `${path} changed`, explanation: null }];
        const due = dueAt(path);
        const done = due !== undefined && due <= time ? 'its time has come meanwhile' : null;
        return [{ what: `the job ${path} is gone`, explanation: done }];
      }),
      ...(now.queuedMail < before.queuedMail
        ? [
            {
              what: `${before.queuedMail - now.queuedMail} mails are no longer in the queue`,
              explanation: 'a mail server that runs delivers them when it can; its log says what became of them',
            },
          ]
        : []),
    ],
  };
}

/** Of at's jobs: the name has queue, number and, in minutes since 1970, the time. */
function dueAt(path: string): number | undefined {
  const minutes = /\/atjobs\/[a-zA-Z=][0-9a-f]{5}([0-9a-f]{8})$/.exec(path)?.[1];
  return minutes === undefined ? undefined : Number.parseInt(minutes, 16) * 60;
}
