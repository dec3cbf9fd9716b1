import type { Plugin } from 'vite';

export declare function guestText(path: string): string;
export declare const guestScriptsInTests: Plugin;
