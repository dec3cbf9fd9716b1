import { type InstanceKey, instanceKey, nameOf } from '../debian/package.ts';
import { type DpkgModel, isConfigured, isUnpacked, type Problem } from '../dpkg/dpkg-model.ts';
import type { Batch } from './plan.ts';
import { type VitalPackages, vitalReason } from './vital.ts';

/** What every plan must keep, whoever made it; judged at the boundaries between two dpkg calls. */
export interface LawBook {
  /** Asked only where something is missing. */
  readonly vital: () => VitalPackages;
  /** Names that the target system has. */
  readonly wanted: ReadonlySet<string>;
  /** Packages of which files that both builds share differ. */
  readonly differing: ReadonlySet<string>;
  /** Architecture whose builds take the place of others. */
  readonly target: string;
}

/** Whether each tool was there before the first call, so that it has to be there after each. */
const tools = ['dpkg', 'apt'];

/**
 * @param before what was there before the first call
 * @returns what the state after a call breaks: a vital package in no build, dpkg or apt not usable
 */
export function boundaryProblems(batch: Batch, model: DpkgModel, before: DpkgModel, laws: LawBook): Problem[] {
  const isThere = (name: string, one: DpkgModel): boolean => one.named(name).some(({ state }) => isUnpacked(state));
  const isReady = (name: string, one: DpkgModel): boolean => one.named(name).some(({ state }) => isConfigured(state));
  // Of a name that the call does not work on nothing has changed.
  const touched = [...new Set(batch.instances.map(nameOf))];
  const lost = touched
    .filter((name) => laws.wanted.has(name) && isThere(name, before) && !isThere(name, model))
    .flatMap((name) => {
      const chain = laws.vital().get(name);
      return chain ? [[name, chain] as const] : [];
    })
    .map(([name, chain]) => ({
      instance: `${name}:${laws.target}` as const,
      text: `${name} would be missing in every build after dpkg call ${batch.id}, and ${vitalReason(chain)}`,
      law: true,
    }));
  const unusable = tools
    .filter((name) => isReady(name, before) && !isReady(name, model))
    .map((name) => ({
      instance: `${name}:${laws.target}` as const,
      text: `${name} would not be configured after dpkg call ${batch.id}`,
      law: true,
    }));
  return [...lost, ...unusable];
}

/**
 * @param model before the call
 * @returns what a call that removes does against the laws: something leaves before its new build is there, and the plan
 *   does not say so; a force is not needed
 */
export function removalProblems(batch: Batch, model: DpkgModel, laws: LawBook): Problem[] {
  const problems: Problem[] = [];
  const there = batch.instances.filter((key) => model.get(key) !== undefined);
  for (const key of there) {
    const name = nameOf(key);
    const stays = model.named(name).some(({ stanza, state }) => instanceKey(stanza) !== key && isUnpacked(state));
    if (laws.wanted.has(name) && !stays && batch.early?.[name] === undefined) {
      problems.push({
        instance: key,
        text: `${key} would be removed by dpkg call ${batch.id} before its new build is there`,
        law: true,
      });
    }
  }
  const stanzas = there.map((key) => model.get(key)?.stanza).filter((stanza) => stanza !== undefined);
  const needed = new Set([
    ...(stanzas.some(({ essential }) => essential) ? ['remove-essential'] : []),
    ...(stanzas.some((stanza) => stanza.protected) ? ['remove-protected'] : []),
  ]);
  return [...problems, ...needless(batch, needed)];
}

/** @returns what a call that unpacks forces without need: to overwrite is allowed for twins whose files differ */
export function unpackingProblems(batch: Batch, laws: LawBook): Problem[] {
  const isNeeded = batch.instances.some((key) => laws.differing.has(nameOf(key)));
  return needless(batch, new Set(isNeeded ? ['overwrite'] : []));
}

function needless({ id, instances, force }: Batch, needed: ReadonlySet<string>): Problem[] {
  const [first = ':'] = instances;
  return force
    .filter((word) => !needed.has(word))
    .map((word) => ({
      instance: first as InstanceKey,
      text: `dpkg call ${id} would be forced to ${word} without need`,
      law: true,
    }));
}
