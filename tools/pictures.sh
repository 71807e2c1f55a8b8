#!/usr/bin/env bash
# Makes the pictures in docs/pictures/ anew: each is what the machine shows after some keys, so they change only when
# the program does. FreeDOS's floppy is looked for in TICK86_GUESTS and ../shared/guests; it is free software, but no part of tick86.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
tick86=${TICK86:-build/tick86}
folder=docs/pictures
mkdir -p $folder
freedos=${TICK86_GUESTS:-../shared/guests}/freedos722.img

# picture NAME ARGUMENTS ...; the run ends at its --limit (124) or --until (0).
picture() {
    local name=$1 status=0
    shift
    "$tick86" --display none --screenshot "$folder/$name.png" "$@" 2>/dev/null || status=$?
    case $status in 0 | 124) echo "$folder/$name.png" ;; *) return $status ;; esac
}

picture demo --limit 4s
picture demo-mode13 --limit 8s --type '\{wait 3s}2'
picture demo-vesa --limit 8s --type '\{wait 3s}4'
picture demo-processor --limit 8s --type '\{wait 3s}9'
gtk=/usr/lib/debian-installer/images/12/i386/gtk/debian-installer/i386
[ ! -f $gtk/linux ] || picture guest-installer-gtk -m 768M --limit 112s --kernel $gtk/linux --initrd $gtk/initrd.gz \
    --append "vga=788 nomodeset cryptomgr.notests" --type '\{wait 100s}\{mouse -200 100}\{wait 500ms}\{mouse left}\{mouse}\{wait 8s}'
[ -f "$freedos" ] || { echo "$freedos is not there; the other pictures stay as they are"; exit 0; }
prompt='\{screen ^A:.>$}'
picture freedos --snapshot "$freedos" --until-screen '^A:.>$' --limit 60s
picture freedos-dir --snapshot "$freedos" --limit 16s --type "${prompt}dir /w\nver\n"
picture invaders --snapshot "$freedos" --limit 22s --mhz 60 --type "${prompt}invaders\n\{wait 3s} \{wait 1s}"

# The screens of the guests that tests/boot/ starts, see docs/guests.md: NAME TEST PICTURE. A test whose packages are not
# installed leaves its pictures as they are.
guests="\
guest-grub grub GRUB-s-menu-from-floppy
guest-syslinux syslinux SYSLINUX--menu
guest-isolinux syslinux ISOLINUX-s-memory-map-from-CD
guest-memdisk syslinux MEMDISK-boots-FreeDOS-from-the-CD
guest-dos-format dos_disk DOS-partitions-and-formats-a-disk-of-20-MB
guest-dos-disk dos_disk DOS-starts-from-it
guest-memtest memtest memtest86--from-its-CD
guest-installer linux the-installer-from-its-CD--in-text-mode
guest-installer-vesa linux installer-vesa
guest-ipxe network iPXE-from-its-CD
guest-seabios other_firmware SeaBIOS--bios-bin--boots-FreeDOS"
shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT
for test in $(awk '{ print $2 }' <<<"$guests" | sort -u); do
    TICK86_BUILD=$PWD/build BOOT_PICTURES=$shots bash "tests/boot/$test.sh" | grep -E '^(NOT OK|skipped)' || true
done
while read -r name _ shot; do
    [ ! -f "$shots/$shot.png" ] || { cp "$shots/$shot.png" "$folder/$name.png" && echo "$folder/$name.png"; }
done <<<"$guests"
