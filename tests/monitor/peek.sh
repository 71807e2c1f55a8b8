#!/usr/bin/env bash
# The monitor is asked for everything that it can show at many points of a boot: the run ends bit for bit as the one
# that nobody looked at. The whole of Linux's boot: peek 24 50 with the options below, two minutes.
. "$(dirname "$0")/../front/front.inc"
PEEK=${PEEK:-$(dirname "$TICK86")/tests/monitor/peek}
[ -x "$PEEK" ] || { echo "$PEEK is not built"; exit 77; }
here=${here:?}/../front make_guest

# same NAME SECONDS POINTS OPTIONS...
same() {
    local name=$1
    shift
    verify "$name" "$PEEK" "$@"
}
truncate -s 8M disk.img
truncate -s 1474560 second.img
same "the tests' own guest, each 50 ms" 2 40 --fda guest.img --hda disk.img --fdb second.img --cdrom disk.img
same "a 486" 1 10 --fda guest.img --cpu 486
same "a 386" 1 5 --fda guest.img --cpu 386
same "the demo" 3 15 --fda "$(dirname "$TICK86")/demo/demo.img"
linux=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386
if [ -f $linux/linux ]; then
    same "Linux's start" 3 10 -m 128M --kernel $linux/linux --initrd $linux/initrd.gz --append console=ttyS0
else
    echo "skipped: Linux's boot; the package debian-installer-12-netboot-i386 is not installed"
fi
need_guest freedos722.img
same "FreeDOS to its prompt" 12 60 --fda "${guest_file:?}"
finish
