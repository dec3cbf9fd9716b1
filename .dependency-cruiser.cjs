/** The arrows: cli → engine → core ← steps; machine → core; src/main.ts wires them together. */
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
    only('core-knows-only-itself', 'Types and pure functions are below everything else.', '^src/core/', []),
    {
      name: 'core-needs-only-zod',
      comment: 'Core is pure: no Node module, and no package but zod.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '(^|/)node_modules/zod/'] },
    },
    only('engine-knows-only-core', 'The engine knows no step, no screen and no system.', '^src/engine/', [
      '^src/core/',
    ]),
    only('machine-knows-only-core', 'The machine does what it is told.', '^src/machine/', ['^src/core/']),
    only('cli-knows-engine-and-core', 'A screen shows; it decides nothing.', '^src/cli/', [
      '^src/engine/',
      '^src/core/',
    ]),
    only('steps-know-only-core', 'A step is pure.', '^steps/', ['^src/core/']),
    {
      name: 'steps-need-no-package',
      comment: 'A step is pure: no Node module and no package.',
      severity: 'error',
      from: { path: '^steps/' },
      to: { pathNot: ['^steps/', '^src/core/'] },
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
