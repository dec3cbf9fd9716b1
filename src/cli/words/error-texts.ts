/** What an error code means beyond the message that comes with it. */
export interface ErrorText {
  /** What happened, in a few words. */
  readonly title: string;
  /** What it means and what to do; plain words. */
  readonly text: string;
}

const untouched = 'Nothing in the root was changed.';
const mendAndResume = 'Mend what the message names, then type crossgrade resume: what is done is not done again.';

/** By code. Codes are never changed or reused. */
export const errorTexts: Readonly<Record<string, ErrorText>> = {
  CG0000: {
    title: 'A bug in crossgrade, in the JSON output',
    text: 'Something happened that crossgrade does not foresee. The same on a terminal is CG9999. crossgrade status says where the system is; a resume goes on from there.',
  },
  CG0001: {
    title: 'The command line is wrong',
    text: `A command or an option is unknown, a value is missing, or an option that takes one value is given twice. crossgrade --help lists the commands, crossgrade COMMAND --help their options. ${untouched}`,
  },
  CG0002: {
    title: 'Interrupted at a question',
    text: `You pressed Ctrl-C, or the terminal went away, while crossgrade asked. ${untouched} Type the same command again when you are ready.`,
  },
  CG0003: {
    title: 'A decision has to be asked for, and there is no terminal',
    text: `A decision is missing, and there is nobody to ask. Write the decisions into a file (crossgrade check --answers-template FILE) and give it with --answers FILE. ${untouched}`,
  },
  CG0004: {
    title: 'The answers file is wrong',
    text: `It is not JSON, answers a question that crossgrade does not ask or the same one twice, gives a value that is none of the choices, or has an answer for a single package that the question is not about. crossgrade check --answers-template FILE writes one that fits this system. ${untouched}`,
  },
  CG0005: {
    title: 'There is no such sandbox profile',
    text: 'crossgrade sandbox --help names the profiles. No folder was made.',
  },
  CG0006: {
    title: 'A file that you named cannot be read',
    text: `The file of an option such as --answers does not exist, or you may not read it. ${untouched}`,
  },
  CG0008: {
    title: 'A file that you named cannot be written',
    text: `Its folder does not exist or may not be written to, its filesystem is read-only or full, or there is something of that name that is no plain file: crossgrade does not write over folders, devices and symlinks. ${untouched}`,
  },
  CG0009: {
    title: 'A package that nobody knows',
    text: `--why was asked for a package that is neither installed nor part of the plan. Names are those of dpkg; :architecture may be left out. ${untouched}`,
  },
  CG0010: {
    title: 'Two outputs, one place',
    text: `Two options of check name the same file, or both write to the standard output. ${untouched}`,
  },
  CG0011: {
    title: 'There is nothing of that id to explain',
    text: 'crossgrade explain, without an id, lists everything that can be explained.',
  },
  CG0012: {
    title: 'Your consent is needed, and there is no terminal',
    text: `Everything is decided, and nobody can be asked whether to begin. --yes gives the consent beforehand. ${untouched}`,
  },
  CG0101: {
    title: 'A file of dpkg or apt is broken',
    text: `The message names the file and the line. Often a power cut or a full disk has cut the file. dpkg keeps older copies of its status file in /var/backups and as /var/lib/dpkg/status-old; package lists are made anew by apt-get update. ${untouched}`,
  },
  CG0102: {
    title: 'A field of a package is missing or cannot be read',
    text: `The message names file, line and field. Reinstall the package that the paragraph belongs to (apt-get install --reinstall), or put back an older copy of the file. ${untouched}`,
  },
  CG0103: {
    title: 'A dependency of a package cannot be read',
    text: `A Depends, Conflicts or similar field is not written as deb-control(5) has it: mostly in a package that was built by hand. Repair or remove that package. ${untouched}`,
  },
  CG0110: {
    title: 'The package database does not know dpkg',
    text: `Every Debian system has dpkg as a package, so this database is another system’s, or a part of it is lost. Look at /var/lib/dpkg/status; older copies are in /var/backups. ${untouched}`,
  },
  CG0111: {
    title: 'The package database is empty',
    text: `/var/lib/dpkg/status is there and names no package: mostly a power cut or a full disk has emptied it. dpkg has kept what was there before in /var/lib/dpkg/status-old, and a copy of each day is in /var/backups (dpkg.status.0 and so on). Put back the newest one that is whole. ${untouched}`,
  },
  CG0120: {
    title: 'apt said something that crossgrade does not understand',
    text: `The list of archives that apt-get --print-uris writes has an unknown form, perhaps by an apt that is newer than this crossgrade. ${untouched} Try a newer crossgrade.`,
  },
  CG0121: {
    title: 'An archive has no Debian name',
    text: `apt named an archive that is not called NAME_VERSION_ARCHITECTURE.deb. Look at the repository that it comes from. ${untouched}`,
  },
  CG0130: {
    title: 'The distribution is unknown',
    text: `/etc/os-release is missing or does not say ID=. It belongs to the package base-files; reinstall that, or name another root. ${untouched}`,
  },
  CG0140: {
    title: 'The state file is gone or damaged',
    text: 'Without it crossgrade does not know what it had begun. Put back the copy that lies beside it (state.json.previous) as the message says, then resume: what is done is judged from the system itself.',
  },
  CG0141: {
    title: 'The state file is not crossgrade’s',
    text: `Another program has written /var/lib/crossgrade/state.json. Look at it, and move it away if you do not need it. ${untouched}`,
  },
  CG0142: {
    title: 'The state file was written by a newer crossgrade',
    text: `An older one cannot go on with it without risk. Use the crossgrade that began the run, or a newer one. ${untouched}`,
  },
  CG0143: {
    title: 'The stored plan is damaged',
    text: `It was written by another version of crossgrade, or the disk has lost a part of it. Go on with the crossgrade that began the run. ${untouched}`,
  },
  CG0144: {
    title: 'No crossgrade was begun here',
    text: 'There is no state to go on from. Begin with crossgrade check, then crossgrade run.',
  },
  CG0145: {
    title: 'A crossgrade has begun already',
    text: `run begins a new one; an unfinished one is continued by crossgrade resume, or taken back by crossgrade rollback. ${untouched}`,
  },
  CG0146: {
    title: 'The run is for another pair of architectures',
    text: `The state file names architectures that this crossgrade does not know. Use the one that began the run. ${untouched}`,
  },
  CG0147: {
    title: 'There is nothing to compare with',
    text: `verify compares with what run wrote down before its first change; there is no such record. ${untouched}`,
  },
  CG0148: {
    title: 'A file of the run is damaged',
    text: `It was written by another version of crossgrade, or the disk has lost a part of it. Go on with the crossgrade that began the run. ${untouched}`,
  },
  CG0149: {
    title: 'The state file cannot be read',
    text: `It must be a plain file that root can read. If you are root, look at the disk: dmesg may tell more. ${untouched}`,
  },
  CG0150: {
    title: 'The system has the target architecture already',
    text: `There is nothing to do. run ends with exit code 3, as it did not do what it was asked for; check, which only reports, with 0. What a crossgrade has changed: crossgrade verify. ${untouched}`,
  },
  CG0151: {
    title: 'There is no way between these architectures',
    text: `crossgrade knows certain pairs of architectures only; --target names the one to go to. ${untouched}`,
  },
  CG0153: {
    title: 'There is nothing to compare yet',
    text: `verify compares the end with the beginning, and this crossgrade is not at its end. crossgrade status says how far it is, crossgrade resume goes on. ${untouched}`,
  },
  CG0154: {
    title: 'A rollback has not come to its end',
    text: `A rollback was begun and was interrupted, or failed on the way. The root is between its old state and the one that the crossgrade had reached. Type crossgrade rollback again: it goes on where it was. ${untouched}`,
  },
  CG0155: {
    title: 'Only root can see whether a crossgrade is in progress',
    text: `What crossgrade knows of its runs is kept in a folder that only root may read. Run the same command as root. ${untouched}`,
  },
  CG0201: {
    title: 'apt cannot use a repository',
    text: `A mirror cannot be reached, is in the middle of its own update, or its key is missing or expired; apt’s own words are in the message. Try apt-get update. When it was a mirror’s update, wait an hour. Before the crossgrade has begun, nothing was changed; after it, no package: crossgrade resume goes on, crossgrade rollback takes back what was prepared.`,
  },
  CG0202: {
    title: 'A step ran, and something is still left to do',
    text: 'Every step is judged by the system, not by its exit code. No later step was started. The message names what is left; crossgrade status shows it, crossgrade resume tries again.',
  },
  CG0203: {
    title: 'A repository has no packages for the target',
    text: `Mostly a repository of a third party. See whether its owner offers the target architecture elsewhere; otherwise switch that source off and decide about its packages. No package was changed.`,
  },
  CG0205: {
    title: 'A package list gives no checksum',
    text: `crossgrade installs only archives whose SHA256 sum is in a signed list. Look at the repository that offers the package. ${untouched}`,
  },
  CG0206: {
    title: 'A command of a step failed',
    text: `The message shows the command and its last words. ${mendAndResume}`,
  },
  CG0207: {
    title: 'Package lists are missing',
    text: `With --offline crossgrade uses the package lists that are there, and apt has none for an architecture that it needs. Run the check without --offline, or update the lists first. ${untouched}`,
  },
  CG0208: {
    title: 'apt cannot read a package list',
    text: `A package list is damaged: cut off, or not a list at all. The message names the file and the line. Delete that file and update the lists (apt-get update). ${untouched}`,
  },
  CG0209: {
    title: 'apt cannot find the hosts of the repositories: names are not resolved',
    text: `No server of names has answered. Look whether those that /etc/resolv.conf names can be reached from here, and whether that file is a link to one that is not there; in a root in a folder it may name what only that system’s own machine reaches. Before the crossgrade has begun, nothing was changed; after it, no package: crossgrade resume goes on, crossgrade rollback takes back what was prepared.`,
  },
  CG0211: {
    title: 'Not all packages could be downloaded',
    text: `The network or the mirror failed; apt’s own words are in the message. What is there is kept. Nothing of the system was replaced so far. ${mendAndResume}`,
  },
  CG0212: {
    title: 'The disk is full while packages are downloaded',
    text: `Archives go to /var/cache/crossgrade/archives. What is there is kept. Nothing of the system was replaced so far. Make room on that filesystem, then type crossgrade resume: what is done is not done again.`,
  },
  CG0220: {
    title: 'An archive is not what the lists promise',
    text: 'Its checksum is another one than in the signed list: a proxy or a disk has changed it, or somebody else. dpkg has not seen it. Remove the file and resume; when it happens again, ask another mirror.',
  },
  CG0221: {
    title: 'dpkg was ended from outside',
    text: 'Something killed dpkg: a person, the kernel when memory was short (dmesg says so), a shutdown. Type crossgrade resume: the package database says what is done, and the rest is done again.',
  },
  CG0222: {
    title: 'The disk is full while dpkg works',
    text: `dpkg could not write. Make room; do not remove packages. ${mendAndResume}`,
  },
  CG0223: {
    title: 'A script of a package failed',
    text: `dpkg could not finish a package, because a script of it failed; the message shows its last words, /var/log/crossgrade all of them. The other packages of the call are done. ${mendAndResume} Where nothing starts any more because a library or a shell is missing, crossgrade rescue puts it back first.`,
  },
  CG0224: {
    title: 'dpkg refused to work',
    text: `dpkg ended before it touched a package; its words are in the message. ${mendAndResume}`,
  },
  CG0225: {
    title: 'dpkg refused a package',
    text: `dpkg could not unpack or remove a package, and no script of it has failed: a file of it belongs to another package, another package excludes it, or the archive cannot be read. The message shows dpkg’s sentence, /var/log/crossgrade all of them. Such a conflict is looked for before the first change; what has come since, or from a program that dpkg does not know of, stands in the way. The other packages of the call are done. ${mendAndResume}`,
  },
  CG0226: {
    title: 'A package waits for another one that is not there',
    text: `dpkg could not finish a package, because something that it depends on is missing, or is not configured, and no script has failed. Mostly somebody has removed or replaced a package while the crossgrade was at work; the message shows which one dpkg misses. Bring that back (apt install, or dpkg --configure for what is only unpacked), then type crossgrade resume: what is done is not done again.`,
  },
  CG0227: {
    title: 'dpkg has ended well, and packages are not finished',
    text: `dpkg has complained of nothing, and the package database says that something is left. Mostly another program has changed packages at the same moment, or a package waits for a trigger. See dpkg --audit, and whether apt or another package manager is at work, then type crossgrade resume: what is done is not done again.`,
  },
  CG0230: {
    title: 'The archives show a conflict that the lists do not',
    text: 'Files in the downloaded archives make a part of the plan impossible. Nothing of the system was replaced so far; crossgrade rollback takes everything back.',
  },
  CG0231: {
    title: 'dpkg has no file list of a package',
    text: 'The list in /var/lib/dpkg/info is lost. No package was touched, but preparations were made. Install that package again (apt-get install --reinstall), then type crossgrade resume; or crossgrade rollback takes back what was prepared.',
  },
  CG0233: {
    title: '/etc could not be copied',
    text: `The copy from before is what the end is compared with. Mostly the disk is full or damaged. ${mendAndResume}`,
  },
  CG0234: {
    title: 'Shared configuration could not be copied',
    text: `It is kept before the purge, because scripts of old packages may take what the new ones need. Mostly the disk is full. ${mendAndResume}`,
  },
  CG0235: {
    title: 'A command for shared configuration failed',
    text: `It puts back what a script of an old package took away from the new one. ${mendAndResume}`,
  },
  CG0236: {
    title: 'The programs for a rescue could not be saved',
    text: `Both builds of dpkg, the shells and what they need are copied to /var/lib/crossgrade/runtime before anything is replaced. The message has what cp or dpkg-deb said; often the disk is full. No package was touched. ${mendAndResume}`,
  },
  CG0237: {
    title: 'A package cannot be kept as it is',
    text: `Before a library is brought to the version that the target has, an archive is made of the one that is installed, from its files, so that rollback can bring it back. The message has what tar, cp or dpkg-deb said; often the disk is full. No package was touched. ${mendAndResume}`,
  },
  CG0238: {
    title: 'The archive of a package as it was is damaged',
    text: 'The archives in /var/lib/crossgrade/originals have the packages that were brought to another version, as they were before. One of them is not what was written there: the disk may be failing. The package stays in the version that it has now, which works. Put the file back from a backup, then type crossgrade rollback; or go on with crossgrade resume.',
  },
  CG0241: {
    title: 'The initramfs could not be built',
    text: 'Do not reboot: the old image has programs of the old architecture, or there is none. Often /boot is full. Mend what the program names, then type crossgrade resume.',
  },
  CG0242: {
    title: 'The initramfs still has old programs',
    text: 'Do not reboot: it could stop in the middle. A hook below /etc/initramfs-tools may copy them in; the message names some. Mend that, then type crossgrade resume.',
  },
  CG0250: {
    title: 'The host has to be rebooted',
    text: 'The new kernel is installed, and the next steps need it to run. Reboot, then type crossgrade resume. What of the network is in no configuration file that crossgrade knows is named, because the reboot loses it; when somebody is logged in by way of that, the host does not reboot by itself: write it down first, or see that you can get at the console.',
  },
  CG0251: {
    title: 'What the plan was made from was changed',
    text: 'Since the plan was made, a package, a version, a hold, an architecture or a source of apt has been changed, by whomever; the message names each. The plan does not fit any more, and nothing that cannot be taken back was done. crossgrade resume takes back what was added beside the old system, makes another plan, shows what is different, and asks whether to go on with it; with --yes it does not ask, as crossgrade run. crossgrade rollback takes everything back.',
  },
  CG0252: {
    title: 'After the reboot another kernel runs than the new one',
    text: 'The host was rebooted into the new kernel, which was to be started once, and now the old one runs: somebody chose it at the boot menu, the boot loader was not told, or the new kernel did not come up and the next start was one with the old kernel again, as it was meant. The system is as it was before the reboot. Look at the console and at journalctl -b -1; until you type crossgrade resume, which tries it again, no boot does anything; crossgrade rollback takes everything back.',
  },
  CG0253: {
    title: 'The crossgrade was begun on another machine',
    text: 'The number in /etc/machine-id is another one than when the crossgrade began, so this may be a copy of that system. Nothing was changed now. If the crossgrade shall go on here, put the old number back, which the message names.',
  },
  CG0254: {
    title: 'Before everything can be taken back, the old kernel has to be booted',
    text: 'The new kernel is running, and a kernel that runs cannot be removed. GRUB has the old one as its default again: reboot (with another boot loader, choose it), then type crossgrade rollback once more.',
  },
  CG0255: {
    title: 'GRUB could not be told to boot the new kernel once',
    text: `grub-reboot failed; the message has its words. The old kernel stays the default, and nothing after this step has started. ${mendAndResume}`,
  },
  CG0256: {
    title: 'The package crossgrade is not there any more',
    text: 'It was removed, or its files were, while the crossgrade was at work. Past the point of no return nobody could go on after a failure or a power cut, so it has stopped before it: no program of the system was replaced. Install the package again with dpkg -i, then type crossgrade resume, or take all back with crossgrade rollback.',
  },
  CG0257: {
    title: 'The new kernel has to become the one that always starts',
    text: 'The new kernel has come up, and the old one is still there. With the next steps programs are replaced that the old kernel cannot run, so it must not be what starts after a power cut. crossgrade sets that in GRUB by itself; another boot loader, or GRUB where it asks for a password, is set by you: the message says how. Then type crossgrade resume. It asks this once, and does not look whether it was done.',
  },
  CG0260: {
    title: 'There is no way back any more',
    text: 'Packages of the old system were replaced, so rollback cannot give it back. The message says since when. Go on with crossgrade resume, or restore your backup.',
  },
  CG0261: {
    title: 'Another program is at work on the packages',
    text: 'apt, dpkg or another package manager holds the lock on dpkg’s database; the message names the program. Nothing was changed. Wait until it has ended, then type the same command again. While a crossgrade works, it holds that lock itself, so that others say who is at work.',
  },
  CG0262: {
    title: 'What the plan goes by was changed past the point of no return',
    text: 'A package was installed that the plan does not know, or one of the new ones has another version than planned. dpkg would stumble over it, or undo it without a word. The way is only forward now: the message has, for each, the command that makes it fit the plan again. Type them, then crossgrade resume; what you wanted to install, install it again at the end.',
  },
  CG0263: {
    title: 'Somebody’s packages need what is to be taken back',
    text: 'Packages of the new architecture were installed that are not crossgrade’s. They need libraries that a rollback takes away, and dpkg would refuse in the middle. Nothing was taken back. Purge them with the commands of the message, then type crossgrade rollback again.',
  },
  CG0264: {
    title: 'The new plan has another kernel than the one that was installed',
    text: 'The repositories offer another kernel now than the one that the first plan has installed, and which may be running. It cannot be exchanged in the middle. The old plan is kept. crossgrade rollback takes that kernel away, after a reboot into the old one where it is running; then begin again with crossgrade run.',
  },
  CG0265: {
    title: 'Packages of the new architecture have taken the place of old ones',
    text: 'The crossgrade was begun by an older version, which did not write down when it passed the point of no return. So it is judged from the package database: packages of the old architecture are gone, or are there in the new one alone, as only the later calls of the plan bring it about. rollback cannot give them back. Go on with crossgrade resume, or restore your backup.',
  },
  CG0270: {
    title: 'The process of the crossgrade is gone',
    text: 'The unit crossgrade.service has ended without having said how. It was killed, again and again, perhaps because memory ran out: the unit starts it again by itself, but no more than five times in a quarter of an hour. A dpkg call that was at work goes on by itself. crossgrade status says where the system is; crossgrade resume goes on from there.',
  },
  CG0271: {
    title: 'The snapshot that you asked for could not be made',
    text: 'The message has the command and what it said. Often the volume group has no room left, or a snapshot of that name is there already. Nothing of the crossgrade has begun: mend the cause, or begin without a snapshot.',
  },
  CG0272: {
    title: 'Nothing was saved that a rescue could put back',
    text: `crossgrade rescue works from copies that a crossgrade of the running system makes before it changes packages, and removes at its end. ${untouched}`,
  },
  CG0273: {
    title: 'After the rescue some programs still do not run',
    text: 'All files of the packages that are vital were compared with the saved copies and put back, but the programs that the message names still fail. Start one with /usr/lib/crossgrade/busybox sh to see why; the kernel’s messages (dmesg) may tell of a broken disk.',
  },
  CG0274: {
    title: 'Packages are being changed while a rescue was asked for',
    text: 'The crossgrade itself, or another program such as apt, is at work. In the middle of it files are not as the package database has them, and copies put back would be those of the wrong build. Nothing was put back. crossgrade status says how far it is; when it has ended or failed, type crossgrade rescue again.',
  },
  CG0280: {
    title: 'The list of what was exported cannot be read',
    text: 'The file /var/lib/crossgrade/exports/manifest.json is damaged, or of another version of crossgrade. The exports beside it are not touched by that. Put the file back from a backup, or go on with the crossgrade that began the run.',
  },
  CG0281: {
    title: 'Data cannot be exported',
    text: 'A program that has to read a PostgreSQL cluster, a database of slapd or RRD files failed, in the words that the message shows, or somebody uses the data. No program of the system was replaced. The data is where it was and as it was, and its services were started again, unless the message names some: those are put back by a resume or a rollback, too. Mend the cause and type crossgrade resume, or take all back with crossgrade rollback.',
  },
  CG0282: {
    title: 'The disk is full: data cannot be exported',
    text: 'Exports go to /var/lib/crossgrade/exports. The data is as it was, its services were started again, and what was exported so far is gone, unless the message names something that could not be put back. Make room on the filesystem of /var/lib/crossgrade and type crossgrade resume, or take all back with crossgrade rollback.',
  },
  CG0283: {
    title: 'Not all data could be put back where it was',
    text: 'The message names what is not where it was, why, and which services are kept from running until it is. Everything else was put back, and runs again. Nothing is lost: databases that were taken aside lie beside their place, under the same name with .crossgrade- and the architecture at its end, or in a folder crossgrade- and the architecture; the exports are still in /var/lib/crossgrade/exports. Mend the cause and type crossgrade rollback again.',
  },
  CG0290: {
    title: 'The process table is not ours',
    text: `crossgrade was started in a pid namespace of its own, and /proc shows the processes of another one, or nothing. It could neither wait for its programs nor end them. ${untouched}`,
  },
  CG0291: {
    title: 'A program has opened an archive to write to it',
    text: 'apt has ended, and nobody else should write to what it has fetched: dpkg would unpack something else than what was checked. See what that program is, end it, and type crossgrade resume. No package was touched by this step.',
  },
  CG0301: {
    title: 'There is no such folder',
    text: `--root must name the folder of an installed Debian system. ${untouched}`,
  },
  CG0302: {
    title: 'The root is no folder',
    text: `--root must name the folder of an installed Debian system. ${untouched}`,
  },
  CG0303: {
    title: 'The root is a symlink',
    text: `Name the folder itself: what a symlink leads to can change while a crossgrade runs. ${untouched}`,
  },
  CG0304: {
    title: 'The folder is no installed Debian system',
    text: `It lacks dpkg’s database, or the programs that every Debian system has. Name the folder that holds its /etc, /usr and /var. ${untouched}`,
  },
  CG0305: {
    title: 'Filesystems are mounted below the root',
    text: `dpkg would work on them, too, and a bound /dev or /proc of the host is in danger. Unmount what the message names. ${untouched}`,
  },
  CG0306: { title: 'The root is mounted read-only', text: `Mount it with rw. ${untouched}` },
  CG0307: { title: 'Root rights are needed', text: `Start crossgrade as root, for example with sudo. ${untouched}` },
  CG0308: {
    title: 'Programs cannot run from the root',
    text: `Its filesystem is mounted noexec. Mount it with exec. ${untouched}`,
  },
  CG0309: {
    title: 'No private namespace can be made',
    text: `Other roots than / are entered in mount and pid namespaces of their own. Some containers do not allow that; start crossgrade outside of it. ${untouched}`,
  },
  CG0310: {
    title: 'Another crossgrade is at work',
    text: 'Two on one root would damage it. crossgrade status says how far the other one is; wait until it has ended.',
  },
  CG0311: {
    title: 'The private namespace has ended',
    text: 'Somebody killed the process that holds it. Type crossgrade resume; it makes a new one.',
  },
  CG0312: {
    title: 'Programs in the root do not end',
    text: 'They were told to, and stayed; perhaps the disk or a network filesystem does not answer. Look at them with ps; end them, or reboot.',
  },
  CG0313: {
    title: 'A folder is not deleted, because something is mounted there',
    text: 'Deleting it would delete what is mounted, too. Nothing of it was deleted. Unmount what the message names, then do it again.',
  },
  CG0314: {
    title: 'The root cannot be locked',
    text: `Its /var/lib/dpkg/lock cannot be locked: flock does not run. Where libc got damaged in the middle of a crossgrade, crossgrade rescue puts it back. ${untouched}`,
  },
  CG0315: {
    title: 'A bug: a root opened for reading was to be changed',
    text: `crossgrade has stopped itself before it did. ${untouched} Please report it.`,
  },
  CG0316: {
    title: 'The disk is full',
    text: `A file could not be written, because the disk or a quota is used up; the one that was there is as before. Make room, then type crossgrade resume: what is done is not done again.`,
  },
  CG0317: {
    title: 'A file cannot be read',
    text: `The file that the message names is needed, and is not there, is something else than a file, or the disk cannot read it. Repair it, or put back a copy of it. ${untouched}`,
  },
  CG0318: {
    title: 'There is no room for work files',
    text: `crossgrade keeps copies of the package lists in a folder of its own as long as it looks at a system, and found none that it could write to. ${untouched}`,
  },
  CG0319: {
    title: 'An ordinary user cannot look into this root',
    text: `To look into another root without being root, the kernel must allow user namespaces, which it does not here. Run the same command as root. ${untouched}`,
  },
  CG0320: {
    title: 'On the running system only the installed package works',
    text: `A crossgrade replaces Node itself, and goes on after a reboot: for both the program must be the one of the package crossgrade, which brings a Node of its own and a unit for systemd. npm run deb builds the package; apt install ./crossgrade_VERSION_all.deb installs it. Roots in a folder do not need it. ${untouched}`,
  },
  CG0321: {
    title: 'Only root can look into this root',
    text: `A folder on the way to the root, or in it, is closed to this user. Run the same command as root. ${untouched}`,
  },
  CG0322: {
    title: 'Not a recorded host',
    text: `The folder has a description of a recorded host that this crossgrade cannot read. ${untouched}`,
  },
  CG0323: {
    title: 'systemd could not start the crossgrade',
    text: 'On the running system the work is done by crossgrade.service, so that no lost connection can end it. The message has systemd’s words; systemctl status crossgrade.service and journalctl -u crossgrade.service say more. Nothing was changed now; crossgrade resume tries it again.',
  },
  CG0324: {
    title: 'Programs that every Debian system has are lost',
    text: `A crossgrade has begun here, and programs that nothing works without are not there. Before it replaced anything it has saved them: crossgrade rescue puts them back, then crossgrade resume goes on. ${untouched}`,
  },
  CG0325: {
    title: 'The disk is read-only or broken',
    text: `A file could not be written; the one that was there is as before. A filesystem in trouble is often made read-only by the kernel: dmesg tells why. ${mendAndResume}`,
  },
  CG0326: {
    title: 'A file may only be read by root',
    text: `The file that the message names is needed, and this user may not read it. Run the same command as root. ${untouched}`,
  },
  CG0360: {
    title: 'What others had begun cannot be taken back',
    text: 'When crossgrade run began, dpkg had the target architecture already, or had not finished with packages of it: somebody had replaced packages by hand or with another program. What they replaced crossgrade has never seen, so its first dpkg call ends the way back; before that call rollback takes back its own preparations. Go on with crossgrade resume, or restore your backup.',
  },
  CG0361: {
    title: 'A list of marks cannot be read',
    text: `run --marks-from FILE takes what apt-mark showauto has printed, or a copy of /var/lib/apt/extended_states, for example of a backup. ${untouched}`,
  },
  CG0365: {
    title: 'The initramfs cannot be built, not even before anything is replaced',
    text: `A run builds one for a trial, with the hooks of this system, and throws it away: what fails now would fail past the point of no return. Mend the hook that is named, then type crossgrade resume. ${untouched}`,
  },
  CG0366: {
    title: 'A hook copies a program into the initramfs that no package brought',
    text: `It is of the old architecture, and no crossgrade replaces it. Build it for the new one, or take it out of the hook, then type crossgrade resume. ${untouched}`,
  },
  CG0375: {
    title: 'Programs of the sandbox would not run here',
    text: 'A sandbox has programs of its own, which must run on this machine. Where the processor does not run them, an emulator can: install qemu-user-static and binfmt-support. No folder was made.',
  },
  CG0376: {
    title: 'apt does not start, and nothing can stand in',
    text: `apt, or gpgv, was replaced by its build for the other architecture, or lost a library. crossgrade would run another build of it from a folder of its own: that build, or what it needs, is not in the package lists that are here, or could not be fetched or unpacked. ${untouched} Put back what ran before with dpkg --install and the old archive.`,
  },
  CG0377: {
    title: 'A package could not be fetched without apt',
    text: `Where apt does not start, crossgrade fetches what is missing itself, from the address that the sources name. The server did not answer, or had no such file. ${untouched}`,
  },
  CG0390: {
    title: 'etckeeper refuses that packages are changed',
    text: `It was told what apt tells it before it calls dpkg. Where its settings forbid it to commit by itself (AVOID_COMMIT_BEFORE_INSTALL), it refuses as long as something in /etc is not committed. Commit it, then type crossgrade resume. ${untouched}`,
  },
  CG0391: {
    title: 'The owners of programs could not be read',
    text: 'Programs with set-user-ID and set-group-ID bits are written down before anything is replaced, and compared at the end. find, which looks for them, ended at once, as when no memory is left for it. The details have its words. No package was touched by this step; crossgrade resume goes on.',
  },
  CG0401: {
    title: 'The folder for a sandbox cannot be used',
    text: 'It is not empty, or no folder can be made there. Name one that does not exist yet.',
  },
  CG0402: { title: 'debootstrap is not installed', text: 'Install it: apt-get install debootstrap.' },
  CG0403: {
    title: 'No Debian mirror is known',
    text: 'The sandbox takes its mirror from the machine’s own apt configuration, which names none. Name one with --mirror URL.',
  },
  CG0404: {
    title: 'debootstrap failed',
    text: 'Its last words are in the message. Often the mirror cannot be reached, or has no such release. What was made is removed again.',
  },
  CG0405: {
    title: 'apt could not install packages in the new sandbox',
    text: 'Its last words are in the message. Often a package of that name does not exist in the release. What was made is removed again.',
  },
  CG0406: { title: 'A sandbox needs root rights', text: 'Start crossgrade as root, for example with sudo.' },
  CG0407: {
    title: 'A half-made sandbox was left',
    text: 'It could not be removed, because something is mounted below it. Unmount that, then remove the folder.',
  },
  CG0408: {
    title: 'Making a sandbox was interrupted',
    text: 'What was made is removed again. Type the same command again.',
  },
  CG0409: { title: 'A program cannot be started', text: 'It is missing, or may not be executed. Install it.' },
  CG0410: {
    title: 'apt could not fetch the package lists of the new sandbox',
    text: 'Its last words are in the message. Often the mirror cannot be reached, or is in the middle of its own update. What was made is removed again. Try again later, or name another mirror with --mirror URL.',
  },
  CG0460: {
    title: 'A file with answers would be written over',
    text: `check --answers-template writes a new file only: one that is there may have been filled in. ${untouched}`,
  },
  CG0461: {
    title: 'A folder to look at is not there',
    text: `--scan names a file or folder that this root does not have. It is a path inside the root: with --root /srv/oldhost, --scan /opt looks at /srv/oldhost/opt. ${untouched}`,
  },
  CG0462: {
    title: 'A finished crossgrade cannot be taken back',
    text: `rollback works up to the point of no return; this crossgrade has long passed it, and has come to its end. Going back means restoring a backup. What it has changed: crossgrade verify. ${untouched}`,
  },
  CG0463: {
    title: 'A crossgrade is in progress, and only root can see how far it is',
    text: `Packages that are not configured, or are there in two builds, belong to a crossgrade that is half-way: dpkg --configure -a and apt -f install are no cure. As root, crossgrade status says how far it is, and crossgrade resume goes on. ${untouched}`,
  },
  CG0470: {
    title: 'No room for a rehearsal',
    text: `A rehearsal writes what a run would write into one file below /var/tmp, or into memory where no file can be mounted, and takes it away again. Neither has the room. Make some below /var/tmp, or name another folder in the variable TMPDIR. ${untouched}`,
  },
  CG0471: {
    title: 'A view of the system cannot be made',
    text: `A rehearsal lays an overlay on each folder, so that nothing of the system itself is changed. The kernel, or the container that this system runs in, does not allow it. The details have its words. crossgrade check needs no such thing. ${untouched}`,
  },
  CG0472: {
    title: 'Databases are in use, and would have to be converted',
    text: `Files of a server that writes to them are no sound copy of its databases, and what is made of them says nothing. Restore a backup into a folder and rehearse there: crossgrade rehearse --root DIR. ${untouched}`,
  },
  CG0473: {
    title: 'A crossgrade has begun: there is nothing left to rehearse',
    text: `A rehearsal shows what a run would do, from its beginning. crossgrade status says how far this one is; resume goes on, and rollback takes it back as long as that is possible. ${untouched}`,
  },
  CG0474: {
    title: 'unshare cannot be started',
    text: `What a rehearsal mounts is seen by nobody else, for which it needs unshare(1), of the package util-linux. ${untouched}`,
  },
  CG0475: {
    title: 'The running kernel starts no program of the new architecture',
    text: `A rehearsal runs the new programs, as the run would after its reboot. Let the 64-bit kernel start first: crossgrade run --until kernel installs it, and up to there all can be taken back. ${untouched}`,
  },
  CG0476: {
    title: 'A rehearsal needs root rights',
    text: `It mounts what it works on, where nobody else sees it, and only root may do that. Start crossgrade as root, for example with sudo. ${untouched}`,
  },
  CG0480: {
    title: 'A password in a source cannot be given to apt safely',
    text: 'crossgrade gives apt the logins that stand in the addresses of sources in a file that only root can read, since the words of a command are read by everybody. Such a file knows no blanks and no control characters in a password. Change the password, then type crossgrade resume; crossgrade rollback takes back what was prepared.',
  },
  CG9999: {
    title: 'A bug in crossgrade',
    text: 'Something happened that crossgrade does not foresee. --verbose shows where. crossgrade status says where the system is; a resume goes on from there.',
  },
};
