import * as z from 'zod';
import type { Answers } from '../../base/finding.ts';
import {
  answersFile,
  basisFile,
  beforeRecordFile,
  renewalFile,
  stateFolder,
  targetFile,
} from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { parseStored } from '../../base/stored-json.ts';
import type { AvailablePackage, InstanceKey } from '../../debian/package.ts';
import { readPlan, type TargetSet } from '../../plan/plan.ts';
import { type Basis, basisOfRecord, basisSchema } from '../basis.ts';
import { type BeforeRecord, beforeRecordSchema } from '../before-record.ts';
import { readState } from '../state.ts';

/** What the texts of a run's files say, for the state store alone. */
export { basisOfRecord, readPlan, readState };

const renewalSchema = z.record(
  z.custom<RootPath>((value) => typeof value === 'string' && value.startsWith(`${stateFolder}/`)),
  z.string(),
);

const targetSchema = z.strictObject({
  // Written by ourselves a moment before, from what apt said; the fields are apt's.
  packages: z.array(z.custom<AvailablePackage>((value) => typeof value === 'object' && value !== null)),
  renamed: z.record(z.string(), z.string()),
  missing: z.array(z.string()),
  givenUp: z.record(z.string(), z.string()).exactOptional(),
  beside: z.array(z.custom<InstanceKey>((value) => typeof value === 'string')).exactOptional(),
  sourceOffers: z
    .record(z.string(), z.array(z.custom<AvailablePackage>((value) => typeof value === 'object' && value !== null)))
    .exactOptional(),
});

/** @throws {CrossgradeError} CG0148, as each of those below */
export function readRenewal(text: string): Readonly<Record<RootPath, string>> {
  return parse(renewalFile, text, renewalSchema);
}

export function readTarget(text: string): TargetSet {
  return parse(targetFile, text, targetSchema);
}

export function readAnswers(text: string): Answers {
  return parse(answersFile, text, z.record(z.string(), z.string()));
}

export function readBefore(text: string): BeforeRecord {
  return parse(beforeRecordFile, text, beforeRecordSchema);
}

export function readBasis(text: string): Basis {
  return parse(basisFile, text, basisSchema);
}

function parse<Value>(path: RootPath, text: string, schema: z.ZodType<Value>): Value {
  return parseStored(path, text, schema, {
    code: 'CG0148',
    hint: 'Nothing was changed. Put back the file from a backup, or go on with the crossgrade that began this run.',
  });
}
