import type { LiveJournal } from './live-host.ts';
import { type Vm, vmFrom } from './vm.ts';
import { serverImage } from './vm-image.ts';

/** A server that is up, with a 32-bit kernel and the package installed. */
export async function vmHost(deb: string): Promise<Vm> {
  const vm = await vmFrom(await serverImage());
  try {
    await vm.waitForSsh();
    await vm.newSshLogin(['apt-get', 'update']);
    await vm.install(deb);
    return vm;
  } catch (error) {
    await vm.close();
    throw error;
  }
}

/** Empty, too, while nobody can log in. */
export function journalOfVm(vm: Vm): LiveJournal {
  return {
    readJournal: async () =>
      (await vm.ssh(['cat', '/var/lib/crossgrade/journal.jsonl'], { limitMs: 2 * 60_000 })).stdout,
  };
}
