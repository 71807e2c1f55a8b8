#!/usr/bin/env bash
# Ways to start that installers and boot managers use: MEMDISK with the image of a hard disk, chain.c32 from a hard disk, EXTLINUX, El Torito
# emulating a hard disk and floppies, discs that are hard disks as well, Linux by GRUB's linux16 and linux; each under SeaBIOS too.
. "$(dirname "$0")/boot.inc"
need syslinux syslinux
need "$SYSLINUX/chain.c32" syslinux-common
need /usr/lib/ISOLINUX/isolinux.bin isolinux
need /usr/lib/ISOLINUX/isohdpfx.bin isolinux
need "$GRUB/boot.img" grub-pc-bin
need grub-mkrescue grub-common
need "$DI/linux" debian-installer-12-netboot-i386
need mformat mtools
need mkfs.vfat dosfstools
need sfdisk fdisk
need xorriso xorriso
seabios=
[ ! -e /usr/share/seabios/bios-256k.bin ] || seabios=/usr/share/seabios/bios-256k.bin

# both NAME OPTIONS ...: with our firmware and with SeaBIOS.
both() {
    local name=$1
    shift
    run "$name" "$@"
    [ -z "$seabios" ] || run "$name, under SeaBIOS" --bios "$seabios" "$@"
}

# A sector that says TEXT and which drive DL is, as a letter of DOS, and stops.
say_sector() { # FILE SECTOR TEXT
    # cli; cld; xor ax, ax; mov ds, ax; mov si, TEXT; lodsb; mov ah, 0Eh; int 10h; test al, al; jne; mov al, "A"; test dl, dl; jns;
    # mov al, "C" - 80h; add al, dl; mov ah, 0Eh; int 10h; hlt; jmp
    printf '\xFA\xFC\x31\xC0\x8E\xD8\xBE\x25\x7C\xAC\xB4\x0E\xCD\x10\x84\xC0\x75\xF7\xB0\x41\x84\xD2\x79\x02\xB0\xC3\x00\xD0\xB4\x0E\xCD\x10\xFB\xF4\xEB\xFC\x90%s\0' "$3" |
        dd of="$1" bs=512 seek="$2" conv=notrunc status=none
    printf '\125\252' | dd of="$1" bs=1 seek=$(($2 * 512 + 510)) conv=notrunc status=none
}

# --- a hard disk with SYSLINUX and a second partition ---

truncate -s 24M disk.img
printf 'start=2048,size=40960,type=6,bootable\nstart=43008,type=6\n' | sfdisk -q disk.img
dd if=/usr/lib/syslinux/mbr/mbr.bin of=disk.img bs=440 count=1 conv=notrunc status=none
say_sector disk.img 43008 'second partition, drive'
truncate -s 20M part.img
mkfs.vfat -F 16 -h 2048 part.img >/dev/null
syslinux --install part.img || exit 1

# The disk that MEMDISK makes of an image: its own table of partitions, and one more partition to start.
truncate -s 4M small.img
printf 'start=63,type=6,bootable\n' | sfdisk -q small.img 2>/dev/null
dd if=/usr/lib/syslinux/mbr/mbr.bin of=small.img bs=440 count=1 conv=notrunc status=none
say_sector small.img 63 'disk in memory, drive'
truncate -s 1440K floppy.img
say_sector floppy.img 0 'floppy, drive'
gzip -k small.img

cat >syslinux.cfg <<'END'
SAY greetings
PROMPT 1
TIMEOUT 0
DEFAULT second
LABEL second
  COM32 chain.c32
  APPEND boot 2
LABEL other
  COM32 chain.c32
  APPEND hd1 1 swap
LABEL unswapped
  COM32 chain.c32
  APPEND hd1 1
LABEL floppy
  COM32 chain.c32
  APPEND fd0
LABEL memory
  LINUX memdisk
  APPEND harddisk
  INITRD small.gz
LABEL raw
  LINUX memdisk
  APPEND harddisk raw
  INITRD small.gz
LABEL bigraw
  LINUX memdisk
  APPEND harddisk bigraw
  INITRD small.gz
LABEL int
  LINUX memdisk
  APPEND harddisk int
  INITRD small.gz
END
mv small.img.gz small.gz
mcopy -i part.img syslinux.cfg small.gz "$SYSLINUX/chain.c32" "$SYSLINUX/libcom32.c32" "$SYSLINUX/libutil.c32" /usr/lib/syslinux/memdisk ::
dd if=part.img of=disk.img bs=1M seek=1 conv=notrunc status=none
choose() { # NAME LABEL REGEX OPTIONS
    local name=$1 label=$2 regex=$3
    shift 3
    both "$name" --limit 30s --type "\\{screen boot:}$label\\n" --until-screen "$regex" --hda disk.img --boot c "$@"
}
choose "chain.c32 starts the second partition" second 'second partition, drive.C'
choose "chain.c32 starts another disk and swaps drives" other 'disk in memory, drive.C' --hdb small.img
choose "chain.c32 starts another disk" unswapped 'disk in memory, drive.D' --hdb small.img
choose "chain.c32 starts a floppy" floppy 'floppy, drive.A' --fda floppy.img
choose "MEMDISK makes a hard disk" memory 'disk in memory, drive.C'
choose "MEMDISK with INT 15h 87h" int 'disk in memory, drive.C'
choose "MEMDISK in unreal mode" raw 'disk in memory, drive.C'
choose "MEMDISK in big real mode" bigraw 'disk in memory, drive.C'

