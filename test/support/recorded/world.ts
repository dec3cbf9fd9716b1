import { usualPlaces } from '../../../src/apt/apt-places.ts';
import {
  beforeRecordFile,
  bootDefaultFile,
  engineAtBootLink,
  extendedStatesFile,
  initramfsTrialFile,
  localSoftwareFile,
  rescueMarker,
  sharedMarker,
} from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';
import type { Inventory } from '../../../src/debian/inventory.ts';
import { readMarks } from '../../../src/debian/marks.ts';
import {
  type AvailablePackage,
  type InstalledPackage,
  type InstanceKey,
  instanceKey,
} from '../../../src/debian/package.ts';
import { heldInstances } from '../../../src/debian/package-states.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import type { Batch, Plan, TargetSet } from '../../../src/plan/plan.ts';
import type { Facts } from '../../../src/run/facts.ts';
import type { Action, StepContext } from '../../../src/run/step.ts';
import { ownFiles } from '../../../src/run/system/read-facts.ts';
import type { BeforeRecord } from '../../../src/state/before-record.ts';
import { defaultAsked } from '../../../src/state/state.ts';
import { type HostName, type RecordedHost, readHost } from './hosts.ts';

/**
 * A root as far as steps can see it, and what each action does to that: enough to go through the whole procedure, and
 * back, in memory. It takes every action's success for granted.
 */
export class World {
  readonly #host: HostName;
  readonly #pair: ArchitecturePair;
  readonly #target: TargetSet;
  #facts: Facts;
  #plan: Plan;
  #before: BeforeRecord | undefined;

