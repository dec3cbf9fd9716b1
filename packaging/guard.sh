# shellcheck shell=dash
# Keeps the host from being shut down, rebooted or suspended as long as a program works on packages, root's own reboot
# included, and ends that program within seconds when the host goes down all the same. Needs no program of the host but
# systemd-inhibit(1), without which it works as well.
#
#   guard.sh hold         what crossgrade-guard.service runs
#   guard.sh engine PID   crossgrade.service has started it
#   guard.sh refuse       from now on; the engine asks for it before each program
#   guard.sh allow
busybox=/usr/lib/crossgrade/busybox
folder=/run/crossgrade
# Written by the engine: a file for each program at work, called like its process, with the moment of its start.
work=$folder/at-work
engine=$folder/engine
guard=$folder/guard
units=/run/systemd/system
# The last one is refused, and allowed again, last: by it is known that the others are.
targets='poweroff halt kexec soft-reboot exit suspend hibernate hybrid-sleep suspend-then-hibernate rescue reboot'
# systemd names it when it refuses: it is the reason that somebody gets to read.
reason=crossgrade-is-replacing-packages_see_crossgrade-status.service
linger=3

# is_alive PID MOMENT: field 22 of /proc/PID/stat; the name of a process, field 2, may hold anything.
is_alive() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086
  moment=$2 && set -- ${stat##*) }
  [ "$1" != Z ] && [ "${20}" = "$moment" ]
}

# note PID FILE
note() {
  read -r stat <"/proc/$1/stat" || return 0
  # shellcheck disable=SC2086
  echo "$1 $(set -- ${stat##*) } && echo "${20}")" >"$2.new" && $busybox mv "$2.new" "$2"
}

# is_noted FILE: the process that is noted in it lives.
is_noted() {
  read -r noted moment_noted _ 2>/dev/null <"$1" || return 1
  is_alive "$noted" "$moment_noted"
}

at_work() {
  found=
  for file in "$work"/*; do
    [ -e "$file" ] || continue
    if is_noted "$file"; then found="$found $noted"; else $busybox rm -f "$file"; fi
  done
  [ -n "$found" ]
}

# SIGHUP has systemd read its units again: that needs no connection to it, and no program.
reload() {
  kill -HUP 1
}

refuse() {
  [ ! -e $units/reboot.target.d/crossgrade.conf ] || return 0
  for target in $targets; do
    $busybox mkdir -p "$units/$target.target.d"
    $busybox cat >"$units/$target.target.d/crossgrade.conf" <<END
# Written by crossgrade as long as it replaces packages.
[Unit]
Description=Refused, since crossgrade is replacing packages: crossgrade status
Documentation=man:crossgrade(8)
Requires=$reason
END
  done
  reload
}

# Killed in the middle, it or refuse has left some of them.
allow() {
  set -- $units/*.target.d/crossgrade.conf
  [ -e "$1" ] || return 0
  for target in $targets; do
    $busybox rm -f "$units/$target.target.d/crossgrade.conf"
    $busybox rmdir "$units/$target.target.d" 2>/dev/null
  done
  reload
}

# logind says that it goes down before systemd refuses it, and shutdown(8) does not say why.
tell() {
  journalctl --follow --lines=0 --output=cat MESSAGE_ID=98268866d1d54a499c4e98921d93bc40 2>/dev/null |
    while read -r _; do
      [ -e $units/reboot.target.d/crossgrade.conf ] || continue
      wall 2>/dev/null <<END
crossgrade is replacing packages: this host does not go down or sleep now.

How far it is:
  crossgrade status
When the running dpkg call is done (crossgrade resume goes on then):
  systemctl stop crossgrade && systemctl reboot
At once (dpkg is ended, and the crossgrade goes on by itself after the boot):
  systemctl stop crossgrade-guard && systemctl reboot
END
    done
}

# Where logind asks, for a power key or an ordinary user, and from systemd 257 on for root as well.
inhibit() {
  systemd-inhibit --what=shutdown:sleep --mode=block --who=crossgrade \
    '--why=dpkg is replacing packages: see crossgrade status' $busybox sleep 1000000 2>/dev/null &
  inhibitor=$!
}

# members_of SESSION…: a program leads a session, and is in it with whatever it has started.
members_of() {
  for process in /proc/[0-9]*; do
    read -r stat 2>/dev/null <"$process/stat" || continue
    rest=${stat##*) }
    # shellcheck disable=SC2086
    session=$(set -- $rest && [ "$1" != Z ] && echo "$4")
    for one; do [ "$session" != "$one" ] || echo "${process#/proc/}"; done
  done
}

# The host goes down: what resume goes on with may be ended anywhere, and nobody can log in until it has ended.
end_all() {
  trap '' TERM
  at_work
  sessions=
  for one in $found; do is_noted $engine && [ "$one" = "$noted" ] || sessions="$sessions $one"; done
  if [ -n "$sessions" ]; then
    # The engine shall hear of the shutdown first, to know what dpkg was ended by.
    $busybox sleep 1
    # shellcheck disable=SC2086,SC2046
    kill -TERM $(members_of $sessions) 2>/dev/null
    for _ in 1 2 3 4 5; do
      # shellcheck disable=SC2086
      [ -n "$(members_of $sessions)" ] || break
      $busybox sleep 1
    done
    # shellcheck disable=SC2086,SC2046
    kill -KILL $(members_of $sessions) 2>/dev/null
  fi
  # Whatever else the engine waits for. Stopped without a shutdown, the guard leaves it alone.
  for _ in 1 2 3 4 5 6 7 8; do
    is_noted $engine || return
    case $(systemctl is-system-running 2>/dev/null) in
      initializing | starting | running | degraded | maintenance) return ;;
    esac
    $busybox sleep 1
  done
  is_noted $engine || return
  systemctl kill --kill-who=all --signal=SIGKILL crossgrade.service 2>/dev/null || kill -KILL "$noted"
}

hold() {
  trap 'end_all; exit 0' TERM
  $busybox mkdir -p $work
  note $$ $guard
  tell &
  inhibitor=
  idle=0
  lonely=0
  # It is started together with the engine, which has to come up first.
  patience=60
  while :; do
    if at_work; then
      idle=0
      lonely=0
      refuse
      [ -n "$inhibitor" ] || inhibit
    else
      idle=$((idle + 1))
      if [ $idle -gt $linger ]; then
        [ -z "$inhibitor" ] || kill "$inhibitor" 2>/dev/null
        inhibitor=
        allow
        # A program may have begun meanwhile.
        ! at_work || continue
        lonely=$((lonely + 1))
        # Killed, it is started again.
        ! is_noted $engine || { lonely=0 && patience=10; }
        [ $lonely -lt $patience ] || exit 0
      fi
    fi
    $busybox sleep 1 &
    wait $!
  done
}

case $1 in
  hold) hold ;;
  engine) $busybox mkdir -p $folder && note "$2" $engine ;;
  # Nobody would take it back, where the guard was stopped.
  refuse) ! is_noted $guard || refuse ;;
  allow) allow ;;
esac
