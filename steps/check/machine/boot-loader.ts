import type { Found, Question, Remedy } from '../../../src/base/finding.ts';
import { isLocked } from '../../../src/boot/grub-menu.ts';
import { rebootNeed } from '../../../src/boot/reboot-need.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';
import type { BootLoader, BootSurvey } from '../../../src/hardware/hardware-survey.ts';
import type { Facts } from '../../../src/run/facts.ts';

interface Loader {
  readonly name: string;
  /** Boots one entry once. */
  readonly onceCommand: string;
  /** No package of Debian's adds a new kernel to its menu. */
  readonly menuByHand?: true;
}

const known: Readonly<Record<BootLoader, Loader>> = {
  grub: { name: 'GRUB', onceCommand: 'grub-reboot' },
  'systemd-boot': { name: 'systemd-boot', onceCommand: 'bootctl set-oneshot ENTRY.conf' },
  extlinux: { name: 'extlinux', onceCommand: 'extlinux --once=LABEL /boot/extlinux', menuByHand: true },
  syslinux: { name: 'SYSLINUX', onceCommand: 'extlinux --once=LABEL /boot/syslinux', menuByHand: true },
  lilo: { name: 'LILO', onceCommand: 'lilo -R LABEL', menuByHand: true },
};

/** Source: grub-reboot(8); bootctl(1); extlinux(1); lilo(8); the GRUB manual on its environment block. */
export const bootLoader: Check = {
  id: 'machine/boot-loader',
  title: 'The boot loader, and the reboot into the new kernel',
  looksAt: { only: 'host', topics: ['the boot loader', 'the disk of /boot'] },
  about: {
    'machine/reboot-needed': {
      text:
        'The programs of the target architecture only run under a kernel of that architecture. It is installed beside ' +
        'the old one; then the host is booted into it, and the crossgrade goes on. The safe way is to boot it just ' +
        'once: if it does not come up, the next start is one with the old kernel again, which stays the default until then.',
      source: 'uname(2); grub-reboot(8); bootctl(1), set-oneshot; extlinux(1), --once; lilo(8), -R',
    },
    'machine/boot-not-once': {
      text:
        'GRUB remembers in a file what to boot once, and has to change that file while it boots. It writes to no ' +
        'filesystem with checksums and to no disk that is made of others. There it would boot the new kernel again ' +
        'and again, even if that one does not come up.',
      source: 'grub-reboot(8); GRUB manual, The GRUB environment block',
    },
    'machine/boot-password': {
      text:
        'Where GRUB has superusers, it asks for a password before it starts an entry, or opens a submenu, that is not ' +
        'marked --unrestricted. The first entry often is, and the submenu with all kernels is forgotten: that is where ' +
        'the new kernel has to be chosen from.',
      source: 'GRUB manual, Authentication and authorisation; /etc/grub.d/10_linux',
    },
    'machine/boot-menu-by-hand': {
      text:
        'GRUB’s and systemd-boot’s packages add each new kernel to the menu. Of other boot loaders the menu is a file ' +
        'that you keep.',
      source: 'extlinux(1); lilo.conf(5)',
    },
    'machine/boot-loader-unknown': {
      text:
        'The new kernel only starts when the boot loader knows of it. Where crossgrade does not know the boot loader, ' +
        'you have to see to that yourself.',
      source: 'grub-install(8); bootctl(1); extlinux(1); lilo(8)',
    },
  },
  decisions: {
    reboot: {
      text:
        'In the middle of the crossgrade the host has to be booted into the new kernel. “automatic”: it reboots by ' +
        'itself when everything is ready, and the crossgrade goes on by itself afterwards; where the boot loader cannot ' +
        'be told what to boot once, it waits for you all the same. “by-hand”: the crossgrade stops and tells you; you ' +
        'reboot when it suits you, log in, and type crossgrade resume.',
      source: 'grub-reboot(8); systemctl(1), reboot',
    },
  },
  findings: (input) => {
    if (rebootNeed(input) !== 'yes') return [];
    const { severity, remedies, ...found } = aboutReboot(input);
    const decided = input.answers.reboot !== undefined;
    return [{ ...found, severity: decided ? severity : 'blocker', remedies: [{ decision: 'reboot' }, ...remedies] }];
  },
  questions: (input) => (rebootNeed(input) === 'yes' ? [rebootQuestion] : []),
};

const rebootQuestion: Question = {
  id: 'reboot',
  text: 'The host must be rebooted on the way. How?',
  why: 'Programs of the new architecture only run under its kernel. All services are away for the time of the reboot, as in any other.',
  affected: [],
  choices: [
    {
      value: 'automatic',
      title: 'Reboot by itself as soon as all is ready',
      consequence: 'the host reboots without asking again, some minutes from now, and goes on by itself when it is up',
    },
    {
      value: 'by-hand',
      title: 'Wait for me',
      consequence: 'the crossgrade stops there; you reboot when it suits you, log in again and type crossgrade resume',
      recommended: true,
    },
  ],
};

