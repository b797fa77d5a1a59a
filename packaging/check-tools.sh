#!/usr/bin/env bash
# Makes sure that Rust and Node.js are there and new enough. Takes them from Debian where Debian has them, else says what to do.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# The version the workspace asks for, and the one Vite asks for.
rust_wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$here/../Cargo.toml")
node_wanted=20.19

say() { printf '%s\n' "$*" >&2; }

# at_least WANTED HAVE
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort --version-sort | head -n 1)" = "$1" ]; }

# from_debian PACKAGE VERSION: whether Debian's package is at least this new.
from_debian() {
  command -v apt-cache > /dev/null || return 1
  local candidate
  candidate=$(apt-cache policy "$1" 2> /dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\?\([0-9.]*\).*/\2/p')
  [ -n "$candidate" ] && at_least "$2" "$candidate"
}

install() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo > /dev/null || return 1
    as_root=(sudo)
  fi
  say "Installing: $*"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --quiet --quiet --yes --option DPkg::Lock::Timeout=300 install --no-install-recommends --no-remove "$@"
}

rust_version() { rustc --version 2> /dev/null | cut -d ' ' -f 2; }

if ! command -v cargo > /dev/null && ! command -v rustup > /dev/null && from_debian rustup 1; then
  install rustup || true
fi
if command -v rustup > /dev/null && [ -z "$(rust_version)" ]; then
  rustup toolchain install stable --profile minimal --component rustfmt --component clippy
  rustup default stable
fi
have=$(rust_version || true)
if ! at_least "$rust_wanted" "${have:-0}"; then
  say "Rust $rust_wanted or newer is needed${have:+; this is $have}."
  if command -v rustup > /dev/null; then
    say "Run:  rustup update stable && rustup default stable"
  else
    say "Run:  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
    say "and then the same make command again."
  fi
  exit 1
fi

if ! command -v node > /dev/null && from_debian nodejs "$node_wanted"; then
  install nodejs npm || true
fi
have=$(node --version 2> /dev/null | tr -d v || true)
if ! at_least "$node_wanted" "${have:-0}" || ! command -v npm > /dev/null; then
  say "Node.js $node_wanted or newer with npm is needed${have:+; this is Node.js $have}."
  say "Take it from https://nodejs.org/en/download, and then run the same make command again."
  exit 1
fi
