import type { Machine } from '../../base/machine.ts';
import type { Printable } from '../../base/printable.ts';
import type { RootPath } from '../../base/root.ts';
import type { Check } from '../../check/check.ts';
import type { ChangedPath } from '../../rehearsal/attribute.ts';
import type { Step } from '../../run/step.ts';
import type { Output } from '../screen/terminal.ts';

/** A root that is open, and locked when it was opened for writing. */
export interface Session {
  readonly machine: Machine;
  /** A crossgrade that was killed had opened this root; its programs may still be at work in it. */
  readonly takenOver: boolean;
  close(): Promise<void>;
}

/** A view of a root: what is changed in it goes when it is closed. */
export interface ViewSession extends Session {
  readonly keptIn: 'disk' | 'memory';
  /** What is not as it is in the root. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  usedBytes(): number;
  changes(): Iterable<ChangedPath>;
  /** What was downloaded goes into the root itself, as far as there is room: a run need not download it again. */
  keepArchives(): void;
  /** A file of the root itself: what a later run, or the administrator, shall know of it. */
  keep(path: RootPath, text: string): void;
}

/** The unit in which a crossgrade of the running system works; see src/machine/programs/engine-service.ts. */
export interface EngineService {
  isThere(): boolean;
  /** Undefined where systemd does not answer. */
  isActive(): Promise<boolean | undefined>;
  start(): Promise<void>;
  requestStop(): Promise<void>;
}

export interface SandboxRequest {
  readonly directory: string;
  readonly architecture: string;
  readonly suite: string | undefined;
  readonly packages: readonly string[];
  readonly mirror: string | undefined;
  /** Told what begins now. */
  readonly onStage: (text: string) => void;
  readonly onLine: (line: string) => void;
  /** Ends the work; what was made of the sandbox is removed. */
  readonly signal: AbortSignal;
}

/** What main.ts gives to every command: everything that they must not import themselves. */
export interface Shell {
  /** `rescue`: to be written, also where no program runs any more. */
  openSession(root: string, purpose: 'read' | 'write' | 'rescue'): Promise<Session>;
  loadSteps(): Promise<readonly Step[]>;
  readonly engineService: EngineService;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of crossgrade. */
  readonly version: string;
  /** Calls back for SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  onSignal(callback: (name: string) => void): () => void;
}

/** The same for commands that plan or perform. */
export interface Wiring extends Shell {
  readonly steps: readonly Step[];
  readonly checks: readonly Check[];
  /** The exit code of this very command, done in a mount namespace of its own; undefined where we are in one already. */
  inPrivateMounts(): Promise<number | undefined>;
  /** @throws {CrossgradeError} CG0470, CG0471 and those of a root that is opened */
  openView(root: string, neededBytes: number): Promise<ViewSession>;
  makeSandbox(request: SandboxRequest): Promise<void>;
  /** What a sandbox has where nothing else is said. */
  sandboxArchitecture(): string;
  /** A file of the user's, not of the root. */
  readUserFile(path: string): string;
  /**
   * Looks whether it can be written; writes nothing yet.
   *
   * @param options onlyNew: what is there already is never written over
   * @throws {CrossgradeError} CG0008 when it cannot; CG0460
   */
  prepareUserFile(path: string, options?: { readonly onlyNew?: boolean }): { write(content: Printable): void };
}
