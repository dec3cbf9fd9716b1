import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder, extendedStatesFile, rehearsalFile } from '../../base/own-paths.ts';
import { type RehearsalReport, rehearsalReportSchema } from '../rehearsal-report.ts';

const noteSchema = rehearsalReportSchema.extend({ packages: z.string() });

/** What a rehearsal leaves in the root. */
export interface RehearsalNote {
  readonly report: RehearsalReport;
  /** Neither a package nor a mark is another one since. */
  readonly isCurrent: boolean;
}

/** @param packages as `packagesOf` told before it */
export function rehearsalNote(report: RehearsalReport, packages: string): string {
  return JSON.stringify({ ...report, packages });
}

/** @returns undefined when nothing was rehearsed, by this version */
export async function readRehearsal(machine: Machine): Promise<RehearsalNote | undefined> {
  const text = await machine.readTextIfThere(rehearsalFile);
  if (text === undefined) return undefined;
  const note = parsedNote(text);
  if (note === undefined) return undefined;
  const { packages, ...report } = note;
  return { report, isCurrent: packages === (await packagesOf(machine)) };
}

function parsedNote(text: string): z.infer<typeof noteSchema> | undefined {
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Another one when any package was changed, or its mark. */
export async function packagesOf(machine: Machine): Promise<string> {
  const hash = createHash('sha256');
  for (const path of [`${dpkgFolder}/status`, extendedStatesFile] as const) {
    hash.update((await machine.readTextIfThere(path)) ?? '').update('\0');
  }
  return hash.digest('hex');
}
