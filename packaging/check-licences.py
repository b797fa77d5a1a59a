#!/usr/bin/env python3
"""Checks the licence of every dependency against the list in deny.toml.

Does: read the licence expressions (SPDX) of all crates and of the packages in ui/package-lock.json.
Does not: read licence texts. Exits with 1 and names each package that has none of the allowed licences.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Only in what the UI is built with or shows; a font's licence says nothing about the program.
UI_ALSO = {"OFL-1.1", "BlueOak-1.0.0", "CC-BY-4.0", "Python-2.0"}
# These name no licence in their package.json; the file LICENSE inside them is the MIT licence.
UI_STATED_IN_FILE = {"@inlang/plugin-message-format": "MIT", "sqlite-wasm-kysely": "MIT"}


def permitted(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be satisfied with allowed licences. OR binds weaker than AND (SPDX 2.3 annex D.4)."""
    # Crates from before SPDX expressions write MIT/Apache-2.0.
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def peek() -> str | None:
        return words[position] if position < len(words) else None

    def take() -> str:
        nonlocal position
        position += 1
        return words[position - 1]

    def single() -> bool:
        name = take()
        if name == "(":
            result = either()
            if peek() != ")":
                raise ValueError(expression)
            take()
            return result
        if peek() == "WITH":
            take()
            name = f"{name} WITH {take()}"
        return name in allowed

    def both() -> bool:
        result = single()
        while peek() == "AND":
            take()
            result = single() and result
        return result

    def either() -> bool:
        result = both()
        while peek() == "OR":
            take()
            result = both() or result
        return result

    try:
        result = either()
    except (IndexError, ValueError):
        return False
    return result and peek() is None


def crates() -> list[tuple[str, str]]:
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--quiet"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return [(f"{p['name']} {p['version']}", p["license"] or "") for p in metadata["packages"]]


def ui_packages() -> list[tuple[str, str]]:
    lock = json.loads((ROOT / "ui/package-lock.json").read_text())
    named = [(path.rpartition("node_modules/")[2], entry) for path, entry in lock["packages"].items() if path]
    return [
        (f"{name} {entry.get('version', '')}", entry.get("license") or UI_STATED_IN_FILE.get(name, ""))
        for name, entry in named
    ]


def main() -> int:
    allowed = set(tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]["allow"])
    groups = [("crates", crates(), allowed), ("ui packages", ui_packages(), allowed | UI_ALSO)]
    refused = 0
    for kind, packages, licences in groups:
        for package, expression in packages:
            if not permitted(expression, licences):
                print(f"{package}: licence {expression or 'not stated'} is not in deny.toml", file=sys.stderr)
                refused += 1
        print(f"{len(packages)} {kind} checked")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
