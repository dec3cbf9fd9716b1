import type { PackageFailure } from '../../run/event.ts';

/** What a line of `dpkg --status-fd` says, as far as progress is concerned. */
export type StatusLine =
  | { readonly kind: 'unpacking' | 'configuring' | 'removing' | 'triggers'; readonly package: string }
  | { readonly kind: 'error'; readonly package: string; readonly text: string };

/** @see dpkg(1), --status-fd */
export function readStatusLine(line: string): StatusLine | undefined {
  const processing = /^processing: (\w+): (.+)$/.exec(line);
  if (processing) {
    const [, action = '', name = ''] = processing;
    switch (action) {
      case 'install':
        return { kind: 'unpacking', package: name };
      case 'upgrade':
        // dpkg names the build that is replaced.
        return { kind: 'unpacking', package: name.replace(/:[^:]*$/, '') };
      case 'configure':
        return { kind: 'configuring', package: name };
      case 'remove':
      case 'purge':
        return { kind: 'removing', package: name };
      case 'trigproc':
        return { kind: 'triggers', package: name };
      default:
        return undefined;
    }
  }
  const error = /^status: (.+?) : error : (.*)$/.exec(line);
  return error ? { kind: 'error', package: error[1] ?? '', text: error[2] ?? '' } : undefined;
}

/**
 * The packages that dpkg could not deal with, from its log.
 *
 * @param text output of one dpkg call; stdout and stderr in one file
 */
export function readFailures(text: string): PackageFailure[] {
  const lines = text.split('\n');
  const failures: PackageFailure[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const head = /^dpkg: error processing (?:package|archive) (.+?) \(--[a-z-]+\):$/.exec(lines[i] ?? '');
    if (!head) {
      continue;
    }
    const message = (lines[i + 1] ?? '').trim();
    const consequence = /dependency problems|pre-dependency problem/.test(message);
    failures.push({
      package: baseName(head[1] ?? ''),
      message,
      output: consequence ? [] : outputBefore(lines, i),
      consequence,
    });
  }
  return failures;
}

/** What the failing script printed: back to the line with which dpkg began the package. */
function outputBefore(lines: readonly string[], index: number): string[] {
  let start = index - 1;
  while (
    start > 0 &&
    index - start < 25 &&
    !/^(Setting up|Unpacking|Preparing to unpack|Removing|Purging|Processing triggers)/.test(lines[start] ?? '')
  ) {
    start -= 1;
  }
  return lines.slice(Math.max(start, 0), index).filter((line) => line.trim() !== '');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
