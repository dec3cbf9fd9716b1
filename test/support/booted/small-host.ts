import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildDeb, type LiveHost, liveHost, smallHost } from './live-host.ts';

/**
 * A small host of its own for each test of a file, with the package, which is built once.
 *
 * @param begin gets it before the test
 */
export function smallHostForEachTest(begin: (host: LiveHost) => unknown): void {
  let deb: Awaited<ReturnType<typeof buildDeb>> | undefined;
  let host: LiveHost | undefined;
  beforeAll(async () => {
    deb = await buildDeb();
  });
  afterAll(() => deb?.dispose());
  beforeEach(async () => {
    if (deb === undefined) throw new Error('The package was not built');
    host = await liveHost(smallHost, deb.deb);
    await begin(host);
  });
  afterEach(async () => {
    await host?.dispose();
    host = undefined;
  });
}
