import { type Found, type Question, type Remedy, singleKey } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { foreignBase } from '../../../src/check/derivative.ts';
import {
  answerFor,
  type Downgrade,
  downgradeQuestion,
  downgradeValues,
  findDowngrades,
  higherVersion,
  isDown,
  targetVersions,
} from '../../../src/plan/downgrade.ts';
import { directionOf } from '../../../src/plan/drift.ts';
import type { PackageChange } from '../../../src/plan/plan.ts';

/** Source: dpkg(1), `--force-downgrade`; apt_preferences(5). */
export const versions: Check = {
  id: 'packages/versions',
  title: 'Packages whose version would change',
  looksAt: { apt: 'target' },
  about: {
    'packages/local-version': {
      text: 'These packages were installed in a version that no repository has: built here, or from a file. The target has the package in a newer version, which takes the place of yours. What you changed in it is lost, unless you build it for the target as well and offer it in a repository.',
      source: 'apt-cache(8), policy; apt_preferences(5)',
    },
    'packages/older-version': {
      text: 'For the target there is only an older version of these packages, so they would be downgraded. Many maintainer scripts cannot go back: they do not know what a newer version has made of the configuration and the data. Whether that may happen is for you to decide.',
      source: 'dpkg(1), --force-downgrade; Debian Policy, chapter 6',
    },
    'packages/newer-version': {
      text: 'For the target there is only a newer version of these packages: they are upgraded while they are crossgraded.',
      source: 'apt_preferences(5)',
    },
  },
  decisions: {
    downgrade: {
      text: 'What becomes of packages that the target’s repositories have in no version as new as the installed one, or that apt would take in an older one. “stop”: the run does not start, so that you can add a repository, or build the packages. “keep”: the newer version is taken where a repository has one for the target. “downgrade”: the older version is installed over the newer one, which not every package survives. An answer for a single package goes before the one for all: in an answers file, "downgrade/nano": "keep".',
      source: 'dpkg(1), --force-downgrade; apt_preferences(5)',
    },
  },
  findings: (input) => {
    const { pair } = input;
    const down = findDowngrades(changedVersions(input));
    const up = changedVersions(input).filter(
      ({ before, after }) => directionOf(before?.version ?? '', after?.version ?? '') === 'up',
    );
    const local = up.filter((change) => isFromNowhere(change.name, change.before?.version, input));
    return [
      ...finding(local.map(wordsOf), {
        id: 'packages/local-version',
        severity: 'warning',
        title: 'Locally built versions are replaced by those of a repository',
        detail: `No repository has the versions that are installed; for ${pair.target.name} there are newer ones.`,
        remedies: [{ hint: `Build them for ${pair.target.name} and offer them in a repository, if yours are needed.` }],
      }),
      ...finding(
        down.map(({ name, from, to }) => `${name} (${from} would become ${to})`),
        {
          id: 'packages/older-version',
          severity: undecided(down, input).length > 0 ? 'blocker' : 'warning',
          title: 'Packages that would go down to an older version',
          detail: [
            `For ${pair.target.name} apt takes these packages in an older version than the one that is installed.`,
            'Their configuration and data may be of a kind that the older version does not know.',
            ...aboutNowhere(down, input),
            ...aboutHigher(down, input),
            ...aboutOpen(down, input),
            ...aboutStrangers(down, input),
          ].join(' '),
          remedies: [
            ...cures(down, input),
            { decision: downgradeQuestion },
            { hint: `Or offer the installed versions for ${pair.target.name} in a repository, then start again.` },
          ],
        },
      ),
      ...finding(up.filter((change) => !local.includes(change)).map(wordsOf), {
        id: 'packages/newer-version',
        severity: 'warning',
        title: `Packages of which ${pair.target.name} only has a newer version`,
        detail: 'They are upgraded at the same time, those on hold as well.',
        remedies: [{ hint: 'Upgrade them before the crossgrade, and see whether all works.' }],
      }),
    ];
  },
  questions: (input) => {
    const down = [...findDowngrades(changedVersions(input)), ...spared(input)];
    return down.length > 0 ? [question(down, input)] : [];
  },
};

