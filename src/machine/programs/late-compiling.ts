import { setFlagsFromString } from 'node:v8';

/** Releases of Node whose V8 was seen to know the flag; that of Node 22 does no more. */
const knowing: ReadonlySet<string | undefined> = new Set(['18', '20']);

/**
 * Lets Node compile a function to machine code only when it has been at work ten or twenty times as long as usual. Our programs end
 * after a second: most of what is compiled earlier is hardly used any more, and was a fifth of all the time that a report
 * takes of the processors, which apt needs meanwhile. What is at work for long is compiled all the same.
 *
 * V8 looks at it each time that a function begins a new budget, so it may be set at any time. One that does not know it
 * goes on as it does, but says so on stderr each time: there it is not set.
 *
 * @param version of Node
 * @returns the flag for V8, if that knows it
 * @see node:v8, setFlagsFromString; `node --v8-options`, --interrupt-budget (Node 18: 135168; Node 20: 67584)
 */
export function lateCompilingFlag(version: string): string | undefined {
  return knowing.has(version.split('.')[0]) ? '--interrupt-budget=1500000' : undefined;
}

const flag = lateCompilingFlag(process.versions.node);
if (flag !== undefined) setFlagsFromString(flag);
