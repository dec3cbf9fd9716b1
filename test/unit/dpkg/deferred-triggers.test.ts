import { expect, test } from 'vitest';
import { deferredTriggers, namedTriggers } from '../../../src/dpkg/deferred-triggers.ts';

const activated = 'ldconfig -\n/usr/share/man/man1 bash dash\n/usr/share/mandolin bash\nnobody -\n';

test('packages that are interested in what was activated have something to do', () => {
  expect(namedTriggers(activated)).toEqual(['ldconfig', 'nobody']);
  expect(
    deferredTriggers({
      activated,
      interests: '/usr/share/man man-db/noawait\n/usr/share/man/man1 other:i386\n/usr/share/info info\n',
      named: { ldconfig: 'libc-bin\n', nobody: '' },
    }),
  ).toEqual(['libc-bin', 'man-db', 'other:i386']);
  expect(deferredTriggers({ activated: '', interests: '/usr/share/man man-db\n', named: {} })).toEqual([]);
});