/**
 * Rebuilds differ between architectures in nothing else; pending upgrades are told by another check. A name that says the
 * target is a cross compiler's here, and its own there: their versions have nothing to do with each other.
 */
function changedVersions(input: CheckInput): PackageChange[] {
  return comparable(input).filter(
    ({ before, after }) => directionOf(before?.version ?? '', after?.version ?? '') !== 'rebuild',
  );
}

function comparable(input: CheckInput): PackageChange[] {
  const { pair, solved } = input;
  // Told by another check, and no matter of versions.
  const strange = new Set(foreignBase(input).map(({ name }) => name));
  return (solved?.plan.changes ?? []).filter(
    ({ name, change, before, after }) =>
      (change === 'crossgraded' || change === 'replaced') &&
      before !== undefined &&
      after !== undefined &&
      !strange.has(name) &&
      !solved?.pendingUpgrades.includes(name) &&
      !name.includes(pair.target.packageTriplet),
  );
}

function isFromNowhere(name: string, version: string | undefined, { repositories }: CheckInput): boolean {
  const own = repositories?.ownVersions?.[name];
  return own !== undefined && !own.includes(version ?? '');
}

function wordsOf({ name, before, after }: PackageChange): string {
  return `${name} (${before?.version} becomes ${after?.version})`;
}

function finding(affected: readonly string[], found: Omit<Found, 'affected'>): Found[] {
  return affected.length === 0 ? [] : [{ ...found, affected: [...affected].sort() }];
}

/**
 * Those that do not go down because an answer wants it so: what is asked does not depend on the answer. Of what the target
 * has in no older version nothing is asked.
 */
function spared(input: CheckInput): Downgrade[] {
  const { pair, answers, repositories } = input;
  return comparable(input).flatMap(({ name, before, after }) => {
    const isKept = answers[singleKey(downgradeQuestion, name)] === 'keep';
    if (!isKept || before === undefined || after === undefined || isDown(before.version, after.version)) return [];
    const versions = targetVersions(name, repositories?.availability, pair.target.name);
    const couldGoDown = versions.length === 0 || versions.some((version) => isDown(before.version, version));
    return couldGoDown && before.version !== after.version ? [{ name, from: before.version, to: after.version }] : [];
  });
}

/** To keep the newer version is no answer where no repository has one. */
function undecided(down: readonly Downgrade[], { answers }: CheckInput): string[] {
  return down
    .filter(({ from, to }) => isDown(from, to))
    .map(({ name }) => name)
    .filter((name) => answerFor(name, answers) !== 'downgrade');
}

function higherOf({ name, from }: Downgrade, { repositories, pair }: CheckInput): string | undefined {
  return higherVersion(from, targetVersions(name, repositories?.availability, pair.target.name));
}

function aboutNowhere(down: readonly Downgrade[], input: CheckInput): string[] {
  const names = down.filter(({ name, from }) => isFromNowhere(name, from, input)).map(({ name }) => name);
  return names.length === 0
    ? []
    : [
        `No repository has the installed version of ${listNames(names)}: built here, from a file, or from a repository that is gone.`,
      ];
}

/** By the cause, where it can be found: what puts things right without a decision. */
function cures(down: readonly Downgrade[], input: CheckInput): Remedy[] {
  const { codename = '' } = input.facts.release;
  const lost = down.filter(({ name, from }) => isFromNowhere(name, from, input));
  const fromBackports = lost.filter(({ from }) => backport.test(from)).map(({ name }) => name);
  const others = lost.filter(({ from }) => !backport.test(from)).map(({ name }) => name);
  const pinned = pinnedIn(
    down.filter((one) => higherOf(one, input) !== undefined).map(({ name }) => name),
    input,
  );
  return [
    ...(fromBackports.length > 0
      ? [
          {
            hint:
              `${listNames(fromBackports)} came from backports (~bpo in the version), which your sources do not name any ` +
              `more. Add the suite ${codename}-backports again, and fetch the lists with apt-get update.`,
          },
        ]
      : []),
    ...(others.length > 0
      ? [
          {
            hint:
              `If a source was removed that ${listNames(others)} came from, put it back, and fetch the lists with ` +
              'apt-get update; /var/log/apt/history.log says when they were installed.',
          },
        ]
      : []),
    ...(pinned.length > 0
      ? [{ hint: `A pin may be what keeps apt from the newer version: look at ${listNames(pinned)}.` }]
      : []),
  ];
}

