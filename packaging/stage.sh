#!/usr/bin/env bash
# Gathers in packaging/stage what the Debian package holds besides the desktop program, in the form Debian wants it.
# Usage: stage.sh POSTIGO, the built command-line program.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")"
rm -rf stage
mkdir stage
install -m 755 "$program" stage/postigo
for page in debian/*.1; do
  # Without name and time in the header the same page gives the same file (Debian Policy 12.1).
  gzip -9 --no-name --stdout "$page" > "stage/$(basename "$page").gz"
done
gzip -9 --no-name --stdout debian/changelog > stage/changelog.gz
install -m 644 debian/copyright debian/postigo.service debian/system-users.conf stage/
