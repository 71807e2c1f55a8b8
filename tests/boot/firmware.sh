#!/usr/bin/env bash
# What the firmware tells and asks before anything boots: the order of drives, the menu, diskettes without a signature, why a
# drive does not boot, a CMOS whose sum is wrong.
. "$(dirname "$0")/boot.inc"

# boot_sector FILE SIZE TEXT [nosignature]: a medium whose first sector says TEXT and halts.
boot_sector() {
    truncate -s "$2" "$1"
    # cli; cld; mov si, 7C12h; lodsb; mov ah, 0Eh; int 10h; test al, al; jne; hlt; jmp
    printf '\xFA\xFC\x31\xC0\x8E\xD8\xBE\x17\x7C\xAC\xB4\x0E\xCD\x10\x84\xC0\x75\xF7\xFB\xF4\xEB\xFC\x90%s\0' "$3" |
        dd of="$1" conv=notrunc status=none
    [ -n "${4:-}" ] || printf '\x55\xAA' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}
boot_sector floppy.img 1440K 'floppy was here'
boot_sector unsigned.img 1440K 'unsigned floppy was here' nosignature
boot_sector disk.img 8M 'disk was here'
boot_sector unsigned-disk.img 8M 'unsigned disk was here' nosignature
truncate -s 1440K zeros.img
truncate -s 8M blank-disk.img
tr '\0' '\366' <zeros.img >formatted.img

both="--fda floppy.img --hda disk.img --limit 10s"
# shellcheck disable=SC2086  # words
{
    run "the floppy goes first" $both --until-screen 'floppy was here'
    run "--boot ca: the disk goes first" $both --boot ca --until-screen 'disk was here'
    run "F12 opens the menu, which boots what is chosen" $both --boot-menu --type '\{screen F12}\{f12}\{screen usual order}2' \
        --until-screen 'disk was here'
    run "Esc in the menu is the usual order" $both --boot-menu --type '\{screen F12}\e\{screen usual order}\e' \
        --until-screen 'floppy was here'
    run "without a key the menu's time runs out" $both --boot-menu --until-screen 'floppy was here'
}
run "a floppy boots without a signature" --fda unsigned.img --limit 10s --until-screen 'unsigned floppy was here'

run "a disk does not, nor do a blank one and an empty CD drive" --fda zeros.img --hda unsigned-disk.img --hdb blank-disk.img \
    --cdrom none --limit 20s --until-screen 'No bootable device'
shows "the floppy's reason" '^Not bootable: its first sector is no boot sector'
shows "the CD's reason" '^Not bootable: no disc'
run "nor does a floppy that was only formatted" --fda formatted.img --limit 10s --until-screen 'No bootable device'
"$TICK86" --display none --screen-text screen.txt --fda zeros.img --limit 3s --type '\{screen No bootable}x' 2>/dev/null
verify "a key tries again" test "$(grep -c '^No bootable' screen.txt)" = 2
# A disk that cannot be written, here a compressed one, answers INT 13h 03h with "write protected". The sector shows AH.
{
    printf '\x31\xC0\x8E\xD8\x8E\xC0\xB8\x01\x03\xBB\x00\x80\xB9\x01\x00\xBA\x80\x00\xCD\x13\x88\xE0\x04\x30\xB4\x0E\xCD\x10'
    printf '\xB0=\xB4\x0E\xCD\x10\xF4\xEB\xFD'
} >write.img
truncate -s 1440K write.img
gzip -c disk.img >disk.img.gz
run "writing to a read-only disk" --fda write.img --hda disk.img.gz --limit 10s --until-screen '='
shows "fails as write-protected" '^3='

# Geometries as INT 13h shows them, by size and --hda-translation; POST prints them.
geometry() { # SIZE HOW C/H/S
    rm -f big.img
    truncate -s "$1" big.img
    run "$1, $2" --fda floppy.img --hda big.img --hda-translation "$2" --limit 5s --until-screen "TICK86 HARD DISK, [0-9]* MB, $3\$"
    rm -f big.img
}
geometry 400M auto 812/16/63
geometry 600M auto 609/32/63
geometry 600M none 1024/16/63
geometry 2G large 520/128/63
geometry 4G auto 522/255/63
geometry 4G large 1024/128/63
geometry 20G lba 1024/255/63

# An option ROM: initialised, in the menu by its name, booted from; one whose sum is wrong is none.
need nasm nasm
nasm -f bin "$here/option_rom.asm" -o bad.rom || exit 1
perl -0777 -pe 'substr($_, -1) = pack "C", -unpack("%8C*", $_) & 255' bad.rom >good.rom
run "an option ROM is initialised and offers to boot" --option-rom good.rom --fda floppy.img --boot na --limit 10s \
    --until-screen 'ROM boots'
shows "it was initialised before" '^ROM initialised'
run "the menu has its name" --option-rom good.rom --fda floppy.img --boot-menu --type '\{screen F12}\{f12}' --limit 10s \
    --until-screen '[0-9]  test ROM'
run "an option ROM with a wrong sum is passed over" --option-rom bad.rom --fda floppy.img --boot na --limit 10s \
    --until-screen 'floppy was here'
verify "and not called" sh -c '! grep -q ROM screen.txt'

# Debian's firmware in the place of ours, together and each with ours (packages seabios and vgabios).
for video in '' /usr/share/seabios/vgabios-stdvga.bin /usr/share/vgabios/vgabios.bin; do
    for system in '' /usr/share/seabios/bios.bin /usr/share/seabios/bios-256k.bin; do
        if [ -n "$video$system" ] && { [ -z "$video" ] || [ -e "$video" ]; } && { [ -z "$system" ] || [ -e "$system" ]; }; then
            run "BIOS ${system:-ours}, video BIOS ${video:-ours}" --fda floppy.img --boot a --limit 20s ${system:+--bios "$system"} \
                ${video:+--vgabios "$video"} --until-screen 'floppy was here'
        fi
    done
done

# The same sector, with INT 05h behind the text.
boot_sector print.img 1440K 'text for the printer'
printf '\xCD\x05\xF4\xEB\xFD' | dd of=print.img bs=1 seek=18 conv=notrunc status=none
printf 'text for the printer\0' | dd of=print.img bs=1 seek=23 conv=notrunc status=none
run "print screen" --fda print.img --parallel file:paper.txt --limit 4s --until-screen 'text for the printer'
"$TICK86" --display none --fda print.img --parallel file:paper.txt --limit 3s 2>/dev/null
verify "reaches the printer" grep -q '^text for the printer' paper.txt
verify "with all lines" test "$(tr -d '\r' <paper.txt | grep -c '^')" = 26

run "an empty floppy drive" --hda unsigned-disk.img --boot ac --limit 20s --until-screen 'No bootable device'
shows "is told from one with a blank diskette" 'no diskette, or none that can be read'
finish
