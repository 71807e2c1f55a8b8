#!/usr/bin/env bash
# GRUB from a floppy, a hard disk and a CD: its menu, its modules, files of the medium read through our BIOS, the PCI BIOS' and APM's answers.
. "$(dirname "$0")/boot.inc"
need "$GRUB/boot.img" grub-pc-bin
need grub-mkimage grub-common
need mformat mtools
need xorriso xorriso
need sfdisk fdisk
need mkfs.vfat dosfstools

modules="biosdisk part_msdos fat iso9660 normal echo configfile test ls cat minicmd terminal multiboot halt sleep lspci"
menu() { # MEDIUM
    cat <<EOF
set timeout=30
menuentry "Greet from $1" {
    echo "greetings from $1"
    cat /note.txt
    lspci
    sleep 1
    halt
}
menuentry "Another" { echo other; sleep 1 }
EOF
}
echo "a file of this medium" >note.txt

# The core image follows the boot sector, which holds the sector of its first part, and that the block list of the rest.
# Our images have it from sector 1 on, as grub-bios-setup would put it on a disk.
core() { # PREFIX DRIVE
    grub-mkimage -d "$GRUB" -O i386-pc -p "$1" -o core.img $modules || exit 1
    cp "$GRUB/boot.img" boot.img
}

# A floppy with a FAT file system has its core in reserved sectors, in front of the first FAT.
make_floppy() {
    core '(fd0)/boot/grub'
    local sectors=$((($(stat -c %s core.img) + 511) / 512))
    truncate -s 1440K grub.img
    mkfs.vfat -F 12 -R $((sectors + 1)) grub.img >/dev/null
    merge_boot_sector grub.img 62
    dd if=core.img of=grub.img bs=512 seek=1 conv=notrunc status=none
    mmd -i grub.img ::/boot ::/boot/grub
    menu floppy >grub.cfg
    mcopy -i grub.img grub.cfg ::/boot/grub/grub.cfg
    mcopy -i grub.img note.txt ::/note.txt
}

# merge_boot_sector IMAGE CODE: GRUB's boot code around the BIOS parameter block or partition table that is there.
merge_boot_sector() {
    dd if=boot.img of="$1" bs=1 count=3 conv=notrunc status=none
    dd if=boot.img of="$1" bs=1 skip="$2" seek="$2" count=$((440 - $2)) conv=notrunc status=none
    printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}

make_disk() {
    core '(hd0,msdos1)/boot/grub'
    truncate -s 16M disk.img
    printf 'start=2048,type=6,bootable\n' | sfdisk -q disk.img
    mformat -i disk.img@@1M -T 30720 -h 16 -s 63 -H 2048 ::
    merge_boot_sector disk.img 90
    dd if=core.img of=disk.img bs=512 seek=1 conv=notrunc status=none
    mmd -i disk.img@@1M ::/boot ::/boot/grub
    menu "hard disk" >grub.cfg
    mcopy -i disk.img@@1M grub.cfg ::/boot/grub/grub.cfg
    mcopy -i disk.img@@1M note.txt ::/note.txt
}

make_cd() {
    mkdir -p cd/boot/grub
    menu CD >cd/boot/grub/grub.cfg
    cp note.txt cd/note.txt
    grub-mkrescue -d "$GRUB" --fonts= --locales= --themes= -o grub.iso cd >mkrescue.log 2>&1 || { cat mkrescue.log; exit 1; }
}

make_floppy
make_disk
make_cd
for medium in "floppy grub.img" "hard-disk disk.img" "CD grub.iso"; do
    name=${medium% *} image=${medium#* }
    run "GRUB's menu from $name" --limit 20s --until-screen 'automatically in [0-9]+s' "$image"
    shows "with its entries" "Greet from ${name/-/ }"
    run "GRUB from $name" --limit 20s --until-screen '00:02.0' --type '\{screen automatically in}\n' "$image" || continue
    shows "greets" "greetings from ${name/-/ }"
    shows "and reads a file" 'a file of this medium'
done
finish
