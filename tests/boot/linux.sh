#!/usr/bin/env bash
# The kernel and initial RAM disk of Debian's i386 installer: to a shell on the serial console, with disks, CD, floppy and mouse found and
# read; from a CD to the installer's first screen in text mode, by --kernel to the same in a VESA mode. The drivers of disks
# are fetched (linux_guest.inc): without a network they are left out.
. "$(dirname "$0")/boot.inc"
need "$DI/linux" debian-installer-12-netboot-i386
need /usr/lib/ISOLINUX/isolinux.bin isolinux
need "$SYSLINUX/ldlinux.c32" syslinux-common
need xorriso xorriso
need sfdisk fdisk
need cpio cpio
need identify imagemagick
need mkfs.vfat dosfstools
BOOT_TIMEOUT=${BOOT_TIMEOUT:-1200}
# The kernel's own tests of its ciphers take half of its time.
append="cryptomgr.notests"

. "$here/linux_guest.inc"
make_small
make_media

# --- the shell on the serial console; what is typed there goes in when the shell asks ---

says() { verify "Linux $1" grep -aEq "$2" serial.txt; }
typed() {
    local tries=0
    until grep -q 'shell ready' serial.txt 2>/dev/null || [ $tries -ge $((BOOT_TIMEOUT * 2)) ]; do
        sleep 0.5
        tries=$((tries + 1))
    done
    sleep 1
    # shellcheck disable=SC2016  # the guest's shell expands it
    printf 'echo "the answer is $((6 * 7))"\n'
    sleep 2
    printf 'poweroff -f\n'
    sleep 5
}
: >serial.txt
# No --limit: while the shell waits for the host's typing, virtual time passes as fast as the host goes.
typed | timeout "$BOOT_TIMEOUT" "$TICK86" --display none --kernel "$DI/linux" --initrd small.gz --append "console=ttyS0,115200 $append" \
    --hda disk.img --cdrom cd.iso --fda floppy.img --serial stdio >serial.txt 2>err.txt
status=$?
verify "Linux to a shell on the serial console, and off (status $status; $(tail -n 1 err.txt))" [ $status = 0 ]
says "answers in its shell" 'the answer is 42'
says "calibrates its clock by the timer" 'tsc: Fast TSC calibration using PIT|tsc: PIT calibration matches'
says "finds the processor" 'tsc: Detected (199\.9|200\.0)'
says "uses ACPI's tables" 'ACPI: Using IOAPIC for interrupt routing'
says "finds the keyboard" 'AT Translated Set 2 keyboard'
if [ -n "$package" ]; then
    says "finds the disk" 'disk: +8 +0 +65536 sda'
    says "writes and reads it" 'disk written and read'
    says "finds the wheel mouse" 'mouse: .*Explorer Mouse'
    says "mounts the CD" 'CD: a note on the CD'
    says "reads all of it" "CD sum: $(head -c "$(stat -c %s cd.iso)" cd.iso | sha256sum | cut -d' ' -f1)"
    says "mounts the floppy" 'floppy: a note on the floppy'
    verify "and writes it" [ "$(mtype -i floppy.img ::answer.txt)" = "written by Linux" ]
    says "has no errors with them" 'errors: 0'
else
    echo "note: Linux was not asked for disks, since its drivers are not there"
fi
[ "$failures" = 0 ] || tail -n 30 serial.txt

# --- the installer's first screen ---

installer() { # NAME OPTIONS ...
    local name=$1
    shift
    run "$name" -m 512M --limit 150s "$@"
}
installer "the installer from its CD, in text mode" --until-screen 'English +- +English' --cdrom cd.iso
shows "which asks for the language" 'Select a language'
# A picture cannot be waited for, but the kernel's switch to it can, and the installer is there some seconds later.
timeout "$BOOT_TIMEOUT" "$TICK86" --display none -m 512M --limit 75s --kernel "$DI/linux" --initrd "$DI/initrd.gz" --append "vga=788 nomodeset $append" \
    --screenshot "${BOOT_PICTURES:-.}/installer-vesa.png" >out.txt 2>err.txt </dev/null
picture=${BOOT_PICTURES:-.}/installer-vesa.png
verify "the installer in a VESA mode has 800x600 dots" [ "$(identify -format '%w %h' "$picture")" = "800 600" ]
# newt's blue ground with a grey window and a red bar: the most frequent colours say whether it is there.
verify "and shows a dialogue" [ "$(identify -format %k "$picture")" -ge 5 ]
run "a processor without CMOV is refused by the kernel" --limit 30s --cpu pentium --kernel "$DI/linux" --initrd small.gz \
    --until-screen 'This kernel requires the following features not present'
finish
