#!/usr/bin/env bash
# SYSLINUX from a floppy and a hard disk, ISOLINUX from a CD: prompt, modules, the BIOS' memory map as they see it, the
# vesamenu in a VBE mode, and MEMDISK, which boots FreeDOS from a floppy image in memory.
. "$(dirname "$0")/boot.inc"
need syslinux syslinux
need "$SYSLINUX/ldlinux.c32" syslinux-common
need /usr/lib/ISOLINUX/isolinux.bin isolinux
need mformat mtools
need mkfs.vfat dosfstools
need sfdisk fdisk
need xorriso xorriso

modules="ldlinux.c32 libcom32.c32 libutil.c32 meminfo.c32 cmd.c32 libmenu.c32 menu.c32 vesamenu.c32"
mkdir files
for module in $modules; do
    cp "$SYSLINUX/$module" files/ || exit 1
done
cp /usr/lib/syslinux/memdisk files/
[ ! -e "$GUESTS/freedos722.img" ] || cp "$GUESTS/freedos722.img" files/dos.img

config() { # MEDIUM
    cat <<EOF
SAY greetings from $1
PROMPT 1
TIMEOUT 0
DEFAULT mem
LABEL mem
  COM32 meminfo.c32
LABEL menu
  COM32 menu.c32
LABEL vesa
  COM32 vesamenu.c32
LABEL dos
  LINUX memdisk
  INITRD dos.img
EOF
}

make_floppy() {
    truncate -s 1440K floppy.img
    mkfs.vfat floppy.img >/dev/null
    syslinux --install floppy.img || exit 1
    config floppy >syslinux.cfg
    mcopy -i floppy.img syslinux.cfg files/meminfo.c32 files/lib*.c32 files/menu.c32 ::
}
make_disk() {
    truncate -s 24M disk.img
    printf 'start=2048,type=6,bootable\n' | sfdisk -q disk.img
    dd if=/usr/lib/syslinux/mbr/mbr.bin of=disk.img bs=440 count=1 conv=notrunc status=none
    truncate -s 23M part.img
    mkfs.vfat -F 16 -h 2048 part.img >/dev/null
    syslinux --install part.img || exit 1
    config "hard disk" >syslinux.cfg
    mcopy -i part.img syslinux.cfg files/* ::
    dd if=part.img of=disk.img bs=1M seek=1 conv=notrunc status=none
}
make_cd() {
    mkdir -p cd/isolinux
    cp files/* /usr/lib/ISOLINUX/isolinux.bin cd/isolinux/
    config CD >cd/isolinux/isolinux.cfg
    xorriso -as mkisofs -quiet -o cd.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
        -boot-info-table cd 2>/dev/null || exit 1
}

make_floppy
make_disk
make_cd
for medium in "floppy SYSLINUX floppy.img" "hard-disk SYSLINUX disk.img" "CD ISOLINUX cd.iso"; do
    read -r name loader image <<<"$medium"
    run "$loader from ${name/-/ }" --limit 30s --until-screen 'boot:' "$image" || continue
    shows "says who it is" "^$loader 6"
    shows "reads its configuration" "greetings from ${name/-/ }"
    run "$loader's memory map from ${name/-/ }" --limit 60s --until-screen 'INT 15h AX=88|INT 15h AX=E801|E801' --type '\{screen boot:}mem\n' "$image"
done
run "SYSLINUX' menu" --limit 60s --until-screen 'Press \[Tab\]|automatic boot|dos' --type '\{screen boot:}menu\n' disk.img
if [ -e files/dos.img ]; then
    run "MEMDISK boots FreeDOS from the CD" --limit 60s --until-screen '^A:.>' --type '\{screen boot:}dos\n' cd.iso
    run "MEMDISK boots FreeDOS from the hard disk" --limit 60s --until-screen '^A:.>' --type '\{screen boot:}dos\n' disk.img
fi
finish
