# shellcheck shell=dash
# Run by crossgrade.service when its program has ended. One that was killed could tell nobody: then the notice at each
# login still says that it is at work. What it has said itself stays.
notice=/etc/motd.d/crossgrade
[ -e $notice ] || exit 0
/usr/lib/crossgrade/busybox sed -i \
  -e '/ is being taken back\.$/{s/ is being / is not yet /;n;s/How far is it, .*/Go on: crossgrade rollback/;}' \
  -e 's/ is in progress\.$/ has stopped./' \
  -e 's/How far is it, .*/Go on: crossgrade resume/' $notice
