import type { RootPath } from './root.ts';

/** Where crossgrade keeps its own things inside the root. */

/** Everything a run must remember; 0700. */
export const stateFolder: RootPath = '/var/lib/crossgrade';
export const stateFile: RootPath = `${stateFolder}/state.json`;
/** The state before the last write, should the newest one be damaged. */
export const previousStateFile: RootPath = `${stateFolder}/state.json.previous`;
export const planFile: RootPath = `${stateFolder}/plan.json`;
export const targetFile: RootPath = `${stateFolder}/target.json`;
/** What the plan was made from. */
export const basisFile: RootPath = `${stateFolder}/basis.json`;
export const answersFile: RootPath = `${stateFolder}/answers.json`;
/** Another plan that takes the place of the first one: path to text of each file that it consists of, until all are written. */
export const renewalFile: RootPath = `${stateFolder}/renewal.json`;
/** The proxies of the terminal that handed over to the unit, which it reads: it may hold a password; 0600. */
export const engineEnvironmentFile: RootPath = `${stateFolder}/environment`;
/** The logins that stand in addresses of sources, while apt downloads; 0600. */
export const aptLoginFile: RootPath = `${stateFolder}/download-auth.conf`;
export const journalFile: RootPath = `${stateFolder}/journal.jsonl`;
/** How the host was connected before the next reboot, and what was different after the last. */
export const rebootFolder: RootPath = `${stateFolder}/before-reboot`;
export const rebootRecordFile: RootPath = `${rebootFolder}/network.json`;
export const networkChangesFile: RootPath = `${rebootFolder}/changes.json`;
/** What was there before the first change. */
export const beforeFolder: RootPath = `${stateFolder}/before`;
/** A copy of /etc. */
export const etcCopy: RootPath = `${beforeFolder}/etc`;
export const beforeRecordFile: RootPath = `${beforeFolder}/before.json`;
/** Owners and modes of files; what waits to be done, and files with capabilities. */
export const fileOwnersFile: RootPath = `${beforeFolder}/owners.txt`;
export const waitingFile: RootPath = `${beforeFolder}/waiting.json`;
export const servicesBeforeFile: RootPath = `${beforeFolder}/services.json`;
/** What an initramfs that was made on the machine itself unlocks disks with; only of a root in a folder. */
export const cryptRecordFolder: RootPath = `${beforeFolder}/cryptroot`;
export const cryptTableFile: RootPath = `${cryptRecordFolder}/crypttab`;
/** Programs outside packages and what they need; the virtualenvs, with what is installed in them. */
export const localSoftwareFile: RootPath = `${beforeFolder}/local-software.json`;
export const virtualenvListsFolder: RootPath = `${beforeFolder}/virtualenvs`;
/** Is there when an initramfs was built for a trial, and thrown away. */
export const initramfsTrialFile: RootPath = `${beforeFolder}/initramfs-trial`;
export const networkBeforeFile: RootPath = `${beforeFolder}/network.json`;
/** A copy of what the purge of the source instances might damage, taken right before it. */
export const sharedFolder: RootPath = `${stateFolder}/before-purge`;
export const sharedMarker: RootPath = `${sharedFolder}/complete`;
/** The packages that are levelled, as they were; 0700. */
export const originalsFolder: RootPath = `${stateFolder}/originals`;
/** Is there when all of them are. */
export const originalsFile: RootPath = `${originalsFolder}/manifest.json`;
/** What only a crossgrade of the running system keeps: programs for a rescue. */
export const runtimeFolder: RootPath = `${stateFolder}/runtime`;
export const rescueFolder: RootPath = `${runtimeFolder}/rescue`;
export const rescueMarker: RootPath = `${rescueFolder}/complete`;
/** Data that only programs of the source's word size can read, in a form that all can read. */
export const exportsFolder: RootPath = `${stateFolder}/exports`;
export const exportsFile: RootPath = `${exportsFolder}/manifest.json`;
/** What became of the virtualenvs. */
export const rebuiltFile: RootPath = `${stateFolder}/virtualenvs.json`;
/** Archives; readable for apt's unprivileged download user, hence not below the state folder. */
export const cacheFolder: RootPath = '/var/cache/crossgrade';
export const archiveFolder: RootPath = `${cacheFolder}/archives`;
export const logFolder: RootPath = '/var/log/crossgrade';
/** What the last rehearsal of this root has shown. */
export const rehearsalFile: RootPath = `${stateFolder}/rehearsal.json`;
/** What dpkg said in it. */
export const rehearsalLog: RootPath = `${stateFolder}/rehearsal.log`;
/** What verify found at the end of the run. */
export const comparisonFile: RootPath = `${stateFolder}/comparison.json`;
export const reportFile: RootPath = `${logFolder}/report.txt`;

/** The installed package's program and its 32-bit runtime: they stay as they are, whatever is crossgraded. */
export const programFolder: RootPath = '/usr/lib/crossgrade';

/** The unit that works on the running system; part of the installed package. */
export const engineUnit = 'crossgrade.service';
/** Keeps the host up as long as that one replaces packages, see packaging/guard.sh. */
export const guardUnit = 'crossgrade-guard.service';
/** Is there as long as the host refuses to be shut down. */
export const refusalFile: RootPath = '/run/systemd/system/reboot.target.d/crossgrade.conf';
/** Is there as long as that unit is started at each boot. */
export const engineAtBootLink: RootPath = `/etc/systemd/system/multi-user.target.wants/${engineUnit}`;
/** Shown at each login, by pam_motd(8). */
export const loginNoticeFile: RootPath = '/etc/motd.d/crossgrade';
/** Makes the new kernel the one that GRUB starts, until the old one is gone. */
export const bootDefaultFile: RootPath = '/etc/default/grub.d/zz-crossgrade.cfg';

/** There while an initramfs is built for another machine. */
export const initramfsSettingFile: RootPath = '/etc/initramfs-tools/conf.d/zz-crossgrade';
export const initramfsHookFile: RootPath = '/etc/initramfs-tools/hooks/zz-crossgrade';
/** As long as it is there, what changes packages by itself does not start: packaging/paused.conf goes by it. */
export const unitsPausedFile: RootPath = `${stateFolder}/units-paused`;

export const aptGuardFile: RootPath = '/etc/apt/apt.conf.d/00crossgrade-guard';
export const noRecommendsFile: RootPath = '/etc/apt/apt.conf.d/99crossgrade-no-recommends';

export const dpkgFolder: RootPath = '/var/lib/dpkg';
export const extendedStatesFile: RootPath = '/var/lib/apt/extended_states';
export const listsFolder: RootPath = '/var/lib/apt/lists';
