import { expect, test } from 'vitest';
import type { BeforeRecord } from '../../../src/state/before-record.ts';
import { restoreName } from '../../../steps/finish/restore-name.ts';
import { World } from '../../support/recorded/world.ts';

const { context } = new World('bookworm-minimal');
const text = 'NAME=LMDE\nID=linuxmint\n';

function recorded(osRelease?: BeforeRecord['osRelease']) {
  const record = { version: 1, ...(osRelease && { osRelease }) } as BeforeRecord;
  return { ...context, record };
}

test('a name that a new build has taken away comes back, to the place where it was', () => {
  const lost = recorded({ path: '/etc/os-release', text });
  expect(restoreName.remaining(lost)).toEqual(['the system calls itself debian, and was linuxmint']);
  expect(restoreName.plan(lost)).toEqual([
    { do: 'write', path: '/etc/os-release.crossgrade-new', content: text, mode: 0o644 },
    { do: 'command', argv: ['mv', '-T', '/etc/os-release.crossgrade-new', '/etc/os-release'] },
  ]);
});

test('the same name in a new text is the package’s affair, and nothing is known of an older record', () => {
  expect(restoreName.remaining(recorded({ path: '/usr/lib/os-release', text: 'ID=debian\nVERSION_ID=11\n' }))).toEqual(
    [],
  );
  expect(restoreName.remaining(recorded())).toEqual([]);
  expect(restoreName.remaining({ ...context, record: undefined })).toEqual([]);
});
