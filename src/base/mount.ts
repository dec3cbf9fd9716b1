export interface Mount {
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  /** `major:minor`, the name in /sys/dev/block. */
  readonly device: string;
  /** Of this mount and of its filesystem together: `ro`, `noexec`, … */
  readonly options: readonly string[];
}

/**
 * @param text in mounting order
 * @see proc(5), /proc/[pid]/mountinfo
 */
export function parseMountinfo(text: string): Mount[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      // A number of optional fields, ended by a lone dash.
      const [left = '', right = ''] = line.split(' - ', 2);
      const [, , device = '', , mountPoint = '', options = ''] = left.split(' ');
      const [type = '', source = '', superOptions = ''] = right.split(' ');
      return {
        mountPoint: unescapeOctal(mountPoint),
        type,
        source: unescapeOctal(source),
        device,
        options: [...new Set([...options.split(','), ...superOptions.split(',')])],
      };
    });
}

/** The mount that a path without symlinks lies on. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts
    .filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
    .reduce<Mount | undefined>(
      // The longest one, and of equals the later, which covers the others.
      (best, mount) => (best && best.mountPoint.length > mount.mountPoint.length ? best : mount),
      undefined,
    );
}

function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
