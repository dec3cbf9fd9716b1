import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { infoName } from '../../dpkg/file-lists.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Facts } from '../../run/facts.ts';
import { type Arrival, type Arrivals, arrivalsOf } from '../arrivals.ts';

/** What dpkg keeps of the packages that the plan has brought. */
export async function readArrivals(machine: Machine, facts: Facts, plan: Plan): Promise<Arrivals> {
  const added = new Set(plan.changes.filter(({ change }) => change === 'added').map(({ name }) => name));
  const arrivals: Arrival[] = [];
  for (const instance of facts.inventory.packages.filter(({ name }) => added.has(name))) {
    const list = await machine.readTextIfThere(`${dpkgFolder}/info/${infoName(instance)}.list`);
    const paths = (list ?? '').split('\n').filter((path) => path !== '' && path !== '/.');
    arrivals.push({ name: instance.name, paths, scripts: await readScripts(machine, instance) });
  }
  return arrivalsOf(arrivals);
}

/** @see deb-preinst(5), deb-postinst(5), deb-triggers(5) */
export async function readScripts(machine: Machine, instance: InstalledPackage): Promise<string> {
  const texts: string[] = [];
  for (const script of ['preinst', 'postinst', 'config']) {
    const path: RootPath = `${dpkgFolder}/info/${infoName(instance)}.${script}`;
    texts.push((await machine.readTextIfThere(path)) ?? '');
  }
  return texts.join('\n');
}
