#!/usr/bin/env bash
# Puts Exim where the tests find it: $XDG_CACHE_HOME/postigo/exim or ~/.cache/postigo/exim. It is not installed, because Debian
# lets no second mail server beside Postfix; its package is downloaded and unpacked, and the libraries it wants are installed.
# With Exim there, it takes a moment and needs neither rights nor a network.
set -euo pipefail
place=${XDG_CACHE_HOME:-$HOME/.cache}/postigo/exim
program=$place/usr/sbin/exim4
[ -x "$program" ] && exit 0
command -v dpkg > /dev/null || { echo "This is not Debian: put a program exim4 at $program for the tests." >&2; exit 0; }

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# apt's own user writes here.
chmod 777 "$folder"
cd "$folder"
download() { apt-get --quiet --quiet download exim4-daemon-light; }
download || { "${as_root[@]}" apt-get --quiet --quiet update; download; }
package=$(echo exim4-daemon-light_*.deb)

mapfile -t libraries < <(dpkg --field "$package" Depends | tr ',' '\n' | sed 's/^ *//; s/[ |(].*//' | grep '^lib')
missing=()
for library in "${libraries[@]}"; do
  state=$(dpkg-query --show --showformat '${db:Status-Status}' "$library" 2> /dev/null || true)
  [ "$state" = installed ] || missing+=("$library")
done
if [ ${#missing[@]} -gt 0 ]; then
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --quiet --quiet --yes install --no-install-recommends --no-remove "${missing[@]}"
fi
dpkg --extract "$package" unpacked
mkdir -p "$(dirname "$place")"
rm -rf "$place"
mv unpacked "$place"
