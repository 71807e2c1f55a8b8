#!/bin/sh
# Finishes a system BIOS image: usage mkrom.sh linked.bin bios.bin. The bytes of segment F000 must add up to 0
# modulo 256, which its last byte sees to.
set -e
size=$(wc -c < "$1")
if [ "$size" -ne 131072 ]; then
	echo "mkrom.sh: $1 has $size bytes, not 131072: look at bios/bios.lds" >&2
	exit 1
fi
sum=$(od -An -v -tu1 -j65536 -N65535 "$1" | awk '{ for (i = 1; i <= NF; i++) s += $i } END { print (256 - s % 256) % 256 }')
head -c 131071 "$1" > "$2.tmp"
# shellcheck disable=SC2059
printf "\\$(printf '%03o' "$sum")" >> "$2.tmp"
mv "$2.tmp" "$2"
