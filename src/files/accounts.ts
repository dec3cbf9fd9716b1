import type { Difference, PartComparison } from '../base/difference.ts';

/** Files with one account or group a line. */
export const accountFiles = ['passwd', 'group', 'shadow', 'gshadow'] as const;
type AccountFile = (typeof accountFiles)[number];

/** Texts of /etc/passwd and the others, those that are there. */
export type AccountTexts = Readonly<Partial<Record<AccountFile, string>>>;

const nouns: Readonly<Record<AccountFile, string>> = {
  passwd: 'account',
  group: 'group',
  shadow: 'password entry of',
  gshadow: 'group password entry of',
};

const fields: Readonly<Record<AccountFile, readonly string[]>> = {
  passwd: ['name', 'password', 'uid', 'gid', 'name in full', 'home', 'shell'],
  group: ['name', 'password', 'gid', 'members'],
  shadow: ['name', 'password', 'last change', 'minimum', 'maximum', 'warning', 'inactivity', 'expiry', 'reserved'],
  gshadow: ['name', 'password', 'administrators', 'members'],
};

/** Secrets are compared, and never shown. */
const secret = new Set(['password']);

/**
 * Accounts and groups, line by line, in whatever order; none of them may be lost or changed. New ones are of packages:
 * their scripts make accounts for services.
 *
 * @param makerOf says by whom an account or a group of the system was made
 * @see passwd(5), group(5), shadow(5), gshadow(5)
 */
export function compareAccounts(
  before: AccountTexts,
  now: AccountTexts,
  makerOf: (name: string) => string | undefined,
): PartComparison {
  const count = ({ passwd = '' }: AccountTexts): string => String(entries(passwd).size);
  return {
    rows: [{ label: 'accounts', before: count(before), after: count(now) }],
    differences: accountFiles.flatMap((file) => compareFile(file, before[file] ?? '', now[file] ?? '', makerOf)),
  };
}

function compareFile(
  file: AccountFile,
  before: string,
  now: string,
  makerOf: (name: string) => string | undefined,
): Difference[] {
  const today = entries(now);
  const was = entries(before);
  const noun = nouns[file];
  return [
    ...[...was].flatMap(([name, old]): Difference[] => {
      const current = today.get(name);
      if (current === undefined) return [{ what: `the ${noun} ${name} is gone`, explanation: null }];
      return fields[file].flatMap((field, index): Difference[] => {
        const [a = '', b = ''] = [old[index], current[index]];
        if (a === b) return [];
        const values = secret.has(field) ? '' : `: ${b || 'none'} (before: ${a || 'none'})`;
        return [{ what: `the ${noun} ${name} changed, ${field}${values}`, explanation: null }];
      });
    }),
    ...[...today.keys()]
      .filter((name) => !was.has(name))
      .map((name) => ({
        what: `the ${noun} ${name} is new`,
        explanation: isOfSystem(today.get(name), file) ? (makerOf(name) ?? null) : null,
      })),
  ];
}

function entries(text: string): Map<string, string[]> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'))
      .map((parts) => [parts[0] ?? '', parts]),
  );
}

/** Accounts and groups of the system that were not there: their makers are looked for. */
export function newSystemNames(before: AccountTexts, now: AccountTexts): string[] {
  const files = ['passwd', 'group'] as const;
  const found = files.flatMap((file) => {
    const was = entries(before[file] ?? '');
    return [...entries(now[file] ?? '')]
      .filter(([name, entry]) => !was.has(name) && isOfSystem(entry, file))
      .map(([name]) => name);
  });
  return [...new Set(found)];
}

/** Numbers below 1000 are of the system; the password files have none. */
function isOfSystem(entry: readonly string[] | undefined, file: AccountFile): boolean {
  if (file === 'shadow' || file === 'gshadow') return /^[!*]/.test(entry?.[1] ?? '');
  return Number(entry?.[2]) < 1000;
}

/** Shells of the accounts that can log in, each once, with who has it. */
export function loginShells(passwd: string): Map<string, string[]> {
  const shells = new Map<string, string[]>();
  for (const [name, parts] of entries(passwd)) {
    // An empty field is sh(1).
    const shell = parts[6] || '/bin/sh';
    if (/\/(nologin|false|sync|halt|shutdown)$/.test(shell)) continue;
    shells.set(shell, [...(shells.get(shell) ?? []), name]);
  }
  return shells;
}
