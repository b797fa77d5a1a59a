#!/usr/bin/env bash
# Tests a Debian package: lintian, contents, installation, both programs, removal. Usage: test-deb.sh FILE.deb
# Needs a display (xvfb-run) and a session bus. Without root it tries the programs from an unpacked folder and installs nothing.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: $0 FILE.deb (one, found: $*)" >&2; exit 2; }
deb=$(realpath "$1")
work=$(mktemp -d)
pid=
installed=
clean_up() {
  [ -z "$pid" ] || kill "$pid" 2> /dev/null || true
  [ -z "$installed" ] || dpkg --purge postigo > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

step "lintian"
# --no-cfg: the machine's own settings do not matter. What it reports as error or warning is a failure.
lintian --no-cfg --allow-root --fail-on error,warning "$deb"

step "contents"
dpkg-deb --extract "$deb" "$work/root"
for file in usr/bin/postigo usr/bin/postigo-desktop usr/share/man/man1/postigo.1.gz usr/share/man/man1/postigo-desktop.1.gz \
  usr/lib/systemd/system/postigo.service usr/share/doc/postigo/copyright; do
  [ -f "$work/root/$file" ] || fail "$file is not in the package"
done
desktop=$(find "$work/root/usr/share/applications" -name '*.desktop')
desktop-file-validate "$desktop"
grep -q '^Exec=postigo-desktop %u$' "$desktop" || fail "the desktop entry does not pass on addresses"
for size in 32x32 128x128; do
  [ -n "$(find "$work/root/usr/share/icons/hicolor/$size" -name '*.png')" ] || fail "no icon of $size"
done

bin=$work/root/usr/bin
if [ "$(id -u)" -eq 0 ]; then
  step "install"
  if dpkg-query --show --showformat '${db:Status-Status}' postigo 2> /dev/null | grep -qx installed; then
    fail "postigo is installed on this machine already; the test would remove it"
  fi
  installed=yes
  dpkg --install "$deb"
  bin=/usr/bin
  man --where postigo > /dev/null || fail "there is no manual page"
  if [ -e /etc/systemd/system/multi-user.target.wants/postigo.service ]; then fail "the service is enabled"; fi
fi

step "command line"
"$bin/postigo" --version | grep -q "$(dpkg-deb --field "$deb" Version)" || fail "postigo --version differs from the package"

step "window"
export HOME=$work/home XDG_DATA_HOME=$work/home/data XDG_CONFIG_HOME=$work/home/config XDG_CACHE_HOME=$work/home/cache
mkdir -p "$HOME"
"$bin/postigo-desktop" > "$work/desktop.log" 2>&1 &
pid=$!
window=
for _ in $(seq 100); do
  window=$(xdotool search --onlyvisible --name Postigo 2> /dev/null | head -n 1 || true)
  [ -z "$window" ] || break
  kill -0 "$pid" 2> /dev/null || { cat "$work/desktop.log" >&2; fail "postigo-desktop ended by itself"; }
  sleep 0.1
done
[ -n "$window" ] || { cat "$work/desktop.log" >&2; fail "no window after ten seconds"; }
kill "$pid"
wait "$pid" || true
pid=

if [ -n "$installed" ]; then
  step "remove"
  mapfile -t files < <(dpkg --listfiles postigo)
  dpkg --purge postigo
  installed=
  for file in "${files[@]}"; do
    if [ -f "$file" ] || [ -L "$file" ]; then fail "$file is left after removal"; fi
  done
fi
step "the package is sound"
