import { type InstalledPackage, type InstanceKey, instanceKey, nameOf } from '../debian/package.ts';
import { isConfigured, isUnpacked } from '../dpkg/dpkg-model.ts';
import type { Archive, Batch, Plan } from './plan.ts';

/** What is still to be done of a batch, judged from dpkg's database. */
export interface OpenWork {
  readonly toUnpack: readonly Archive[];
  /** Unpacked already, but not configured. */
  readonly toConfigure: readonly InstanceKey[];
  readonly toRemove: readonly InstanceKey[];
}

/** @returns what dpkg has still to do; all lists are empty when the batch is done. */
export function openWork(batch: Batch, plan: Pick<Plan, 'archives'>, packages: readonly InstalledPackage[]): OpenWork {
  const there = new Map(packages.map((instance) => [instanceKey(instance), instance]));
  const isOpen = (key: InstanceKey): boolean => !isConfigured(there.get(key)?.state ?? 'not-installed');
  switch (batch.operation) {
    case 'configure':
      return { ...nothing, toConfigure: batch.instances.filter(isOpen) };
    case 'remove':
      return { ...nothing, toRemove: batch.instances.filter((key) => isPresent(there.get(key))) };
    case 'purge':
      return { ...nothing, toRemove: batch.instances.filter((key) => there.has(key)) };
    default: {
      const archives = new Map(plan.archives.map((archive) => [archive.key, archive]));
      // What was levelled is gone when its other build has taken its place: dpkg never loses a package it is at.
      const hasGoneOver = (key: InstanceKey): boolean =>
        batch.wave === 'level' && !there.has(key) && packages.some((one) => one.name === nameOf(key));
      const toUnpack = batch.instances
        .filter((key) => !hasGoneOver(key))
        .map((key) => archives.get(key))
        .filter((archive) => archive !== undefined && !isThere(there.get(archive.key), archive));
      const waiting = new Set(toUnpack.map((archive) => archive?.key));
      const toConfigure = batch.instances.filter((key) => !waiting.has(key) && there.has(key) && isOpen(key));
      return {
        toUnpack: toUnpack.filter((archive) => archive !== undefined),
        toConfigure: batch.operation === 'install' ? toConfigure : [],
        toRemove: [],
      };
    }
  }
}

const nothing: OpenWork = { toUnpack: [], toConfigure: [], toRemove: [] };

function isPresent(instance: InstalledPackage | undefined): boolean {
  return instance !== undefined && instance.state !== 'config-files';
}

/** @returns how many packages of the batch dpkg has not finished. */
export function openCount(work: OpenWork): number {
  return work.toUnpack.length + work.toConfigure.length + work.toRemove.length;
}

function isThere(instance: InstalledPackage | undefined, archive: Archive): boolean {
  return (
    instance !== undefined &&
    instance.version === archive.version &&
    isUnpacked(instance.state) &&
    !instance.reinstallRequired
  );
}
