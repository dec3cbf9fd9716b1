import { expect, test } from 'vitest';
import { condense } from '../../../src/base/system/careful.ts';

test('what lies in a folder that was not looked at is told with it, and many are told together', () => {
  const why = 'only root may look at it';
  expect(
    condense([
      { what: '/srv/a/b', why },
      { what: '/srv/a', why },
      { what: '/srv/a-c', why },
    ]),
  ).toEqual([
    { what: '/srv/a', why },
    { what: '/srv/a-c', why },
  ]);
  const many = Array.from({ length: 20_000 }, (_, index) => ({ what: `/home/ann/games/${index}`, why }));
  const started = performance.now();
  expect(condense(many)).toMatchObject([{ what: expect.stringMatching(/^20000 files and folders: /) }]);
  expect(performance.now() - started).toBeLessThan(5000);
});
