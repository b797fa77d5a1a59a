#!/usr/bin/env bash
# Makes postigo-mta: the links by which programs on a machine find its mail server. Usage: mta.sh POSTIGO.deb, beside which it goes.
set -euo pipefail
deb=$(realpath "$1")
cd "$(dirname "$0")"
version=$(dpkg-deb --field "$deb" Version)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
install -d "$root/DEBIAN" "$root"/usr/{sbin,bin,lib} "$root"/usr/share/man/man{1,8} "$root/usr/share/doc/postigo-mta"
ln -s ../bin/postigo "$root/usr/sbin/sendmail"
ln -s ../sbin/sendmail "$root/usr/lib/sendmail"
ln -s postigo "$root/usr/bin/mailq"
ln -s postigo "$root/usr/bin/newaliases"
ln -s ../man1/postigo.1.gz "$root/usr/share/man/man8/sendmail.8.gz"
ln -s postigo.1.gz "$root/usr/share/man/man1/mailq.1.gz"
ln -s postigo.1.gz "$root/usr/share/man/man1/newaliases.1.gz"
install -m 644 debian/copyright "$root/usr/share/doc/postigo-mta/copyright"
sed 's/^postigo (/postigo-mta (/' debian/changelog | gzip -9 --no-name > "$root/usr/share/doc/postigo-mta/changelog.gz"
cat > "$root/DEBIAN/control" <<CONTROL
Package: postigo-mta
Version: $version
Architecture: all
Maintainer: $(dpkg-deb --field "$deb" Maintainer)
Installed-Size: $(du --summarize --apparent-size --block-size=1K "$root" | cut -f1)
Section: mail
Priority: optional
Depends: postigo (= $version)
Provides: mail-transport-agent
Conflicts: mail-transport-agent
Replaces: mail-transport-agent
Description: Postigo as the mail server of this machine
 Links by which programs hand in mail: sendmail, mailq and newaliases are
 Postigo's. Without this package Postigo goes beside another mail server.
CONTROL
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
find "$root" -type d -exec chmod 755 {} +
chmod 644 "$root"/DEBIAN/*
dpkg-deb --root-owner-group --build "$root" "$(dirname "$deb")/postigo-mta_${version}_all.deb"