# --- EXTLINUX, which installs itself into a mounted file system ---

if [ "$(id -u)" = 0 ] && command -v extlinux mke2fs >/dev/null && mkdir mnt && truncate -s 20M ext.img && mke2fs -q -t ext4 -O ^64bit ext.img &&
    mount -o loop ext.img mnt 2>/dev/null; then
    printf 'SAY greetings from ext4\nPROMPT 1\nTIMEOUT 0\n' >mnt/extlinux.conf
    extlinux --install mnt >extlinux.log 2>&1
    umount mnt
    cp disk.img ext-disk.img
    dd if=ext.img of=ext-disk.img bs=1M seek=1 conv=notrunc status=none
    both "EXTLINUX" --limit 30s --until-screen 'greetings from ext4' --hda ext-disk.img --boot c
else
    echo "note: EXTLINUX is not tried (Debian package extlinux; root, a loop device)"
fi

# --- El Torito: the disc's image is a floppy or a hard disk ---

emulated() { # NAME REGEX IMAGE OPTIONS OF XORRISO ...
    local name=$1 regex=$2 image=$3
    shift 3
    rm -rf cd cd.iso
    mkdir cd
    cp "$image" cd/boot.img
    xorriso -as mkisofs -quiet -o cd.iso -b boot.img -c boot.cat "$@" cd 2>/dev/null || bad "$name: no disc"
    both "El Torito: $name" --limit 30s --cdrom cd.iso --boot d --until-screen "$regex"
}
emulated "a floppy of 1.44 MB" 'floppy, drive.A' floppy.img
truncate -s 2880K big-floppy.img
say_sector big-floppy.img 0 'floppy of 2.88 MB, drive'
emulated "a floppy of 2.88 MB" 'floppy of 2.88 MB, drive.A' big-floppy.img
emulated "a hard disk" 'disk in memory, drive.C' small.img -hard-disk-boot
# xorriso wants one partition only.
sfdisk -q --delete disk.img 2
emulated "a hard disk with SYSLINUX on it" 'greetings' disk.img -hard-disk-boot

# --- discs that are hard disks as well, and Linux by GRUB ---

both_ways() { # NAME IMAGE REGEX OPTIONS ...
    local name=$1 image=$2 regex=$3
    shift 3
    run "$name as a disc" --limit 60s --cdrom "$image" --boot d --until-screen "$regex" "$@"
    both "$name as a hard disk" --limit 60s --hda "$image" --boot c --until-screen "$regex" "$@"
}
mkdir -p iso/isolinux
cp /usr/lib/ISOLINUX/isolinux.bin "$SYSLINUX/ldlinux.c32" iso/isolinux/
printf 'SAY greetings from ISOLINUX\nPROMPT 1\nTIMEOUT 0\n' >iso/isolinux/isolinux.cfg
xorriso -as mkisofs -quiet -o hybrid.iso -isohybrid-mbr /usr/lib/ISOLINUX/isohdpfx.bin -b isolinux/isolinux.bin -c isolinux/boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table iso 2>/dev/null
both_ways "ISOLINUX's hybrid" hybrid.iso 'greetings from ISOLINUX'

mkdir -p grub/boot/grub
cp "$DI/linux" grub/linux
cp /usr/lib/ISOLINUX/isolinux.bin grub/
say_sector chain.bin 0 'chained sector, drive'
cp chain.bin grub/
cat >grub/boot/grub/grub.cfg <<'END'
set timeout=-1
menuentry linux16 { linux16 /linux cryptomgr.notests quiet vga=normal
}
menuentry linux { linux /linux cryptomgr.notests quiet
}
menuentry chainloader { chainloader --force /chain.bin
}
END
grub-mkrescue -d "$GRUB" --locales= --themes= --fonts= -o grub.iso grub >mkrescue.log 2>&1 || { cat mkrescue.log; exit 1; }
run "Linux by GRUB's linux16 from the disc" --limit 60s --cdrom grub.iso --boot d --until-screen 'not syncing: VFS' --type '\{screen linux16}\n' -m 128M
run "Linux by GRUB's linux from the hard disk" --limit 60s --hda grub.iso --boot c --until-screen 'not syncing: VFS' --type '\{screen linux16}\{down}\n' -m 128M
both "GRUB's chainloader" --limit 60s --hda grub.iso --boot c --until-screen 'chained sector, drive.C' --type '\{screen linux16}\{down}\{down}\n'
finish
