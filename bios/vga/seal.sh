#!/bin/sh
# Pads a ROM image to the length in its header and makes the sum of all its bytes zero. usage: seal.sh IN OUT
set -e
size=$(od -An -tu1 -j2 -N1 "$1" | awk '{ print $1 * 512 }')
dd if=/dev/zero bs="$size" count=1 2>/dev/null >"$2.tmp"
dd if="$1" of="$2.tmp" conv=notrunc 2>/dev/null
last=$(od -An -v -tu1 "$2.tmp" | awk '{ for (i = 1; i <= NF; i++) sum += $i } END { printf "%03o", (256 - sum % 256) % 256 }')
printf "\\$last" | dd of="$2.tmp" bs=1 seek=$((size - 1)) conv=notrunc 2>/dev/null
mv "$2.tmp" "$2"
