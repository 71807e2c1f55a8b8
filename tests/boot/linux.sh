#!/usr/bin/env bash
# The kernel and initial RAM disk of Debian's i386 installer: to a shell on the serial console, with disks, CD, floppy and mouse found and
# read; from a CD to the installer's first screen in text mode, by --kernel to the same in a VESA mode. The drivers of disks are
# not in the installer's RAM disk but come from the kernel's own package, which apt fetches: without a network they are left out.
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

# --- drivers ---

version=$(strings -n 20 "$DI/linux" | sed -n 's/^\([0-9][0-9.]*-[0-9]*-686\) .*/\1/p' | head -n 1)
[ -n "$version" ] || version=$(file -b "$DI/linux" | sed -n 's/.*version \([^ ]*\) .*/\1/p')
cache=${TICK86_GUEST_CACHE:-$TICK86_BUILD/guest-cache}
# Fetches the kernel's package of the i386 architecture with lists and caches of its own; nothing is installed.
fetch_modules() {
    local apt=$work/apt options
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$cache"
    : >"$apt/status"
    options="-o Dir::State=$apt -o Dir::State::lists=$apt/lists -o Dir::State::status=$apt/status -o Dir::Cache=$apt/cache
        -o APT::Architecture=i386 -o APT::Architectures::=i386 -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=1"
    # shellcheck disable=SC2086  # a list of words
    (cd "$cache" && timeout 200 apt-get -qq $options update; timeout 200 apt-get -qq $options download "linux-image-$version:i386") >apt.log 2>&1
}
find_package() { package=$(find "$cache" -name "linux-image-${version}_*_i386.deb" 2>/dev/null | head -n 1); }
find_package
if [ -z "$package" ] && [ -n "$version" ]; then
    fetch_modules || echo "note: linux-image-$version of i386 cannot be fetched: $(tail -n 1 apt.log)"
    find_package
fi

# --- a small RAM disk: the installer's busybox, the drivers, and a script that looks at everything ---

modules="scsi_common scsi_mod libata cdrom crc64 crct10dif_common crct10dif_generic crc-t10dif crc64_rocksoft_generic"
modules="$modules crc64-rocksoft t10-pi sd_mod sr_mod ata_piix psmouse floppy nls_cp437 nls_ascii isofs fat vfat"
make_small() {
    mkdir -p all small/bin small/lib/i386-linux-gnu small/proc small/sys small/dev small/mnt small/mod
    (cd all && zcat "$DI/initrd.gz" | cpio -idm --quiet 'bin/busybox' 'lib/i386-linux-gnu/*' 2>/dev/null)
    cp all/bin/busybox small/bin/
    cp -L all/lib/i386-linux-gnu/ld-linux.so.2 all/lib/i386-linux-gnu/libc.so.6 all/lib/i386-linux-gnu/libresolv.so.2 \
        all/lib/i386-linux-gnu/libm.so.6 small/lib/i386-linux-gnu/
    ln -s i386-linux-gnu/ld-linux.so.2 small/lib/ld-linux.so.2
    local tool module
    for tool in sh insmod cat dmesg grep dd cmp mount umount sha256sum cut sleep ls poweroff sync head; do
        ln -s busybox "small/bin/$tool"
    done
    if [ -n "$package" ]; then
        dpkg-deb --fsys-tarfile "$package" | tar -x -C all ./lib/modules
        for module in $modules; do
            find all/lib/modules -name "$module.ko" -exec cp {} small/mod/ \;
        done
    fi
    printf '#!/bin/sh\nmodules="%s"\n' "$modules" >small/init
    cat >>small/init <<'EOF'
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
if [ -e /mod/libata.ko ]; then
    for m in $modules; do insmod /mod/$m.ko; done
    i=0
    while ! { [ -e /dev/sda1 ] && [ -e /dev/sr0 ] && [ -e /dev/fd0 ] && grep -q Mouse /proc/bus/input/devices; } && [ $i -lt 100 ]; do
        sleep 0.1
        i=$((i + 1))
    done
    echo "disk: $(grep 'sda$' /proc/partitions)"
    echo "mouse: $(grep Mouse /proc/bus/input/devices)"
    head -c 1000000 /dev/urandom >/noise
    dd if=/noise of=/dev/sda bs=50k seek=20 conv=fsync 2>/dev/null
    echo 3 >/proc/sys/vm/drop_caches
    dd if=/dev/sda bs=50k skip=20 count=20 2>/dev/null | head -c 1000000 | cmp - /noise && echo "disk written and read"
    mount -t iso9660 -o ro /dev/sr0 /mnt && echo "CD: $(cat /mnt/note.txt)"
    umount /mnt
    echo "CD sum: $(sha256sum </dev/sr0)"
    mount -t vfat /dev/fd0 /mnt && echo "floppy: $(cat /mnt/note.txt)" && echo "written by Linux" >/mnt/answer.txt
    umount /mnt
    echo "errors: $(dmesg | grep -i -c 'I/O error\|lost interrupt\|exception Emask\|irq .*nobody')"
fi
echo "shell ready"
exec sh
EOF
    chmod +x small/init
    (cd small && find . | cpio -o -H newc --quiet | gzip -1) >small.gz
}

make_media() {
    truncate -s 64M disk.img
    printf 'start=2048,type=83\n' | sfdisk -q disk.img
    truncate -s 1440K floppy.img
    mkfs.vfat floppy.img >/dev/null
    echo "a note on the floppy" >note.txt
    mcopy -i floppy.img note.txt ::
    mkdir cd cd/isolinux
    echo "a note on the CD" >cd/note.txt
    cp "$DI/linux" "$DI/initrd.gz" /usr/lib/ISOLINUX/isolinux.bin "$SYSLINUX/ldlinux.c32" cd/isolinux/
    printf 'DEFAULT install\nLABEL install\n KERNEL linux\n APPEND initrd=initrd.gz nomodeset %s\n' "$append" >cd/isolinux/isolinux.cfg
    xorriso -as mkisofs -quiet -o cd.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
        -boot-info-table cd 2>/dev/null || exit 1
}

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
installer "the installer from its CD, in text mode" --until-screen 'Choose the language|Select a language' --cdrom cd.iso
shows "and its languages" 'English'
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
