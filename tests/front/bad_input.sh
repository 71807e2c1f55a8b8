#!/usr/bin/env bash
# Bad arguments, images and configurations: exit status 2, one line on standard error that names the culprit, nothing on
# standard output, nothing changed on disk.
. "$(dirname "$0")/front.inc"
need nasm mformat gzip

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
# A FAT floppy and a disk that lost their ends, and compressed images that are damaged.
mformat -C -i cut.img -f 1440 ::
truncate -s 700416 cut.img
truncate -s 20M disk.img
printf '\0\1\1\0\6\17\77\377\77\0\0\0\0\0\40\0' | dd of=disk.img bs=1 seek=446 conv=notrunc status=none
printf '\125\252' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none
# A Linux kernel's header, of protocol 2.12 with an entry for long mode.
truncate -s 4096 wide.bin
printf '\125\252\0\0HdrS\14\2' | dd of=wide.bin bs=1 seek=510 conv=notrunc status=none
printf '\1' | dd of=wide.bin bs=1 seek=566 conv=notrunc status=none
gzip -c kernel.elf floppy.img >whole.img.gz
head -c 300 whole.img.gz >short.img.gz
cp kernel.elf wrong.img.gz
dd if=kernel.elf of=short.elf bs=$(($(stat -c %s kernel.elf) - 8)) count=1 status=none
head -c 5000 /dev/zero >odd.rom
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
    refuse "1 to 16" $run --hda floppy.img,chs=1024/255/63
    refuse "room for 45 of them" $run --hda floppy.img,chs=1024/1/63
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
    refuse "truncated: 700416 bytes" $run cut.img
    refuse "truncated: 20971520 bytes" $run disk.img
    refuse truncated $run short.img.gz
    refuse "not gzip" $run wrong.img.gz
    refuse short.elf $run --kernel short.elf
    refuse "64-bit processors" $run --kernel wide.bin
    refuse folder $run --kernel folder
    refuse folder $run --kernel kernel.elf --initrd folder
    refuse empty.img $run --kernel kernel.elf --initrd empty.img
    refuse "no CD" $run --cdrom floppy.img
    refuse "no CD" $run --cdrom none --cdrom floppy.img
    refuse odd.rom $run --bios odd.rom
    refuse odd.rom $run --vgabios odd.rom
    refuse odd.rom $run --option-rom odd.rom
    refuse folder $run --bios folder
    refuse folder $run --nvram folder
    refuse "256 bytes" $run --nvram floppy.img
    refuse /dev/null $run /dev/null
    refuse 16MX $run -m 16MX
    refuse 3G1 $run -m 3G1
    refuse 0x10 $run --mhz 0x10
    refuse 33MHz $run --mhz 33MHz
    refuse 1ss --display none --limit 1ss
    refuse 0% $run --speed 0%
    refuse 2001-02-30 $run --time 2001-02-30T00:00:00
    refuse cc $run --boot cc
    refuse folder $run --monitor-script folder
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
    refuse "section.ini:1: unknown section [computer]" $run -c section.ini
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
