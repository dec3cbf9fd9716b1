import type { RootPath } from '../base/root.ts';

/** Systems of their own, kept by a program that knows them: where the images and the running containers of Docker, containerd and podman lie. */
export const containerFolders: readonly RootPath[] = ['/var/lib/docker', '/var/lib/containerd', '/var/lib/containers'];