  constructor(host: HostName, changes: Partial<Facts> = {}) {
    const { pair, inventory, target, texts } = remember(hosts, host, () => readHost(host));
    this.#host = host;
    this.#pair = pair;
    this.#target = target;
    this.#facts = {
      release: { id: 'debian', version: '12', codename: 'bookworm' },
      inventory,
      sourceFiles: { '/etc/apt/sources.list': 'deb http://mirror.example/debian bookworm main\n' },
      aptPlaces: { ...usualPlaces, asked: true },
      aptConfiguration: {},
      ownFiles: {},
      archives: {},
      indexedArchitectures: ['i386'],
      runningKernel: { machine: 'x86_64', release: '6.1.0-50-amd64', bootId: 'boot' },
      cpuFlags: new Set(['lm']),
      kernels: [{ version: '6.1.0-50-amd64', architecture: 'amd64', initramfs: { bytes: 1, mtime: 1 } }],
      initramfsGenerator: 'initramfs-tools',
      extendedStates: texts.extended_states ?? '',
      milestones: {},
      ...changes,
    };
    this.#plan = this.#makePlan(null);
  }

  get context(): StepContext {
    return { pair: this.#pair, facts: this.#facts, plan: this.#plan, record: this.#before, answers: {} };
  }

  get target(): TargetSet {
    return this.#target;
  }

  apply(action: Action): void {
    switch (action.do) {
      case 'command':
        this.#command(action.argv);
        return;
      case 'write':
        this.#write(action.path, action.content);
        return;
      case 'remove':
        this.#remove(action.path);
        return;
      case 'remove-tree':
        for (const path of Object.keys(this.#facts.ownFiles)) {
          if (path.startsWith(`${action.path}/`)) this.#remove(path as RootPath);
        }
        return;
      case 'record':
        this.#before = this.#record();
        this.#write(beforeRecordFile, '{}');
        return;
      case 'record-local-software':
        this.#change({ localSoftware: { version: 1, groups: [], virtualenvs: [] } });
        return;
      case 'update-lists':
        this.#change({ indexedArchitectures: [this.#pair.target.name, this.#pair.source.name] });
        return;
      case 'download':
        this.#change({
          archives: {
            ...this.#facts.archives,
            ...Object.fromEntries(action.archives.map((archive) => [archive.fileName, archive.bytes])),
          },
        });
        return;
      case 'compare-shared-files':
        this.#plan = this.#makePlan({});
        return;
      case 'batch':
        this.#batch(action.batch, action.batch.instances.length);
        this.#kernels();
        return;
      case 'save-originals':
      case 'put-back':
      case 'restore-status':
        return;
      case 'run-triggers':
        this.#packages(this.#facts.inventory.packages.map((one) => ({ ...one, state: 'installed' })));
        return;
      case 'build-initramfs':
        this.#change({
          kernels: this.#facts.kernels.map((kernel) =>
            kernel.version === action.version ? { ...kernel, initramfs: { bytes: 2, mtime: 2_000_000_000 } } : kernel,
          ),
        });
        return;
      case 'try-initramfs':
        this.#write(initramfsTrialFile, '');
        return;
      case 'remove-cache':
        this.#change({ archives: {} });
        return;
      case 'save-for-rescue':
        this.#write(rescueMarker, '');
        return;
      case 'restore-shared':
        this.#remove(sharedMarker);
        return;
      case 'milestone':
        this.#change({
          milestones: { ...this.#facts.milestones, [action.name]: new Date(1_900_000_000_000).toISOString() },
        });
        return;
      case 'await-reboot':
        this.#change({ runningKernel: { machine: 'x86_64', release: action.kernel, bootId: 'next' } });
        return;
      case 'export-data':
        this.#change({
          exports: { version: 1, complete: true, changedAt: new Date(0).toISOString(), holds: [], items: [] },
        });
        return;
      case 'drop-exports': {
        const { exports: _, ...facts } = this.#facts;
        this.#facts = facts;
        return;
      }
      case 'commit-etc':
      case 'import-data':
      case 'rebuild-virtualenvs':
      case 'verify':
      case 'restore-top-folders':
      case 'await-old-kernel':
        return;
      case 'await-default':
        this.#change({ milestones: { ...this.#facts.milestones, [defaultAsked]: new Date(0).toISOString() } });
        return;
    }
  }

  /** Lets dpkg be ended after this many packages of a batch; the last one stays unpacked. */
  interrupt(batch: Batch, packages: number): void {
    this.#batch(batch, packages);
    const last = batch.instances[packages - 1];
    this.#packages(
      this.#facts.inventory.packages.map((one) => (instanceKey(one) === last ? { ...one, state: 'unpacked' } : one)),
    );
  }

  #makePlan(differingFiles: Plan['differingFiles']): Plan {
    return remember(plans, `${this.#host} ${differingFiles === null}`, () => {
      const { plan } = makePlan({
        pair: this.#pair,
        inventory: this.#facts.inventory,
        target: this.#target,
        residualConfig: 'purge',
        differingFiles,
        initramfsBytes: 0,
      });
      return plan;
    });
  }

  #change(changes: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...changes };
  }

  #packages(packages: readonly InstalledPackage[], changes: Partial<Inventory> = {}): void {
    const nativeArchitecture = packages.find((one) => one.name === 'dpkg')?.architecture ?? '';
    const { source, target } = this.#pair;
    const flipped = nativeArchitecture !== this.#facts.inventory.nativeArchitecture;
    this.#change({
      inventory: {
        ...this.#facts.inventory,
        packages,
        nativeArchitecture,
        ...(flipped && { foreignArchitectures: [nativeArchitecture === target.name ? source.name : target.name] }),
        ...changes,
      },
    });
  }

  #command(argv: readonly string[]): void {
    const [first, option, name = ''] = argv;
    const { inventory } = this.#facts;
    if (first === 'dpkg' && option === '--add-architecture') {
      this.#packages(inventory.packages, { foreignArchitectures: [...inventory.foreignArchitectures, name] });
      this.#change({ architectureFile: `${inventory.nativeArchitecture}\n${name}\n` });
    } else if (first === 'dpkg' && option === '--remove-architecture') {
      const foreignArchitectures = inventory.foreignArchitectures.filter((one) => one !== name);
      this.#packages(inventory.packages, { foreignArchitectures });
      this.#change({ architectureFile: `${inventory.nativeArchitecture}\n` });
    } else if (first === 'apt-mark' && option === 'hold') {
      const held = new Set(argv.slice(2));
      this.#packages(inventory.packages.map((one) => (held.has(instanceKey(one)) ? { ...one, want: 'hold' } : one)));
    } else if (first === 'systemctl') {
      this.#systemctl(argv);
    } else if (first === 'update-grub') {
      this.#updateGrub();
    } else if (first === 'find') {
      this.#change({ indexedArchitectures: [this.#pair.source.name] });
    }
  }

  #systemctl([, verb, ...words]: readonly string[]): void {
    const active = new Set(this.#facts.activePackageUnits ?? []);
    for (const unit of words.filter((word) => !word.startsWith('--'))) {
      if (verb === 'stop') active.delete(unit);
      else if (verb === 'start') active.add(unit);
      else if (verb === 'enable') this.#write(engineAtBootLink, '');
      else if (verb === 'disable') this.#remove(engineAtBootLink);
    }
    if (this.#facts.activePackageUnits) {
      this.#change({ activePackageUnits: [...active].sort() });
    }
  }

  /** Each kernel gets an entry, the last one the first place. */
  #updateGrub(): void {
    const { boot, kernels } = this.#facts;
    const entries = kernels.map(({ version, initramfs }) => ({
      id: `advanced>${version}`,
      version,
      hasInitramfs: initramfs !== undefined,
      isRecovery: false,
      needsPassword: boot?.grub?.entries.some((one) => one.needsPassword) ?? false,
    }));
    const defaultEntry = /^GRUB_DEFAULT="(.*)"$/m.exec(this.#facts.ownFiles[bootDefaultFile] ?? '')?.[1] ?? '0';
    if (boot?.grub) this.#change({ boot: { ...boot, grub: { ...boot.grub, entries, defaultEntry } } });
  }

  /** Kernels are in /boot as long as their packages are installed. */
  #kernels(): void {
    const installed = this.#facts.inventory.packages.flatMap(({ name, architecture }) => {
      const version = /^linux-image-(\d.*)$/.exec(name)?.[1];
      return version === undefined ? [] : [{ version, architecture }];
    });
    if (installed.length === 0 || !this.#facts.boot) return;
    const old = this.#facts.kernels;
    this.#change({ kernels: installed.map((one) => old.find(({ version }) => version === one.version) ?? one) });
  }

  #write(path: RootPath, content: string): void {
    const { elsewhere } = this.#facts;
    if (elsewhere?.menus.some((menu) => menu.path === path)) {
      const menus = elsewhere.menus.map((menu) => (menu.path === path ? { ...menu, text: content } : menu));
      this.#change({ elsewhere: { ...elsewhere, menus } });
    } else if (path in this.#facts.sourceFiles) {
      this.#change({ sourceFiles: { ...this.#facts.sourceFiles, [path]: content } });
    } else if (path === extendedStatesFile) {
      const { nativeArchitecture } = this.#facts.inventory;
      this.#change({ extendedStates: content });
      const automatic = readMarks(content, path, nativeArchitecture);
      this.#packages(this.#facts.inventory.packages, { automatic });
    } else {
      if (!ownFiles.includes(path))
        throw new Error(`${path} is not in ownFiles of read-facts.ts: no step would see it`);
      this.#change({ ownFiles: { ...this.#facts.ownFiles, [path]: content } });
    }
  }

  #remove(path: RootPath): void {
    const { [path]: _, ...ownFiles } = this.#facts.ownFiles;
    this.#change({ ownFiles });
    if (path === localSoftwareFile) {
      const { localSoftware: __, ...facts } = this.#facts;
      this.#facts = facts;
    }
    if (path.endsWith('/arch')) {
      const { architectureFile: __, ...facts } = this.#facts;
      this.#facts = facts;
    }
  }

  #record(): BeforeRecord {
    const { inventory, extendedStates, architectureFile, sourceFiles, activePackageUnits } = this.#facts;
    return {
      version: 1,
      recordedAt: new Date(0).toISOString(),
      nativeArchitecture: inventory.nativeArchitecture,
      foreignArchitectures: [...inventory.foreignArchitectures],
      packages: Object.fromEntries(inventory.packages.map((one) => [instanceKey(one), one.version])),
      automatic: [...inventory.automatic].sort(),
      holds: heldInstances(inventory.packages),
      residualConfig: [],
      extendedStates: extendedStates === '' ? null : extendedStates,
      architectureFile: architectureFile ?? null,
      conffiles: {},
      sourceFiles: { ...sourceFiles },
      ...(activePackageUnits && { activePackageUnits: [...activePackageUnits] }),
    };
  }

  #build(key: InstanceKey): AvailablePackage {
    const coming = this.#target.packages.find((one) => instanceKey(one) === key);
    if (!coming) throw new Error(`${key} is not in the target set`);
    return coming;
  }

  #batch({ operation, instances }: Batch, count: number): void {
    let packages = [...this.#facts.inventory.packages];
    for (const key of instances.slice(0, count)) {
      if (operation === 'remove' || operation === 'purge') {
        packages = packages.filter((one) => instanceKey(one) !== key);
      } else if (operation === 'configure') {
        packages = packages.map((one) => (instanceKey(one) === key ? { ...one, state: 'installed' } : one));
      } else {
        packages = withBuild(packages, this.#build(key), operation === 'unpack');
      }
    }
    this.#packages(packages);
  }
}

/** As dpkg does it: the new build takes the place of what cannot stand beside it. */
function withBuild(
  packages: readonly InstalledPackage[],
  coming: AvailablePackage,
  onlyUnpacked: boolean,
): InstalledPackage[] {
  const { filename: _, archiveBytes: __, sha256: ___, ...record } = coming;
  const stays = (one: InstalledPackage): boolean =>
    one.name !== coming.name ||
    (one.architecture !== coming.architecture && one.multiArch === 'same' && coming.multiArch === 'same');
  // Triggers are put off.
  const done = coming.name === 'libc-bin' ? 'triggers-pending' : 'installed';
  const state = onlyUnpacked ? 'unpacked' : done;
  const build = {
    ...record,
    want: 'install',
    reinstallRequired: false,
    state,
    configVersion: '',
    conffiles: [],
  } as const;
  return [...packages.filter(stays), build];
}

const hosts = new Map<HostName, RecordedHost>();
const plans = new Map<string, Plan>();

/** Reading and planning take longer than everything else here. */
function remember<K, T>(known: Map<K, T>, key: K, make: () => T): T {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
