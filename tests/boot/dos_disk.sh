#!/usr/bin/env bash
# A DOS hard disk is made within the machine and started: PREP (tests/boot/dos/) partitions and formats it by INT 13h, DOS copies its system
# to it, and the machine starts from C:. A small disk, one above 504 MB, and one above 8 GB, whose second partition is D:.
. "$(dirname "$0")/boot.inc"
need nasm nasm
need mcopy mtools
need sfdisk fdisk
need fsck.vfat dosfstools
need_freedos

for part in mbr vbr; do nasm -f bin "$here/dos/$part.asm" -o $part.bin || exit 1; done
nasm -f bin "$here/dos/prep.asm" -o prep.com || exit 1
cp "$FREEDOS" floppy.img && chmod u+w floppy.img
mdel -i floppy.img ::/vim.exe
printf 'FILES=20\r\nSHELL=C:\\COMMAND.COM C:\\ /E:512 /P\r\n' >c.sys
printf '@echo off\r\necho Started from the hard disk\r\n' >c.bat
printf '@echo off\r\nattrib -r -s -h kernel.sys\r\ncopy kernel.sys c:\\\r\ncopy command.com c:\\\r\ncopy c.sys c:\\config.sys\r\ncopy c.bat c:\\autoexec.bat\r\nmd c:\\games\r\ncopy games\\*.* c:\\games\r\necho The system is on C:\r\n' >setup.bat
mcopy -i floppy.img prep.com c.sys c.bat setup.bat ::/

disk() { # NAME SIZE OPTIONS ...
    local name=$1 image=disk-$2.img
    truncate -s "$2" "$image"
    shift 2
    run "DOS partitions and formats a disk of $name" --limit 120s --fda floppy.img --hda "$image" "$@" --boot a \
        --type '\{screen ^A:.>$}prep\n' --until-screen 'PREP has done its work' || return
    run "its own disk, seen anew, takes the system" --limit 180s --fda floppy.img --hda "$image" "$@" --boot a \
        --type '\{screen ^A:.>$}setup\n' --until-screen 'The system is on C:' || return
    run "DOS starts from it" --limit 60s --hda "$image" "$@" --until-screen '^C:.>$' || return
    shows "with what is there" 'Started from the hard disk'
    run "and finds its files" --limit 60s --hda "$image" "$@" --type '\{screen ^C:.>$}dir\n' --until-screen 'bytes free'
    shows "all of them" '4 file\(s\)'
    local offset=$(($(sfdisk -q -l -o Start "$image" 2>/dev/null | sed -n '2{s/ //g;p}') * 512)) sectors
    sectors=$(sfdisk -q -l -o Sectors "$image" 2>/dev/null | sed -n '2{s/ //g;p}')
    dd if="$image" of=part.img bs=1M iflag=skip_bytes,count_bytes skip=$offset count=$((sectors * 512)) conv=sparse status=none
    verify "the file system is sound" eval 'fsck.vfat -n part.img >fsck.txt'
    rm -f part.img
    verify "and holds the kernel" cmp <(mtype -i "$image@@$offset" ::/KERNEL.SYS) <(mtype -i "$FREEDOS" ::/KERNEL.SYS)
}
disk "20 MB" 20M
disk "20 MB with a geometry of its own" 20910K --hda-chs 615/4/17
disk "700 MB" 700M
disk "9 GB" 9G
run "the partition beyond 8 GB is D:" --limit 60s --hda disk-9G.img --until-screen 'AUTOEXEC +BAT' \
    --type '\{screen ^C:.>$}copy autoexec.bat d:\\\n\{screen => d:}dir d:\n'
verify "and lies there" [ "$(mtype -i disk-9G.img@@$((17000000 * 512)) ::/AUTOEXEC.BAT | tr -d '\r' | tail -n 1)" = "echo Started from the hard disk" ]
finish