function aboutReboot({ pair, facts, survey }: CheckInput): Found {
  const { boot, virtualization } = survey?.hardware?.host ?? {};
  const why = whyReboot(pair, facts);
  const first: Remedy[] = [
    { hint: 'Choose a time at which the host may reboot.' },
    ...(virtualization ? [{ hint: 'This is a virtual machine: take a snapshot of it first.' }] : []),
    // A paravirtualised guest's kernel is loaded by its host.
    ...(virtualization?.name === 'xen'
      ? [
          {
            hint: 'Look at the guest’s configuration on its Xen host: it may name the kernel, or leave the choice to pygrub.',
          },
        ]
      : []),
  ];
  if (!boot) return needed(why, first);
  const [loader, ...others] = boot.loaders;
  if (loader === undefined || others.length > 0) return unknown(why, boot);
  if (loader === 'grub' && boot.grubCannotWrite !== undefined) return notOnce(why, boot.grubCannotWrite);
  if (loader === 'grub' && isLocked(facts.boot?.grub?.entries ?? [], facts.runningKernel.release)) return locked(why);
  const { name, onceCommand, menuByHand } = known[loader];
  if (menuByHand) return byHand(why, known[loader]);
  const safe = `${name} can boot it just once: if it does not come up, the next start is one with the old kernel again.`;
  // GRUB is told by the run itself.
  const byHandToo =
    loader === 'grub'
      ? []
      : [{ hint: `When the run waits for the reboot, with the entry of the new kernel: ${onceCommand}` }];
  return needed(`${why} ${safe}`, [...first, ...byHandToo]);
}

function whyReboot({ target }: ArchitecturePair, { runningKernel, kernels }: Facts): string {
  const { release, machine } = runningKernel;
  const isOwn = kernels.some(({ version, architecture }) => version === release && architecture === undefined);
  return [
    `The running kernel (${release}, ${machine}) cannot run ${target.name} programs. One that can is installed beside ` +
      'it, and the crossgrade waits until you have rebooted into that.',
    ...(isOwn ? ['The running one is in no package: what you built into it yourself, the new one may lack.'] : []),
  ].join(' ');
}

function needed(detail: string, remedies: readonly Remedy[]): Found {
  const title = 'The host must be booted into another kernel on the way';
  return { id: 'machine/reboot-needed', severity: 'note', title, detail, affected: [], remedies };
}

const someoneThere = { hint: 'Have a console, or somebody at the machine, when it reboots.' };

function unknown(why: string, { loaders, loadersHidden }: BootSurvey): Found {
  const names = loaders.map((one) => known[one].name);
  const none = loadersHidden
    ? 'Only root may look for it: check again as root'
    : 'None that crossgrade knows is set up here';
  const which = names.length === 0 ? none : `More than one is set up: ${names.join(', ')}`;
  return {
    id: 'machine/boot-loader-unknown',
    severity: 'warning',
    title: 'A reboot is needed, and it is not clear which boot loader starts this host',
    detail: `${why} ${which}. Perhaps the kernel is chosen outside this system, as with some virtual machines.`,
    affected: names,
    remedies: [{ hint: 'Find out what starts this host, and how it is told to start another kernel.' }, someoneThere],
  };
}

function locked(why: string): Found {
  return {
    id: 'machine/boot-password',
    severity: 'warning',
    title: 'A reboot is needed, and GRUB asks for a password before it starts a certain kernel',
    detail:
      `${why} crossgrade would have GRUB start an entry of the submenu, where it would wait for a password, and the ` +
      'host would not come up. So you choose the new kernel yourself at the boot menu, and make it the default.',
    affected: ['/boot/grub/grub.cfg'],
    remedies: [
      { hint: 'Or have no submenu: GRUB_DISABLE_SUBMENU=y in /etc/default/grub, and --unrestricted for its entries.' },
      { command: 'update-grub' },
      someoneThere,
    ],
  };
}

function byHand(why: string, { name, onceCommand }: Loader): Found {
  return {
    id: 'machine/boot-menu-by-hand',
    severity: 'warning',
    title: `A reboot is needed, and the menu of ${name} has to be changed by hand`,
    detail: `${why} No package adds the new kernel to that menu. Without an entry the host goes on to boot the old one.`,
    affected: [name],
    remedies: [
      { hint: 'Before the reboot, add an entry for the new kernel and keep the old one; or change to GRUB first.' },
      { hint: `It can then be booted just once, with the old one as a way back: ${onceCommand}` },
    ],
  };
}

function notOnce(why: string, reason: string): Found {
  return {
    id: 'machine/boot-not-once',
    severity: 'warning',
    title: 'A reboot is needed, and GRUB cannot boot the new kernel just once',
    detail:
      `${why} GRUB cannot write to /boot/grub/grubenv while it boots: ${reason}. So the old kernel stays the default, ` +
      'and somebody has to choose the new one at the boot menu, once. Where nobody can, grub-reboot starts the new ' +
      'one without that, but again and again, even if it does not come up; the crossgrade gives the command.',
    affected: ['/boot/grub/grubenv'],
    remedies: [
      someoneThere,
      { hint: 'See to it that the boot menu waits for some seconds: GRUB_TIMEOUT in /etc/default/grub.' },
    ],
  };
}
