/**
 * The house: each folder of src is a room, one topic. What is in it is pure, values in and values out; what touches a
 * system is in its `system/`. Arrows go one way, along these two lists: a room knows those before it.
 */
const rooms = [
  'base', // errors, text, small structures
  'debian', // packages, versions, relations: what is true of Debian without any crossgrade
  'dpkg',
  'apt',
  'plan',
  'state',
  'hardware',
  'boot',
  'network',
  'services',
  'session',
  'files',
  'data',
  'software',
  'compare',
  'run',
  'check',
  'rehearsal',
];

/** What touches a system may know every pure room, and of what touches a system what is before it. */
const systems = [
  'base',
  'state',
  'files',
  'dpkg',
  'apt',
  'services',
  'session',
  'software',
  'data',
  'network',
  'boot',
  'hardware',
  'compare',
  'run',
  'check',
  'rehearsal',
];

const pure = '^src/(?!machine/|sandbox/|cli/)[^/]+/[^/]+[.]ts$';
const anySystem = '^src/[^/]+/system/';

const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|steps|test)/', pathNot: [from, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rooms.map((room, index) =>
      only(
        `${room}-knows-what-is-before-it`,
        'A room knows the rooms before it, and nothing that touches a system.',
        `^src/${room}/[^/]+[.]ts$`,
        rooms.slice(0, index).map((other) => `^src/${other}/[^/]+[.]ts$`),
      ),
    ),
    ...systems.map((room, index) =>
      only(
        `${room}-system-knows-what-is-before-it`,
        'What touches a system knows every pure room, and those systems that are before it.',
        `^src/${room}/system/`,
        [pure, ...systems.slice(0, index).map((other) => `^src/${other}/system/`)],
      ),
    ),
    {
      name: 'rooms-need-only-zod',
      comment: 'Rooms are pure: no Node module, and no package but zod; a script in guest/ is a text.',
      severity: 'error',
      from: { path: pure },
      to: { pathNot: ['^src/', '^guest/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'rooms-know-no-machine',
      comment: 'Who has a Machine can touch a system: only what is in system/.',
      severity: 'error',
      from: { path: `${pure}|^steps/`, pathNot: '^src/base/machine[.]ts$' },
      to: { path: '^src/base/machine[.]ts$' },
    },
    {
      name: 'every-room-is-in-the-list',
      comment: 'A new folder has its place among the arrows.',
      severity: 'error',
      from: { path: `^src/(?!(${rooms.join('|')}|machine|sandbox|cli)/|[^/]+[.]ts$)` },
      to: {},
    },
    only('machine-knows-pure-rooms', 'The machine does what it is told.', '^src/machine/', [pure]),
    only('sandbox-knows-the-machine', 'It makes a root; nobody works on it.', '^src/sandbox/', [pure, '^src/machine/']),
    only('cli-knows-rooms', 'A screen shows; it decides nothing.', '^src/cli/', [pure, anySystem]),
    only('steps-know-pure-rooms', 'A step is pure.', '^steps/', [pure]),
    {
      name: 'steps-need-no-package',
      comment: 'A step is pure: no Node module and no package.',
      severity: 'error',
      from: { path: '^steps/' },
      to: { pathNot: ['^steps/', pure] },
    },
    only('main-wires', 'Nothing of the program depends on tests.', '^src/[^/]+[.]ts$', ['^src/', '^steps/']),
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: { path: '^(src|steps)/' },
      to: { path: '^src/main[.]ts$' },
    },
    {
      name: 'no-development-packages',
      comment: 'What the program imports must be a dependency, not a development one.',
      severity: 'error',
      from: { path: '^(src|steps)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'not-resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
