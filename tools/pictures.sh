#!/usr/bin/env bash
# Makes the pictures in docs/pictures/ anew: each is what the machine shows after some keys, so they change only when
# the program does. FreeDOS's floppy is looked for in TICK86_GUESTS and ../shared/guests; it is free software, but no part of tick86.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
tick86=${TICK86:-build/tick86}
folder=docs/pictures
mkdir -p $folder
freedos=${TICK86_GUESTS:-../shared/guests}/freedos722.img

# picture NAME ARGUMENTS ...; the run ends at its --limit (124) or --until (0).
picture() {
    local name=$1 status=0
    shift
    "$tick86" --display none --screenshot "$folder/$name.png" "$@" 2>/dev/null || status=$?
    case $status in 0 | 124) echo "$folder/$name.png" ;; *) return $status ;; esac
}

picture demo --limit 4s
picture demo-mode13 --limit 8s --type '\{wait 3s}2'
picture demo-vesa --limit 8s --type '\{wait 3s}4'
picture demo-processor --limit 8s --type '\{wait 3s}9'
[ -f "$freedos" ] || { echo "$freedos is not there; the other pictures stay as they are"; exit 0; }
prompt='\{screen ^A:.>$}'
picture freedos --snapshot "$freedos" --until-screen '^A:.>$' --limit 60s
picture freedos-dir --snapshot "$freedos" --limit 16s --type "${prompt}dir /w\nver\n"
picture invaders --snapshot "$freedos" --limit 22s --mhz 60 --type "${prompt}invaders\n\{wait 3s} \{wait 1s}"
