import type { Plugin as EsbuildPlugin } from 'esbuild';
import type { Plugin } from 'vite';

export declare function guestText(path: string): string;
export declare const guestScripts: EsbuildPlugin;
export declare const guestScriptsInTests: Plugin;
