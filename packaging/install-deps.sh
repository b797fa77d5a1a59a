#!/usr/bin/env bash
# Installs the Debian packages of the lists named as arguments (build, test) that are not there yet.
# With nothing missing it takes a moment and needs no rights. It never removes a package and starts no service.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "$*" >&2; }

if ! command -v dpkg-query > /dev/null; then
  say "This is not Debian or a system made from it, so nothing is installed automatically."
  say "If the build stops for want of a program or library, install what these lists call by their Debian names:"
  for list in "$@"; do say "  $here/apt-packages-$list.txt"; done
  exit 0
fi

missing=()
for list in "$@"; do
  while read -r package; do
    case $package in '' | '#'*) continue ;; esac
    state=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2> /dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
  done < "$here/apt-packages-$list.txt"
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    say "These packages are missing and need an administrator:"
    say "  apt-get install ${missing[*]}"
    exit 1
  fi
  as_root=(sudo)
  # Without a terminal nobody can type a password.
  [ -t 0 ] || as_root=(sudo --non-interactive)
fi

say "Installing: ${missing[*]}"
units=()
for unit in postfix dovecot nsd; do
  case " ${missing[*]} " in *" $unit "* | *" $unit-imapd "*) units+=("$unit.service") ;; esac
done

# Servers from the test list are programs for us to start, not services: they would hold the ports we test.
policy=/usr/sbin/policy-rc.d
if [ ${#units[@]} -gt 0 ]; then
  if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" > /dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  if command -v debconf-set-selections > /dev/null; then
    echo 'postfix postfix/main_mailer_type select No configuration' | "${as_root[@]}" debconf-set-selections
  fi
fi

# A machine that has just started often installs updates of its own; that is waited for.
apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --quiet --yes --option DPkg::Lock::Timeout=300 "$@"
}
apt_get update
if ! apt_get install --no-install-recommends --no-remove "${missing[@]}"; then
  say "Some packages could not be installed. If apt-get says that another one would have to be removed (a mail server"
  say "of this machine, say), run this in a container or a virtual machine instead; nothing has been removed."
  exit 1
fi

# Debian enables a service for the next start of the machine even if it may not start now.
if [ ${#units[@]} -gt 0 ] && command -v systemctl > /dev/null; then
  "${as_root[@]}" systemctl disable --quiet "${units[@]}" 2> /dev/null || true
fi
