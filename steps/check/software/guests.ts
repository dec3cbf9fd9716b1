import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { Guest } from '../../../src/software/guests.ts';

/** Source: Docker's manual, `--platform`; lxc.container.conf(5), lxc.arch; libvirt's domain format, `<emulator>`. */
export const guests: Check = {
  id: 'software/guests',
  title: 'Containers and virtual machines of 32 bit',
  looksAt: {
    parts: ['guests'],
    topics: ['/var/lib/docker', '/var/lib/containers', '/var/lib/lxc', '/etc/libvirt/qemu'],
  },
  about: {
    'software/guests': {
      text:
        'Images and containers bring their own programs and libraries, and a kernel of the target runs them as before. ' +
        'What changes is what Docker and podman take when an image is pulled or built without a word on its platform: ' +
        'that of the new architecture. Containers are stopped when their manager’s package is replaced, and at the ' +
        'reboot; those that start by themselves come back. Images of other users, below their homes, are not looked at.',
      source: 'docker-pull(1), podman-pull(1), --platform; lxc.container.conf(5), lxc.arch; personality(2)',
    },
    'software/guest-emulator': {
      text:
        'The definition of a virtual machine names the program that plays it by its path. Where that path is in a ' +
        'folder of the old architecture it is not there afterwards, and the machine does not start.',
      source: 'virsh(1), edit; libvirt’s domain format, emulator',
    },
  },
  findings: (input) => {
    const { pair, survey } = input;
    const all = survey?.guests ?? [];
    const lost = all.filter(({ emulator }) => emulator !== undefined && isLost(emulator, input));
    // libvirt takes the same program for such a machine as before.
    const images = all.filter(({ kind }) => kind !== 'libvirt machine');
    const engines = images.filter(({ kind }) => kind === 'Docker image' || kind === 'podman image');
    return [
      ...(images.length === 0
        ? []
        : [
            {
              id: 'software/guests',
              severity: 'note' as const,
              title: `Containers or images are of ${pair.source.name}`,
              detail:
                `They stay as they are, and the ${pair.target.name} kernel runs them.` +
                (engines.length === 0
                  ? ''
                  : ` What is pulled or built afterwards is ${pair.target.guestNames[0]}, unless the platform is named; an image that is pulled anew under the same name takes the place of the old one.`),
              affected: images.map(nameOf).sort(),
              remedies: [
                engines.length === 0
                  ? { hint: 'Nothing has to be done.' }
                  : {
                      hint: `Where it shall stay so, name the platform: --platform linux/${pair.source.guestNames[0]}, or platform: in a compose file.`,
                    },
              ],
            },
          ]),
      ...(lost.length === 0
        ? []
        : [
            {
              id: 'software/guest-emulator',
              severity: 'warning' as const,
              title: `Virtual machines are played by a program in a folder of ${pair.source.name}`,
              detail: 'It is not there after the crossgrade, and they would not start.',
              affected: lost.map((one) => `${nameOf(one)}: ${one.emulator}`).sort(),
              remedies: [
                {
                  hint: 'Afterwards, virsh edit NAME: give its emulator the path of the new architecture, or leave it out.',
                },
              ],
            },
          ]),
    ];
  },
};

function nameOf({ kind, name }: Guest): string {
  return `${kind} ${name}`;
}

/** Other programs have the same path in both architectures. */
function isLost(emulator: string, { pair: { source } }: CheckInput): boolean {
  return emulator.split('/').includes(source.triplet);
}
