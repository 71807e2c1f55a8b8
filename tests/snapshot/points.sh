#!/usr/bin/env bash
# Restored in a new process at random points of a boot a run ends bit for bit as the unbroken one: state, figures,
# picture, text. In short as part of the tests; in full: points.sh POINTS [SEED] [dos|typed|games|linux ...]
# shellcheck disable=SC2154  # guest_file and here are front.inc's
. "$(dirname "$0")/../front/front.inc"
. "$here/points.inc"
long=${1:-}
RANDOM=${2:-$(date +%N | sed 's/^0*//')}
seed=${2:-$RANDOM}
RANDOM=$seed
shift $(($# < 2 ? $# : 2))
wanted=" ${*:-dos typed games linux} "
linux=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386
tried=0
echo "seed $seed"
does() { case $wanted in *" $1 "*) tried=1 ;; *) return 1 ;; esac }

if (need_guest freedos722.img) >/dev/null; then
    need_guest freedos722.img
    dos=(--snapshot "${guest_file:?}")
    does dos && points dos "${long:-10}" "${dos[@]}" -- --until-screen '^A:.>$' --limit 60s
    # Files are read and written, and text is typed: floppy, overlay and typist are in the middle of something.
    does typed && points typed "${long:-6}" "${dos[@]}" --type '\{screen ^A:.>$}dir /w\ncopy autoexec.bat x.y\ndir\n' -- \
        --limit 14s
    [ -n "$long" ] && does games && points games "$long" "${dos[@]}" --mhz 50 --type '\{screen ^A:.>$}invaders\n' -- \
        --limit 16s
else
    echo "skipped: DOS, no freedos722.img"
fi
if [ -n "$long" ] && [ -f $linux/linux ]; then
    does linux && points linux "$long" -m 64M --kernel $linux/linux --initrd $linux/initrd.gz --append console=ttyS0 -- \
        --limit 12s
fi
[ $tried = 1 ] || exit 77
finish
