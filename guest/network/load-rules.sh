# shellcheck shell=dash
# Loads what the services of the packet filter would load when the host starts, and shows what has come of it.
#
# Run in the root, as root, in a network namespace of its own, as `unshare --net sh -ec` (survey-network.ts):
# the rules of the host are neither seen nor changed, and these are gone with the program.
#
# Arguments: the files to load, of the three that are known; `--`; the tools whose rules to show: nft, or one of iptables.
# Environment: nothing but PATH.
# Standard output: of each tool a line `==== rules`, then its rules.
# Exit codes: 0; another one when something cannot be loaded or shown.

while [ "$1" != -- ]; do
  case $1 in
  /etc/nftables.conf) nft -f "$1" ;;
  /etc/iptables/rules.v4) iptables-restore "$1" ;;
  /etc/iptables/rules.v6) ip6tables-restore "$1" ;;
  esac
  shift
done
shift
for tool; do
  echo '==== rules'
  case $tool in
  nft) nft --stateless list ruleset ;;
  iptables) iptables-save ;;
  ip6tables) ip6tables-save ;;
  iptables-legacy) iptables-legacy-save ;;
  ip6tables-legacy) ip6tables-legacy-save ;;
  esac
done
