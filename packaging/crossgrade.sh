#!/usr/lib/crossgrade/busybox sh
# shellcheck shell=dash
# Starts crossgrade on the Node that came with it: whatever a crossgrade does to the packages around it, this one,
# its loader and its libraries stay as they are, and run under a 32-bit and a 64-bit kernel. So does this shell.
place=/usr/lib/crossgrade
# Nothing of the session's settings shall reach the private Node.
unset LD_PRELOAD LD_LIBRARY_PATH NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS
OPENSSL_CONF=/dev/null
export OPENSSL_CONF
exec "$place/runtime/ld-linux.so.2" --library-path "$place/runtime/lib" "$place/runtime/node" \
  "$place/crossgrade.mjs" "$@"
