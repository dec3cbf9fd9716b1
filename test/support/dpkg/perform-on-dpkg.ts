import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type InstanceKey, instanceKey } from '../../../src/debian/package.ts';
import { isConfigured } from '../../../src/dpkg/dpkg-model.ts';
import type { Batch, Plan } from '../../../src/plan/plan.ts';
import type { DpkgAnswer, NativeArchitecture, RealDpkg } from './real-dpkg.ts';

/** A file that no other build has, without the leading slash: each archive and each installed instance has it. */
export function ownFile(key: InstanceKey): string {
  return `usr/lib/tiny/${key.replace(':', '-')}`;
}

/**
 * Lets the real dpkg go through a plan, batch by batch; the dpkg that a batch has unpacked does the next one.
 *
 * @param archiveOf the path of the archive that brings an instance
 * @returns what dpkg refuses, and what is otherwise in the end than the plan foretells; empty when all went as foretold
 */
export async function performOnDpkg(
  dpkg: RealDpkg,
  plan: Plan,
  archiveOf: (key: InstanceKey) => string,
): Promise<string[]> {
  for (const batch of plan.batches) {
    const { operation, instances, force } = batch;
    const brings = operation === 'install' || operation === 'unpack';
    const answer = await dpkg.run(nativeOf(dpkg), [
      ...force.map((word) => `--force-${word}`),
      `--${operation}`,
      ...(brings ? instances.map(archiveOf) : instances),
    ]);
    if (answer.exitCode !== 0) return [refusal(batch, answer)];
  }
  return differencesFrom(plan, dpkg);
}

export function nativeOf(dpkg: RealDpkg): NativeArchitecture {
  return dpkg.packages().find(({ name }) => name === 'dpkg')?.architecture === 'amd64' ? 'amd64' : 'i386';
}

export function differencesFrom(plan: Plan, dpkg: RealDpkg): string[] {
  const found = new Map(dpkg.packages().map((one) => [instanceKey(one), one]));
  const foretold = Object.entries(plan.endState) as [InstanceKey, string][];
  const wrong = foretold.filter(([key, version]) => {
    const one = found.get(key);
    return one?.version !== version || !isConfigured(one.state);
  });
  const extra = [...found.values()].filter(
    (one) => one.state !== 'config-files' && !(instanceKey(one) in plan.endState),
  );
  const lost = foretold.filter(([key]) => !existsSync(join(dpkg.directory, ownFile(key))));
  return [
    ...wrong.map(([key, version]) => `${key} is ${found.get(key)?.state ?? 'not there'}, and not ${version}`),
    ...extra.map((one) => `${instanceKey(one)} is left over`),
    ...lost.map(([key]) => `the file of ${key} is gone`),
  ];
}

function refusal({ id, operation }: Batch, { exitCode, output }: DpkgAnswer): string {
  const said = output.split('\n').filter((line) => !/^(Preparing|Unpacking|Selecting|Setting up|\(Reading)/.test(line));
  return `${id} ${operation} ended with ${exitCode}:\n${said.map((line) => `  | ${line}`).join('\n')}`;
}
