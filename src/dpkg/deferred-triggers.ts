/** Texts of the files in which dpkg keeps triggers. */
export interface TriggerFiles {
  /** What was activated, and nobody has looked at since: `triggers/Unincorp`. */
  readonly activated: string;
  /** Paths and who is interested in them: `triggers/File`. */
  readonly interests: string;
  /** Those of a trigger that is no path: its own file in `triggers/`. */
  readonly named: Readonly<Record<string, string>>;
}

/** @returns triggers that are no path: each has a file that tells who is interested in it */
export function namedTriggers(activated: string): string[] {
  return triggersIn(activated).filter((trigger) => !trigger.startsWith('/'));
}

/**
 * Packages that have something to do, though dpkg's database does not say so yet: any later call of dpkg finds out.
 *
 * @returns as dpkg names them, `libc-bin` or `libc6:amd64`; sorted
 * @see dpkg's doc/triggers.txt, “Internal data structures”
 */
export function deferredTriggers({ activated, interests, named }: TriggerFiles): string[] {
  const watched = linesOf(interests).map((line) => line.split(' '));
  const interested = triggersIn(activated).flatMap((trigger) =>
    trigger.startsWith('/')
      ? watched.filter(([path = '']) => trigger === path || trigger.startsWith(`${path}/`)).map(([, name = '']) => name)
      : linesOf(named[trigger] ?? ''),
  );
  return [...new Set(interested.map((name) => name.replace(/\/noawait$/, '')))].sort();
}

/** Behind each trigger is who waits for it, or `-`. */
function triggersIn(activated: string): string[] {
  return linesOf(activated).map((line) => line.split(' ')[0] ?? '');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
