#!/usr/bin/env bash
# Debian's firmware in place of ours: SeaBIOS boots DOS, a hard disk and a CD; every VGA BIOS there is shows DOS's prompt, below
# SeaBIOS and below our BIOS.
. "$(dirname "$0")/boot.inc"
need /usr/share/seabios/bios.bin seabios
need /usr/share/vgabios/vgabios.bin vgabios
need sfdisk fdisk
need xorriso xorriso
need /usr/lib/ISOLINUX/isolinux.bin isolinux
need "$SYSLINUX/ldlinux.c32" syslinux-common
need_freedos
seabios=/usr/share/seabios
vgabios=/usr/share/vgabios
prompt() { # NAME OPTIONS ...
    local name=$1
    shift
    run "$name" --limit 40s --until-screen '^A:.>$' --snapshot "$@" "$FREEDOS"
}

for bios in bios.bin bios-256k.bin; do
    prompt "SeaBIOS ($bios) boots FreeDOS" --bios $seabios/$bios
done
prompt "SeaBIOS with its VGA BIOS of the standard VGA" --bios $seabios/bios-256k.bin --vgabios $seabios/vgabios-stdvga.bin
prompt "SeaBIOS with its VGA BIOS of an ISA VGA" --bios $seabios/bios.bin --vgabios $seabios/vgabios-isavga.bin
prompt "SeaBIOS with the LGPL VGA BIOS" --bios $seabios/bios.bin --vgabios $vgabios/vgabios.stdvga.bin
# Its own initialisation reads the monitor's EDID from above 1 MB.
prompt "our BIOS with SeaBIOS's VGA BIOS of the standard VGA" --vgabios $seabios/vgabios-stdvga.bin
prompt "our BIOS with SeaBIOS's VGA BIOS of an ISA VGA" --vgabios $seabios/vgabios-isavga.bin
prompt "our BIOS with the LGPL VGA BIOS" --vgabios $vgabios/vgabios.bin
prompt "our BIOS with the LGPL VGA BIOS of the standard VGA" --vgabios $vgabios/vgabios.stdvga.bin

# SeaBIOS boots a hard disk in CHS and LBA (syslinux's master boot record says that there is no system), and a CD.
truncate -s 20M disk.img
printf 'start=63,type=6\n' | sfdisk -q disk.img 2>/dev/null
dd if=/usr/lib/syslinux/mbr/mbr.bin of=disk.img bs=440 count=1 conv=notrunc status=none
run "SeaBIOS boots a hard disk" --limit 40s --bios $seabios/bios-256k.bin --hda disk.img --boot c --until-screen 'Missing operating system'
mkdir -p cd/isolinux
cp /usr/lib/ISOLINUX/isolinux.bin "$SYSLINUX/ldlinux.c32" cd/isolinux/
printf 'SAY greetings from CD\nPROMPT 1\nTIMEOUT 0\n' >cd/isolinux/isolinux.cfg
xorriso -as mkisofs -quiet -o cd.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
    -boot-info-table cd 2>/dev/null || exit 1
run "SeaBIOS boots a CD" --limit 40s --bios $seabios/bios-256k.bin --cdrom cd.iso --boot d --until-screen 'greetings from CD'
finish
