#!/usr/bin/env bash
# Bad arguments, images and configurations: exit status 2, one line on standard error that names the culprit, nothing on
# standard output, nothing changed on disk.
. "$(dirname "$0")/front.inc"

truncate -s 1474560 floppy.img
truncate -s 100 odd.img
: >empty.img
mkdir folder
printf '[machine]\nmemroy = 8M\n' >typo.ini
printf '[computer]\nmemory = 8M\n' >section.ini
printf '[machine]\nmemory = much\n' >value.ini
printf 'bogus command\n' >monitor.txt
printf '[drives]\nhda = floppy.img,sides=2\n' >key.ini
# The smallest Multiboot kernel.
cat >kernel.asm <<'ASM'
bits 32
org 0x100000
header: db 0x7f, "ELF", 1, 1, 1
    times 9 db 0
    dw 2, 3
    dd 1, entry, program - header, 0, 0
    dw 52, 32, 1, 0, 0, 0
program: dd 1, 0, header, header, end - header, end - header, 7, 0x1000
    dd 0x1badb002, 0, -0x1badb002
entry: jmp $
end:
ASM
nasm -f bin -o kernel.elf kernel.asm
find . -type f ! -name before | sort | xargs sha256sum >before

# refuse PART ARGUMENTS ...: PART must occur in the message.
refuse() {
    local part=$1
    shift
    timeout 20 "$TICK86" "$@" >out 2>err </dev/null
    local status=$?
    [ $status = 2 ] || { bad "$*: exit status $status"; return; }
    [ "$(wc -l <err)" = 1 ] || { bad "$*: $(wc -l <err) lines: $(cat err)"; return; }
    [ ! -s out ] || { bad "$*: wrote to standard output"; return; }
    grep -q '^tick86: ' err || { bad "$*: '$(cat err)' does not start with tick86:"; return; }
    grep -qF -- "$part" err || { bad "$*: '$(cat err)' lacks '$part'"; return; }
    ok "$* -> $(cat err)"
}


run="--display none --limit 1s"
# shellcheck disable=SC2086  # a list of words
{
    refuse missing.img $run missing.img
    refuse folder $run folder
    refuse empty.img $run empty.img
    refuse odd.img $run odd.img
    refuse missing.img $run --fda missing.img
    refuse missing.img $run --hda missing.img
    refuse missing.iso $run --cdrom missing.iso
    refuse missing.rom $run --bios missing.rom
    refuse missing.rom $run --vgabios missing.rom
    refuse missing.bin $run --kernel missing.bin
    refuse floppy.img $run --kernel floppy.img
    refuse missing.gz $run --initrd missing.gz --kernel kernel.elf
    refuse floppy.img $run floppy.img floppy.img floppy.img
    refuse missing.img $run --fda floppy.img,missing.img
    refuse missing.img $run --fda floppy.img --fda missing.img
    refuse missing.iso $run --cdrom none --cdrom missing.iso
    refuse floppy.img $run --fda floppy.img --fdb floppy.img
    refuse "--fda and --hda" $run --fda floppy.img --hda floppy.img
    refuse chs= $run --hda floppy.img,chs=80/2
    refuse trans= $run --hda floppy.img,trans=wide
    refuse "heads=2" $run --hda floppy.img,heads=2
    refuse "key.ini:2: --hda: 'sides=2'" $run -c key.ini
    refuse "floppy.img exists already" --create floppy.img,1.44M
    refuse FILE,SIZE --create new.img
    refuse 512 --create new.img,1000
    refuse /nowhere/new.img --create /nowhere/new.img,1.44M
    refuse "--fda" $run floppy.img --screenshot floppy.img
    refuse "--screen-text" $run --screen-text same --stats same
    refuse "--com1" $run --serial file:same --debugcon file:./same
    refuse "--nvram" $run --stats same --nvram same
    refuse "'flopy'" $run --log floppy,flopy
    refuse "''" $run --log floppy,
    refuse --aspect $run --aspect wide
    refuse --video $run --video film.mp4
    refuse --video $run --video film%s.png
    refuse /nowhere/film.png $run --video /nowhere/film.png
    refuse "--video" $run --video same.png --screenshot same.png
    refuse z80 $run --cpu z80
    refuse 'needs a 386' $run --cpu 286
    refuse 12Q $run -m 12Q
    refuse --memory $run --memory
    refuse 1T $run --memory 1T
    refuse --mhz $run --mhz 0
    refuse --cpus $run --cpus many
    refuse --frobnicate $run --frobnicate
    refuse -y $run -y
    refuse missing.ini $run -c missing.ini
    refuse "typo.ini:2: unknown key 'memroy'" $run -c typo.ini
    refuse "section.ini:2: unknown section [computer]" $run -c section.ini
    refuse "value.ini:2" $run -c value.ini
    refuse folder $run -c folder
    refuse --display --display hologram
    refuse terminal --display term
    refuse tcp $run --serial tcp:localhost
    refuse tcp:localhost:1 $run --serial tcp:localhost:1
    refuse /nowhere/log $run --serial file:/nowhere/log
    refuse /nowhere/shot.png $run --screenshot /nowhere/shot.png
    refuse /nowhere/text $run --screen-text /nowhere/text
    refuse /nowhere/stats $run --stats /nowhere/stats
    refuse "regular expression" $run --until-screen '('
    refuse 10 --display none --limit 10
    refuse nosuchkey $run --type '\{nosuchkey}'
    refuse closing $run --type '\{f1'
    refuse --kernel $run --initrd floppy.img
    refuse missing.txt $run --monitor-script missing.txt
    refuse yesterday $run --time yesterday
}

# The monitor shows where it stands first, so standard output is not empty here.
timeout 20 "$TICK86" --display none --monitor-script monitor.txt >out 2>err </dev/null
verify "a wrong command in a script gives status 2" [ $? = 2 ]
verify "and names file and line" grep -q 'monitor.txt:1: .*bogus' err

find . -type f ! -name out ! -name err ! -name before ! -name after | sort | xargs sha256sum >after
verify "no file was changed or made" cmp before after
finish
