#!/usr/bin/env bash
# Makes every picture of the application from the two drawings in this folder.
# Needs rsvg-convert (librsvg2-bin), convert (imagemagick) and python3.
set -euo pipefail
cd "$(dirname "$0")"
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# The application, by size in pixels.
for size in 16 24 32 48 64 128 256 512 1024; do
  rsvg-convert --width "$size" --height "$size" icon.svg --output "$made/$size.png"
done
cp "$made/32.png" 32x32.png
cp "$made/128.png" 128x128.png
cp "$made/256.png" 128x128@2x.png
cp "$made/512.png" icon.png

# Windows: 256 pixels are kept as PNG inside, the smaller ones as bitmaps.
convert "$made"/{16,24,32,48,64,256}.png icon.ico

# macOS: a sequence of (type, length, PNG); the length counts the eight octets before the picture.
python3 - "$made" <<'PYTHON'
import pathlib, struct, sys
types = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic08": 256, b"ic13": 256, b"ic09": 512, b"ic14": 512, b"ic10": 1024}
body = b""
for kind, size in types.items():
    picture = pathlib.Path(sys.argv[1], f"{size}.png").read_bytes()
    body += kind + struct.pack(">I", len(picture) + 8) + picture
pathlib.Path("icon.icns").write_bytes(b"icns" + struct.pack(">I", len(body) + 8) + body)
PYTHON

# The tray: one colour, chosen by the panel it lies on.
for panel in light:#1d2130 dark:#f7f2e6; do
  printf 'svg { color: %s }' "${panel#*:}" > "$made/tray.css"
  rsvg-convert --width 64 --height 64 --stylesheet "$made/tray.css" icon-mono.svg --output "tray-on-${panel%%:*}.png"
done
