#!/usr/bin/env bash
# What other programs of Debian's packages make of this machine: GRUB's own tests and its looks at APM, ACPI, PCI, SMBIOS, processor, clock and
# VBE; SYSLINUX's hdt, vesainfo, pcitest, dmitest, cpuid and chain. With FULL_TESTS=1 in the environment
# GRUB draws a text in all its modes of colour, here and in QEMU: the pictures' sums that it finds otherwise than its authors, who had another font,
# must be the same (some minutes).
. "$(dirname "$0")/boot.inc"
need "$GRUB/functional_test.mod" grub-pc-bin
need grub-mkrescue grub-common
need xorriso xorriso
need mformat mtools
need /usr/lib/ISOLINUX/isolinux.bin isolinux
need "$SYSLINUX/hdt.c32" syslinux-common
need syslinux syslinux
need mkfs.vfat dosfstools
BOOT_TIMEOUT=${BOOT_TIMEOUT:-600}

# --- GRUB ---

tests="shift_test mul_test cmp_test ctz_test bswap_test sleep_test signature_test pbkdf2_test xnu_uuid_test div_test setjmp_test exfctest"
grub_cd() { # IMAGE: of the folder grub, with grub.cfg from standard input
    mkdir -p grub/boot/grub/fonts
    cp /usr/share/grub/unicode.pf2 grub/boot/grub/fonts/
    cat >grub/boot/grub/grub.cfg
    grub-mkrescue -d "$GRUB" --locales= --themes= --fonts=unicode -o "$1" grub >mkrescue.log 2>&1 || { cat mkrescue.log; exit 1; }
}
commands() { # TEST ...
    printf 'serial --unit=0\nterminal_output serial\nlsapm\nlsacpi\nlspci\ndate\nvbeinfo\n'
    printf 'if cpuid -l; then echo it has long mode; else echo it has no long mode; fi\ninsmod functional_test\n'
    printf 'insmod %s\n' "$@"
    printf 'functional_test %s\n' "$@"
    printf 'echo all is said\nsleep 1\nhalt\n'
}
says() { verify "GRUB: $1" grep -aEq "$2" serial.txt; }
# shellcheck disable=SC2086  # a list of words
commands $tests | grub_cd grub.iso
truncate -s 8M disk.img
run "GRUB looks at the machine" --limit 3000s --cdrom grub.iso --hda disk.img --boot d --serial file:serial.txt --until-serial 'all is said'
tr -d '\r' <serial.txt >plain.txt && mv plain.txt serial.txt
says "APM 1.2" 'Version 1\.2'
says "with all interfaces" '32-bit protected interface supported'
says "ACPI's root" 'RSDPv1 signature:RSD PTR .*\(valid\), OEM-ID: TICK86'
says "the FADT's sum" '^FACP .*\(valid\)'
says "the MADT's sum" '^APIC .*\(valid\)'
says "the timer's override" 'Int Override bus=0 src=0 GSI=00000002'
verify "GRUB: no bad sum" [ "$(grep -c invalid serial.txt)" = 0 ]
says "the host bridge" '^00:00\.0 8086:1237 \[0600\] Host Bridge'
says "the VGA" '\[0300\] VGA Controller'
says "the clock" '^2001-01-01 00:00:[0-9]+ Monday'
says "VBE 3.0" 'VBE info: +version: 3\.0'
says "a mode of 800x600 in 16 bits" ' 800 x +600 x 16 .*Direct color, mask: 5/6/5'
says "the monitor's EDID" 'EDID version: 1\.3'
says "no long mode" 'it has no long mode'
for name in $tests; do
    says "$name" "^$name: PASS"
done

sums() { tr -d '\r' <"$1" | tr '\n' ' ' | grep -oE 'cmdline_cat_[0-9a-z]+:[0-9]+ +failed: 0x[0-9a-f]+' | tr -s ' ' | sort -u; }
if [ -n "${FULL_TESTS:-}" ]; then
    need qemu-system-i386 qemu-system-x86
    commands cmdline_cat_test | grub_cd drawing.iso
    run "GRUB draws" --limit 3000s --cdrom drawing.iso --serial file:serial.txt --until-serial 'all is said'
    sums serial.txt >here.txt
    timeout "$BOOT_TIMEOUT" qemu-system-i386 -display none -m 128 -cdrom drawing.iso -serial file:serial.txt -net none -no-reboot
    sums serial.txt >qemu.txt
    verify "GRUB's pictures are QEMU's ($(wc -l <here.txt))" cmp here.txt qemu.txt
    verify "and they are many" [ "$(wc -l <here.txt)" -gt 100 ]
fi

# --- SYSLINUX's modules, on the serial console too ---

make_floppy() { # MODULE [OPTIONS]: starts it at once
    local module=$1 library
    shift
    rm -f floppy.img
    truncate -s 1440K floppy.img
    mkfs.vfat floppy.img >/dev/null
    syslinux --install floppy.img || exit 1
    printf 'SERIAL 0 115200\nDEFAULT it\nLABEL it\n  COM32 %s.c32\n  APPEND %s\n' "$module" "$*" >syslinux.cfg
    mcopy -i floppy.img syslinux.cfg "$SYSLINUX/$module.c32" ::
    for library in libcom32 libutil libmenu libgpl; do
        mcopy -i floppy.img "$SYSLINUX/$library.c32" ::
    done
}
module() { # MODULE REGEX [OPTIONS]: what it says at the end
    local name=$1 until=$2
    shift 2
    make_floppy "$name" "$@"
    run "SYSLINUX's $name" --limit 60s --fda floppy.img --hda target.img --boot a --serial file:serial.txt --until-serial "$until"
}
make_target() { # a disk whose partition says that it was started
    truncate -s 4M target.img
    printf 'start=2048,type=6,bootable\n' | sfdisk -q target.img
    # The letter "*" by INT 10h and by COM1, then a stop: B4 0E B0 2A CD 10 BA F8 03 EE F4 EB FD
    printf '\264\016\260\052\315\020\272\370\003\356\364\353\375' | dd of=target.img bs=512 seek=2048 conv=notrunc status=none
    printf '\125\252' | dd of=target.img bs=1 seek=$((2048 * 512 + 510)) conv=notrunc status=none
}
need sfdisk fdisk
make_target
module cpuid '756e6547' 0
module dmitest 'DMI 2\.[0-9]+ present'
module hdt 'Intel' nomenu "auto='show summary'"
module pcitest '8086|PCI'
module vesainfo '800 *x *600|0x?11[0-9]'
module chain '[*]' 'hd0 1'
finish
