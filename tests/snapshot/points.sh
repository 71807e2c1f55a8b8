#!/usr/bin/env bash
# Restored in a new process at random points of a boot a run ends bit for bit as the unbroken one: state, figures,
# picture, text. In short as part of the tests; in full: points.sh POINTS [SEED] [dos|typed|games|armed|linux ...]
# shellcheck disable=SC2154  # guest_file and here are front.inc's
. "$(dirname "$0")/../front/front.inc"
. "$here/points.inc"
long=${1:-}
RANDOM=${2:-$(date +%N | sed 's/^0*//')}
seed=${2:-$RANDOM}
RANDOM=$seed
shift $(($# < 2 ? $# : 2))
wanted=" ${*:-dos typed games armed linux} "
# Of many points each 25th is gone on from to the end by itself, too.
each=$((${long:-0} > 100 ? 25 : 1))
tried=0
echo "seed $seed"
does() { case $wanted in *" $1 "*) tried=1 ;; *) return 1 ;; esac }

if (need_guest freedos722.img) >/dev/null; then
    need_guest freedos722.img
    dos=(--snapshot "${guest_file:?}")
    does dos && points dos "${long:-10}" $each "${dos[@]}" -- --until-screen '^A:.>$' --limit 60s
    # Files are read and written, and text is typed: floppy, overlay and typist are in the middle of something.
    does typed && points typed "${long:-6}" $each "${dos[@]}" --type '\{screen ^A:.>$}dir /w\ncopy autoexec.bat x.y\ndir\n' -- \
        --limit 14s
    [ -n "$long" ] && does games && points games "$long" $each "${dos[@]}" --mhz 50 --type '\{screen ^A:.>$}invaders\n' -- \
        --limit 16s
else
    echo "skipped: DOS, no freedos722.img"
fi

# Breakpoints of the guest's debug registers: they hit as before in a process that has not seen them armed.
armed=${TICK86_BUILD:-$(dirname "$TICK86")}/tests/system/armed.img
if [ -f "$armed" ]; then
    does armed && points armed "${long:-20}" $each -m 32M --snapshot "$armed" -- --limit 300000000i
else
    echo "skipped: armed breakpoints, $armed is not built"
fi

# Linux from its first instruction to where it switches the machine off: paging, interrupts of the APIC, and with its drivers
# the disk written and read, CD, floppy and mouse.
linux() {
    DI=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386 SYSLINUX=/usr/lib/syslinux/modules/bios
    TICK86_BUILD=${TICK86_BUILD:-$(dirname "$TICK86")} PATH=$PATH:/usr/sbin:/sbin
    export MTOOLS_SKIP_CHECK=1
    local tool append="console=ttyS0 console=tty0 cryptomgr.notests off"
    for tool in "$DI/linux" "$SYSLINUX/ldlinux.c32" /usr/lib/ISOLINUX/isolinux.bin xorriso sfdisk cpio mkfs.vfat mcopy; do
        command -v "$tool" >/dev/null || [ -f "$tool" ] || { echo "skipped: Linux, no $tool"; return; }
    done
    . "$here/../boot/linux_guest.inc"
    make_small
    make_media
    points linux "${long:-4}" $((each > 1 ? each * 2 : 100)) -m 64M --snapshot --kernel "$DI/linux" --initrd small.gz --append "$append" \
        --hda disk.img --cdrom cd.iso --fda floppy.img -- --limit 100s
    verify "Linux got to its end" grep -q '"end": "power-off"' whole.json
}
does linux && linux
[ $tried = 1 ] || exit 77
finish
