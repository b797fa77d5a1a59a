#!/usr/bin/env bash
# Tests the Debian packages: lintian, contents, the unit, installation, both programs, removal.
# Usage: test-deb.sh POSTIGO.deb POSTIGO-MTA.deb
# Needs a display (xvfb-run) and a session bus. Without root it tries the programs from an unpacked folder and installs nothing.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: $0 POSTIGO.deb POSTIGO-MTA.deb (found: $*)" >&2; exit 2; }
deb=$(realpath "$1")
mta=$(realpath "$2")
work=$(mktemp -d)
pid=
installed=
person=pgdeb$$
clean_up() {
  [ -z "$pid" ] || kill "$pid" 2> /dev/null || true
  if id "$person" > /dev/null 2>&1; then userdel --remove --force "$person" > /dev/null 2>&1 || true; fi
  [ -z "$installed" ] || dpkg --purge postigo-mta postigo > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT
step() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

step "lintian"
# --no-cfg: the machine's own settings do not matter. What it reports as error or warning is a failure.
lintian --no-cfg --allow-root --fail-on error,warning "$deb" "$mta"

step "contents"
dpkg-deb --extract "$deb" "$work/root"
for file in usr/bin/postigo usr/bin/postigo-desktop usr/share/man/man1/postigo.1.gz usr/share/man/man1/postigo-desktop.1.gz \
  usr/lib/systemd/system/postigo.service usr/share/doc/postigo/copyright usr/share/doc/postigo/examples/system-users.conf; do
  [ -f "$work/root/$file" ] || fail "$file is not in the package"
done
desktop=$(find "$work/root/usr/share/applications" -name '*.desktop')
desktop-file-validate "$desktop"
grep -q '^Exec=postigo-desktop %u$' "$desktop" || fail "the desktop entry does not pass on addresses"
for size in 32x32 128x128; do
  [ -n "$(find "$work/root/usr/share/icons/hicolor/$size" -name '*.png')" ] || fail "no icon of $size"
done

for field in Provides Conflicts Replaces; do
  [ "$(dpkg-deb --field "$mta" $field)" = mail-transport-agent ] || fail "postigo-mta: $field"
  [ -z "$(dpkg-deb --field "$deb" $field)" ] || fail "postigo itself has to go beside another mail server: $field"
done
[ "$(dpkg-deb --field "$mta" Depends)" = "postigo (= $(dpkg-deb --field "$deb" Version))" ] || fail "postigo-mta: Depends"
dpkg-deb --extract "$mta" "$work/both"
dpkg-deb --extract "$deb" "$work/both"
for link in usr/sbin/sendmail usr/lib/sendmail usr/bin/mailq usr/bin/newaliases; do
  [ "$(realpath "$work/both/$link")" = "$work/both/usr/bin/postigo" ] || fail "$link leads elsewhere"
done
"$work/both/usr/bin/newaliases" > /dev/null || fail "newaliases"

step "unit"
units=$work/units
drop_in=$units/postigo.service.d/system-users.conf
mkdir -p "$units"
sed "s|/usr/bin/postigo|$work/root/usr/bin/postigo|" "$work/root/usr/lib/systemd/system/postigo.service" > "$units/postigo.service"
# Man pages are not looked for: before the installation there are none. What is told of other units does not matter.
verify() {
  systemd-analyze verify --man=no "$units/postigo.service" 2>&1 | grep -F postigo.service || true
}
if command -v systemd-analyze > /dev/null; then
  [ -z "$(verify)" ] || fail "the unit: $(verify)"
  systemd-analyze security --offline=true --threshold=30 "$units/postigo.service" > "$work/security" || fail "the unit allows too much: $(tail -n 1 "$work/security")"
fi
install -D -m 644 "$work/root/usr/share/doc/postigo/examples/system-users.conf" "$drop_in"
if command -v systemd-analyze > /dev/null; then
  [ -z "$(verify)" ] || fail "the unit with the drop-in: $(verify)"
fi

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
  others=$(dpkg-query --show --showformat '${db:Status-Status} ${Provides} ${Package}\n' | grep '^installed .*mail-transport-agent' || true)
  if [ -n "$others" ]; then
    if dpkg --install "$mta" > "$work/refused" 2>&1; then fail "postigo-mta went beside ${others##* }"; fi
    grep -q 'conflicts with mail-transport-agent' "$work/refused" || fail "$(cat "$work/refused")"
    dpkg --purge postigo-mta > /dev/null 2>&1 || true
  else
    dpkg --install "$mta"
  fi
  if [ -e /etc/systemd/system/multi-user.target.wants/postigo.service ]; then fail "the service is enabled"; fi
fi

step "command line"
"$bin/postigo" --version | grep -q "$(dpkg-deb --field "$deb" Version)" || fail "postigo --version differs from the package"

if [ -n "$installed" ]; then
  step "mail of a user of the system"
  # The program starts as the unit with the drop-in starts it, with its capabilities and no other.
  line=$(sed -n 's/^ExecStart=//p' /usr/lib/systemd/system/postigo.service)
  rights=$(sed -n 's/^CapabilityBoundingSet=CAP_/CAP_/p' "$drop_in" | tr '[:upper:]' '[:lower:]' | sed 's/cap_/+/g; s/ /,/g')
  data=$work/state run=$work/run
  line=${line//\/var\/lib\/postigo/$data}
  chmod 711 "$work"
  printf 'una puerta pequena\n' > "$work/password"
  postigo --data "$data" setup --domain lab.test --host mail.lab.test --user ana --password-file "$work/password" --ports 24000 > /dev/null
  useradd --create-home --shell /bin/sh "$person"
  export POSTIGO_RUN_DIR=$run
  # shellcheck disable=SC2086 # It is a command with arguments.
  setpriv --bounding-set "-all,$rights" --inh-caps -all --no-new-privs $line > "$work/server.log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do [ ! -S "$run/sendmail.sock" ] || break; sleep 0.1; done
  [ -S "$run/sendmail.sock" ] || fail "no server: $(cat "$work/server.log")"
  postigo --data "$data" user add "$person" --system --mbox --password-stdin < "$work/password"
  # No network is trusted; the system says who calls.
  postigo --data "$data" config set mynetworks 192.0.2.0/24
  sendmail=/usr/sbin/sendmail
  [ -z "$others" ] || { sendmail=$work/sendmail; ln -s /usr/bin/postigo "$sendmail"; }
  printf 'Subject: Hola\n\n¿Vienes?\n' | su "$person" -c "POSTIGO_RUN_DIR=$run $sendmail $person@localhost"
  for _ in $(seq 100); do [ ! -s "/var/mail/$person" ] || break; sleep 0.1; done
  grep -q '^Subject: Hola' "/var/mail/$person" || fail "no mail came: $(postigo --data "$data" log)"
  [ "$(stat --format '%U %a' "/var/mail/$person")" = "$person 660" ] || fail "the mail is not the user's"
  grep -q "local user $person, uid $(id -u "$person")" "/var/mail/$person" || fail "nobody knows who sent it"
  kill "$pid"
  wait "$pid" || fail "the server did not end well"
  pid=
  unset POSTIGO_RUN_DIR
  userdel --remove --force "$person" > /dev/null 2>&1
fi

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
  if [ -z "$others" ]; then
    mapfile -t -O "${#files[@]}" files < <(dpkg --listfiles postigo-mta)
    dpkg --purge postigo-mta
  fi
  dpkg --purge postigo
  installed=
  for file in "${files[@]}"; do
    if [ -f "$file" ] || [ -L "$file" ]; then fail "$file is left after removal"; fi
  done
fi
step "the packages are sound"
