import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { endChild, freePort, startTied, until } from '../runs/host-programs.ts';

/** Where a program in such a network asks for names. */
export const userNetworkNameServer = '10.0.2.3';

/** A network namespace that reaches what this machine reaches, while this machine's own network stays as it is. */
export interface UserNetwork {
  /** For `--network-namespace-path` and `nsenter --net=`; another one after `renew`. */
  readonly namespace: string;
  /** A port of 127.0.0.1 that leads to the ssh port inside. */
  readonly sshPort: number;
  /** As a kernel that starts anew: what was set in it is forgotten. The port outside stays. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A network in which a program, slirp4netns, answers for the world outside, as QEMU's user network does: no route, no
 * firewall rule and no setting of this machine is touched, and nothing is left when this process is killed.
 *
 * @param folder for the socket by which the program is told what to do
 */
export async function openUserNetwork(folder: string): Promise<UserNetwork> {
  let net = await makeNetwork(folder);
  return {
    get namespace() {
      return net.namespace;
    },
    sshPort: net.sshPort,
    renew: async () => {
      await net.close();
      net = await makeNetwork(folder, net.sshPort);
    },
    close: () => net.close(),
  };
}

async function makeNetwork(folder: string, wantedPort?: number): Promise<Omit<UserNetwork, 'renew'>> {
  const socket = join(folder, 'network');
  const children: ChildProcess[] = [];
  const close = async () => {
    for (const child of children.reverse()) await endChild(child);
    rmSync(socket, { force: true });
  };
  try {
    // It becomes `sleep`, so its pid is that of a process in the namespace.
    const holder = startTied(['unshare', '--net', '--', 'sh', '-c', 'echo ready; exec sleep infinity'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(holder);
    await firstOutput(holder, holder.stdout);
    const slirp = startTied(
      [
        ...['slirp4netns', '--configure', '--mtu=1500', '--ready-fd=3', `--api-socket=${socket}`],
        ...[`${holder.pid}`, 'tap0'],
      ],
      // What it says is about each packet of its own API.
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    );
    children.push(slirp);
    await firstOutput(slirp, slirp.stdio[3] as Readable);
    const sshPort = await until('A free port that leads inside', 10_000, async () => {
      const port = wantedPort ?? (await freePort());
      const answer = await ask(socket, {
        execute: 'add_hostfwd',
        arguments: { proto: 'tcp', host_addr: '127.0.0.1', host_port: port, guest_port: 22 },
      });
      return 'error' in answer ? undefined : port;
    });
    return { namespace: `/proc/${holder.pid}/ns/net`, sshPort, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function firstOutput(child: ChildProcess, stream: Readable | null): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`)));
    stream?.once('data', () => resolve());
  });
}

function ask(socket: string, question: object): Promise<object> {
  return new Promise((resolve, reject) => {
    let text = '';
    const connection = connect(socket, () => connection.end(JSON.stringify(question)));
    connection.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    connection.once('error', reject);
    connection.once('close', () => resolve(JSON.parse(text) as object));
  });
}
