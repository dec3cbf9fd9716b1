/** Nothing that somebody wrote by hand is longer. */
export const textLimit = 1024 * 1024;

/** Left out: what dpkg put beside, backups, caches, and our own; /etc/ld.so.preload is looked at by itself. */
export const noConfiguration =
  /\.dpkg-[a-z]+$|\.ucf-[a-z]+$|[-~]$|\.cache$|\.bak$|^\/etc\/ld\.so\.preload$|\/00crossgrade-/;