/** Source: the versions of Debian’s backports, `1.2-3~bpo12+1`. */
const backport = /~bpo\d/;

/** Files of preferences that name one of the packages, or all. */
function pinnedIn(names: readonly string[], { facts }: CheckInput): string[] {
  if (names.length === 0) return [];
  return Object.entries(facts.aptPreferences ?? {}).flatMap(([file, text]) => {
    const patterns = [...text.matchAll(/^Package:(.*)$/gim)].flatMap((match) => (match[1] ?? '').trim().split(/\s+/));
    return patterns.some((one) => one.includes('*') || names.includes(one)) ? [file] : [];
  });
}

function aboutHigher(down: readonly Downgrade[], input: CheckInput): string[] {
  const found = down.flatMap((one) => {
    const version = higherOf(one, input);
    return version === undefined ? [] : [`${one.name} ${version}`];
  });
  return found.length === 0 ? [] : [`A repository has a version that is not older: ${listNames(found)}.`];
}

/** Where some have an answer and others have none. */
function aboutOpen(down: readonly Downgrade[], input: CheckInput): string[] {
  const open = undecided(down, input);
  return open.length === 0 || open.length === down.length ? [] : [`Still to be decided: ${listNames(open)}.`];
}

/** A name that was misspelt would be taken for one that is answered. */
function aboutStrangers(down: readonly Downgrade[], input: CheckInput): string[] {
  const prefix = singleKey(downgradeQuestion, '');
  const names = new Set(down.map(({ name }) => name));
  const strangers = Object.entries(input.answers)
    .filter(([key, value]) => key.startsWith(prefix) && value === 'downgrade')
    .map(([key]) => key.slice(prefix.length))
    .filter((name) => !names.has(name));
  return strangers.length === 0 ? [] : [`The answers also name ${listNames(strangers.sort())}: not one of these.`];
}

function question(down: readonly Downgrade[], input: CheckInput): Question {
  const hasHigher = down.some((one) => higherOf(one, input) !== undefined);
  const values = downgradeValues.filter((value) => value === 'downgrade' || hasHigher);
  const titles = { keep: 'Take the newer version', downgrade: 'Downgrade it' };
  return {
    id: downgradeQuestion,
    text: 'Shall these packages go down to an older version?',
    why: `${input.pair.target.name} has them in no version as new as the installed one, or apt would not take it.`,
    affected: down.map(({ name }) => name).sort(),
    single: {
      choices: values.map((value) => ({ value, title: titles[value] })),
      about: Object.fromEntries(
        down.map((one) => {
          const higher = higherOf(one, input);
          const more = higher === undefined ? '' : `; a repository has ${higher}`;
          return [one.name, `${one.name} ${one.from} would become ${one.to}${more}.`];
        }),
      ),
      undecided: undecided(down, input),
      contradictions: [],
    },
    assumed: 'downgrade',
    choices: [
      {
        value: 'stop',
        title: 'Stop here',
        consequence: 'Nothing is changed; look for another repository, or build the packages, first.',
        recommended: true,
      },
      ...(hasHigher
        ? [
            {
              value: 'keep',
              title: 'Take the newer version where a repository has one',
              consequence: 'Those of which no repository has one are asked about again.',
            },
          ]
        : []),
      {
        value: 'downgrade',
        title: 'Downgrade them',
        consequence: 'The older version is installed over the newer one, which not every package survives.',
      },
    ],
  };
}
