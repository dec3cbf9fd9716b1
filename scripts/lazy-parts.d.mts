import type { OutputFile } from 'esbuild';

export declare function joinParts(chunks: readonly Pick<OutputFile, 'path' | 'text'>[], entry: string): Promise<string>;
