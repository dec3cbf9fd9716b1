import { writeFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { CrossgradeError } from '../../base/error.ts';
import type { HostPath } from './resolve-in-root.ts';

const patienceMs = 60_000;
const mostRedirects = 5;

/**
 * Fetches a file without any program: for where apt itself does not start. Who asks compares its sum.
 *
 * @param proxy of plain HTTP; '' for none
 * @throws {CrossgradeError} CG0377
 */
export async function fetchFile(address: string, to: HostPath, proxy: string, mostBytes: number): Promise<void> {
  let place = new URL(address);
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(place, proxy, mostBytes).catch((cause: Error) => {
      throw unfetched(address, cause.message, cause);
    });
    if ('content' in answer) return writeFileSync(to, answer.content, { mode: 0o644 });
    if (answer.leadsTo === undefined || redirects === mostRedirects) throw unfetched(address, answer.said);
    place = new URL(answer.leadsTo, place);
  }
}

function unfetched(address: string, said: string, cause?: Error): CrossgradeError {
  return new CrossgradeError('A package could not be fetched without apt.', {
    code: 'CG0377',
    details: [`${address}: ${said}`],
    hint: 'Nothing was changed. Look at the connection and the repository, then start again.',
    ...(cause && { cause }),
  });
}

type Answer = { readonly content: Buffer } | { readonly leadsTo: string | undefined; readonly said: string };

function ask(place: URL, proxy: string, mostBytes: number): Promise<Answer> {
  if (place.protocol !== 'http:' && place.protocol !== 'https:') throw new Error('no address of the web');
  if (proxy !== '' && place.protocol === 'https:') throw new Error('it lies behind a proxy for HTTPS');
  const login =
    place.username === ''
      ? {}
      : { auth: `${decodeURIComponent(place.username)}:${decodeURIComponent(place.password)}` };
  const way =
    proxy === ''
      ? { host: place.hostname.replace(/^\[|\]$/g, ''), port: place.port, path: `${place.pathname}${place.search}` }
      : {
          host: new URL(proxy).hostname,
          port: new URL(proxy).port,
          path: `${place.origin}${place.pathname}${place.search}`,
        };
  const request = place.protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const asked = request({ ...way, ...login, headers: { host: place.host } }, (answer) => {
      const { statusCode = 0, headers } = answer;
      if (statusCode !== 200) {
        answer.resume();
        resolve({ leadsTo: headers.location, said: `the server says ${statusCode}` });
        return;
      }
      const pieces: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (piece: Buffer) => {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes > mostBytes) asked.destroy(new Error('it is larger than the package lists say'));
      });
      answer.on('end', () => resolve({ content: Buffer.concat(pieces) }));
      answer.on('error', reject);
    });
    asked.setTimeout(patienceMs, () => asked.destroy(new Error('the server does not answer')));
    asked.on('error', reject);
    asked.end();
  });
}
