import type { Found, Question } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import { type FirmwareLoader, firmwareLoader, firmwareLoaderQuestion } from '../../../src/boot/firmware-loader.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';

/** Source: the kernel's documentation of EFI, mixed mode; shim-signed's and grub-install's scripts. */
export const firmware: Check = {
  id: 'machine/firmware',
  title: 'The firmware, and the boot loader that it starts',
  looksAt: { only: 'host', topics: ['the firmware'] },
  about: {
    'machine/firmware-bits': {
      text:
        'Firmware starts a boot loader of its own word size only, whatever the system is. So the boot loader for the ' +
        'firmware that is there must stay when all other programs change.',
      source: '/sys/firmware/efi/fw_platform_size; Linux, CONFIG_EFI_MIXED',
    },
    'machine/firmware-loader': {
      text:
        'shim, signed GRUB and the like are programs for the firmware. The 64-bit build of shim-signed is another ' +
        'program, for 64-bit firmware, and of some there is none at all. So what 32-bit firmware starts stays as it ' +
        'is, in its 32-bit packages, while GRUB’s own package goes over: grub-efi-ia32 has the same modules in both ' +
        'builds. When shim-signed is purged, its script takes shim off the EFI partition.',
      source: 'grub-install(8), --uefi-secure-boot; /var/lib/dpkg/info/shim-signed:i386.postrm',
    },
  },
  decisions: {
    [firmwareLoaderQuestion]: {
      text:
        'What becomes of packages with programs for firmware of the old word size: shim, signed GRUB, systemd-boot. ' +
        '“keep”: they stay, and dpkg goes on accepting their architecture, so that they get updates. “replace”: they ' +
        'go, or become their builds for the other firmware; this machine then starts with an unsigned boot loader, ' +
        'which Secure Boot does not allow. “stop”: the run does not start. It is what is left where they cannot stay and Secure Boot is on.',
      source: 'grub-install(8); UEFI specification, Secure Boot',
    },
  },
  findings: (input) => [...bits(input), ...loader(input)],
  questions: ({ pair, facts }) => {
    const found = firmwareLoader(pair, facts);
    return found === undefined ? [] : [question(found, pair.source.elfBits)];
  },
};

function bits({ pair, survey }: CheckInput): Found[] {
  const { boot, virtualization } = survey?.hardware?.host ?? {};
  if (boot?.efiBits !== pair.source.elfBits || virtualization?.kind === 'container') return [];
  if (!pair.mixedFirmware) return [startsNone(pair, boot.efiBits)];
  return [
    {
      id: 'machine/firmware-bits',
      severity: 'warning',
      title: `The EFI firmware of this machine is of ${boot.efiBits} bit, and stays so`,
      detail:
        `It only starts a ${boot.efiBits}-bit boot loader. Debian’s kernels for ${pair.target.name} can be started from there ` +
        'by GRUB. The boot loader that is installed now must stay.',
      affected: [],
      remedies: [
        {
          hint: `Keep the GRUB package that is installed now; don’t let grub-efi-${pair.target.name} take its place.`,
        },
        ...(boot.loaders.includes('systemd-boot')
          ? [{ hint: 'Whether systemd-boot can start the new kernel here is not known: have GRUB at hand.' }]
          : []),
      ],
    },
  ];
}

function loader(input: CheckInput): Found[] {
  const { pair, facts, answers } = input;
  const found = firmwareLoader(pair, facts);
  if (found === undefined) return [];
  const { packages, obstacle } = found;
  const answer = answers[firmwareLoaderQuestion];
  const kept = answer === 'keep' && obstacle === undefined;
  return [
    {
      id: 'machine/firmware-loader',
      severity: kept ? 'note' : answer === 'replace' ? 'warning' : 'blocker',
      title: `Packages with programs that only ${pair.source.elfBits}-bit firmware starts`,
      detail: [
        `The firmware keeps its word size, and there are no such programs among ${pair.target.name} packages.`,
        ...(obstacle ? [whyNot(obstacle)] : []),
        ...(kept ? [`They stay ${pair.source.name} packages, as decided.`] : []),
        ...(answer === 'replace' || obstacle ? [withoutThem(input)] : []),
      ].join(' '),
      affected: packages,
      remedies: [
        { decision: firmwareLoaderQuestion },
        ...(obstacle
          ? [
              {
                hint: 'Switch Secure Boot off in the firmware, see that the host starts, then decide to replace them.',
              },
              {
                hint: `Or upgrade first to a release in which ${obstacle.needed} serves both architectures; Debian 13’s mokutil does.`,
              },
            ]
          : []),
      ],
    },
  ];
}

function withoutThem({ survey }: CheckInput): string {
  const secure = survey?.hardware?.host?.boot.secureBoot;
  const here = secure === undefined ? '' : `: here it is ${secure ? 'on' : 'off'}`;
  return `Without them grub-install installs an unsigned GRUB, which starts only with Secure Boot off${here}.`;
}

function whyNot({ kept, needed }: NonNullable<FirmwareLoader['obstacle']>): string {
  return (
    `They cannot stay: ${kept} needs ${needed} of its own architecture, of which only one build can be ` +
    'installed, and the 64-bit system has its own.'
  );
}

function question({ packages, obstacle }: FirmwareLoader, elfBits: number): Question {
  return {
    id: firmwareLoaderQuestion,
    text: `What shall become of the programs that this machine’s ${elfBits}-bit firmware starts?`,
    why: 'Firmware does not change its word size. It starts no boot loader of another one.',
    affected: packages,
    assumed: obstacle ? 'replace' : 'keep',
    choices: [
      {
        value: 'stop',
        title: 'Stop here',
        consequence: `Nothing is changed.${obstacle ? ` ${whyNot(obstacle)}` : ''}`,
        ...(obstacle && { recommended: true }),
      },
      ...(obstacle
        ? []
        : [
            {
              value: 'keep',
              title: 'Keep them as they are',
              consequence: `They stay: ${listNames(packages)}. dpkg goes on accepting their architecture, and the host starts as before.`,
              recommended: true,
            },
          ]),
      {
        value: 'replace',
        title: 'Let them go',
        consequence: 'The host starts with an unsigned boot loader: only where Secure Boot is off.',
      },
    ],
  };
}

function startsNone({ target }: ArchitecturePair, efiBits: number): Found {
  return {
    id: 'machine/firmware-bits',
    severity: 'blocker',
    title: `The EFI firmware of this machine is of ${efiBits} bit, and starts no kernel for ${target.name}`,
    detail: `Kernels for ${target.name} need EFI firmware of ${target.elfBits} bit. This one would not start the system any more.`,
    affected: [],
    remedies: [
      { hint: `Look whether the board has firmware of ${target.elfBits} bit, or move the disk to a machine that has.` },
    ],
  };
}
