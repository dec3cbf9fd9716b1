import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A page in a real browser without a window, spoken to by its DevTools protocol over two pipes: no port is open. */
export interface Page {
  /** The value of an expression in the page. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Light or dark, screen or paper, and how wide. */
  look(options: {
    readonly scheme?: 'light' | 'dark';
    readonly media?: 'screen' | 'print';
    readonly width?: number;
  }): Promise<void>;
  /** Writes a PNG, of the whole page if it isn't too long to be looked at. */
  screenshot(file: string): Promise<void>;
  /** Writes a PDF. */
  print(file: string): Promise<void>;
  /** What the page logged, and what the browser complained of: errors, and what the policy forbade. */
  readonly complaints: readonly string[];
  /** Addresses that the page asked for, its own first. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** In pixels. */
const tallestPicture = 4000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Opens a file with Debian's chromium. */
export async function openPage(file: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'crossgrade-chromium-'));
  const child = spawn(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const wire = new Wire(child);
  const { targetInfos } = await wire.send<{ targetInfos: { type: string; targetId: string }[] }>('Target.getTargets');
  const targetId = targetInfos.find(({ type }) => type === 'page')?.targetId;
  const { sessionId } = await wire.send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const send = <Result>(method: string, params: object = {}) => wire.send<Result>(method, params, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  let loaded = () => {};
  wire.onEvent = ({ method, params = {} }) => {
    if (method === 'Page.loadEventFired') loaded();
    if (method === 'Network.requestWillBeSent') requests.push((params.request as { url: string }).url);
    if (method === 'Log.entryAdded') complaints.push((params.entry as { text: string }).text);
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params.exceptionDetails));
    if (method === 'Runtime.consoleAPICalled') complaints.push(JSON.stringify(params.args));
  };
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await send(`${domain}.enable`);
  // Without a window there is no focus, and without focus no clipboard.
  await send('Emulation.setFocusEmulationEnabled', { enabled: true });
  await wire.send('Browser.grantPermissions', { permissions: ['clipboardReadWrite', 'clipboardSanitizedWrite'] });
  const isLoaded = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  await send('Page.navigate', { url: `file://${file}` });
  await isLoaded;
  return {
    complaints,
    requests,
    async evaluate<Value>(expression: string) {
      const { result, exceptionDetails } = await send<{ result: { value: Value }; exceptionDetails?: object }>(
        'Runtime.evaluate',
        { expression, returnByValue: true, awaitPromise: true, userGesture: true },
      );
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    },
    async look({ scheme = 'light', media = 'screen', width = 1280 }) {
      await send('Emulation.setEmulatedMedia', {
        media: media === 'print' ? 'print' : '',
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      });
      await send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
    },
    async screenshot(path) {
      const { cssContentSize } = await send<{ cssContentSize: { width: number; height: number } }>(
        'Page.getLayoutMetrics',
      );
      const clip = {
        x: 0,
        y: 0,
        width: cssContentSize.width,
        height: Math.min(cssContentSize.height, tallestPicture),
        scale: 1,
      };
      const { data } = await send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true, clip });
      writeFileSync(path, Buffer.from(data, 'base64'));
    },
    async print(path) {
      const { data } = await send<{ data: string }>('Page.printToPDF', { paperWidth: 8.27, paperHeight: 11.69 });
      writeFileSync(path, Buffer.from(data, 'base64'));
    },
    async close() {
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      await wire.send('Browser.close').catch(() => undefined);
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** JSON messages, each ended by a zero byte. */
class Wire {
  readonly #input: Writable;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #count = 0;
  onEvent: (message: Message) => void = () => {};

  constructor(child: ChildProcess) {
    this.#input = child.stdio[3] as Writable;
    let rest = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (piece: string) => {
      const messages = (rest + piece).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#receive(JSON.parse(message) as Message);
    });
    child.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('chromium has ended'));
    });
  }

  send<Result = object>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    this.#count += 1;
    const id = this.#count;
    this.#input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: never) => void, reject });
    });
  }

  #receive(message: Message): void {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (!waiting) {
      this.onEvent(message);
      return;
    }
    this.#waiting.delete(message.id ?? 0);
    if (message.error) waiting.reject(new Error(message.error.message));
    else waiting.resolve(message.result as never);
  }
}
