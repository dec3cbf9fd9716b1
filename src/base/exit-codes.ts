/** What the program's exit code tells a script. Never changed: units and other programs rely on them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  blocked: 3,
  reboot: 4,
  busy: 5,
  interrupted: 130,
} as const;

/** Name of an exit code. */
export type ExitCodeName = keyof typeof exitCodes;

/** One line for each exit code, as `--help` and the manual page show it. */
export const exitCodeMeanings: Readonly<Record<ExitCodeName, string>> = {
  done: 'done, or nothing to resume or to take back',
  failed: 'failed',
  usage: 'wrong usage',
  blocked: 'blocked: open blockers or decisions, or nothing to crossgrade',
  reboot: 'waiting for a reboot',
  busy: 'another run is in progress, or another program works on the packages',
  interrupted: 'interrupted',
};
