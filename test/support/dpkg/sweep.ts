import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assess } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { openRecordedHost } from '../../../src/machine/recorded-host.ts';
import { checks } from '../../../steps/check/index.ts';
import { makePlace, removePlace } from '../roots/roots.ts';
import { judge, type Verdict } from './judge.ts';
import { type Archive, type HostRequest, type MadeUpHost, makeUpHost } from './made-up-host.ts';
import { playPlan } from './play-plan.ts';

export interface SweptHost extends Verdict {
  readonly host: MadeUpHost;
  /** Of the assessment alone. */
  readonly seconds: number;
}

export interface SweepRequest extends Omit<HostRequest, 'directory'> {
  /** Whether the real dpkg goes through the plan as well. */
  readonly play: boolean;
}

/** Makes up a host, has it assessed as `check` does, and judges what comes of it. */
export async function sweepHost(archive: Archive, { play, ...request }: SweepRequest): Promise<SweptHost> {
  const place = await makePlace();
  try {
    const directory = join(place, 'host');
    await mkdir(directory);
    const host = await makeUpHost(archive, { ...request, directory });
    const { machine, close } = openRecordedHost(directory);
    try {
      const begun = Date.now();
      const assessment = await assess(machine, archive.pair.target.name, checks, {}, () => () => {}, {
        lookAround: surveyRoot,
        forReport: true,
        offline: true,
      });
      const seconds = (Date.now() - begun) / 1000;
      const { reasons, faults } = await judge(archive, host, assessment);
      const { plan, problems = [] } = assessment.solved ?? {};
      const played =
        play && plan !== undefined && problems.length === 0 ? await playPlan(archive, directory, plan) : [];
      return { host, seconds, reasons, faults: [...faults, ...played.map((fault) => `dpkg: ${fault}`)] };
    } finally {
      await close();
    }
  } finally {
    await removePlace(place);
  }
}
