import { expect, test } from 'vitest';
import { originalsFile } from '../../../src/base/own-paths.ts';
import { parseStanzas } from '../../../src/debian/deb822.ts';
import { readInstalled } from '../../../src/debian/package-stanza.ts';
import type { StepContext } from '../../../src/run/step.ts';
import { levelVersions } from '../../../steps/prepare/level-versions.ts';

const status = ['brought', 'residual']
  .map((name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: i386\nVersion: 2\n`)
  .join('\n');
const packages = parseStanzas(status, 'status').map(readInstalled);
const originals = { version: 1, packages: [], brought: ['brought:i386', 'residual:i386'], residual: ['residual:i386'] };

function undone(facts: object): string[] {
  const { undo } = levelVersions;
  if (undo === 'point of no return') throw new Error('it has a way back');
  const context = {
    facts: {
      inventory: { packages, nativeArchitecture: 'i386' },
      ownFiles: { [originalsFile]: JSON.stringify(originals) },
      ...facts,
    },
  } as unknown as StepContext;
  return undo(context).flatMap((action) => {
    if (action.do === 'batch') return `${action.batch.operation} ${action.batch.instances.join(' ')}`;
    return action.do === 'command' ? action.argv.join(' ') : [];
  });
}

test('of what levelling has brought, configuration that was there before is not purged', () => {
  expect(undone({})).toEqual(['purge brought:i386', 'remove residual:i386', 'ldconfig']);
});

test('capabilities that files have lost by being levelled are set again', () => {
  const before = [
    { path: '/usr/bin/lost', capability: 'cap_net_raw=ep' },
    { path: '/usr/bin/kept', capability: 'cap_net_raw=ep' },
  ];
  expect(undone({ capabilities: { before, now: before.slice(1) } })).toContain('setcap cap_net_raw=ep /usr/bin/lost');
  expect(undone({ capabilities: { before, now: before } }).join()).not.toContain('setcap');
});
