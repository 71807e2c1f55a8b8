#!/usr/bin/env bash
# Runs the Multiboot kernel with its drivers: by --kernel on each processor that has what it needs, from a floppy by GRUB, and through its ways
# to end. TEST_MACHINE=qemu: in QEMU instead, to see what another machine makes of the rows.
here=$(cd "$(dirname "$0")" && pwd)
build=${TICK86_BUILD:-$here/../../build}
TICK86=${TICK86:-$build/tick86}
kernel=$(cd "$build" && pwd)/tests/kernels/kernel.elf
if [ ! -x "$TICK86" ] || [ ! -e "$kernel" ]; then
    echo "skipped: $TICK86 or $kernel is not built"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

# A CD's first volume descriptors are all that the kernel reads of it.
make_media() {
    truncate -s 2M disk.img
    truncate -s 1440K floppy.img
    truncate -s 64K cd.iso
    printf '\1CD001\1' | dd of=cd.iso bs=2048 seek=16 conv=notrunc status=none
    printf '\377CD001\1' | dd of=cd.iso bs=2048 seek=17 conv=notrunc status=none
    echo "a module's text" >module.txt
}

# machine CPU LINE: what the kernel tells goes to out.txt.
machine() {
    local cpu=$1 start=(--cdrom cd.iso --kernel "$kernel" --append "$2" --initrd module.txt)
    [ "$2" != grub ] || start=(--cdrom grub.iso --boot d)
    if [ "${TEST_MACHINE:-tick86}" = qemu ]; then
        case $cpu in p6) cpu=pentium2 ;; esac
        # Its time goes with the instructions, so that a busy host does not disturb what measures it.
        timeout 120 qemu-system-i386 -accel tcg -icount shift=3,sleep=off -rtc clock=vm -cpu "$cpu" -display none -m 64 \
            -kernel "$kernel" -append "$2" -initrd module.txt -drive file=floppy.img,format=raw,if=floppy \
            -drive file=disk.img,format=raw,if=ide,index=0 -cdrom cd.iso -net none \
            -debugcon stdio -device isa-debug-exit,iobase=0xf4 >out.txt 2>err.txt
        status=$?
        # Its exit device makes 0 to 1, and 1 to 3; powering off is 0. What is known to be otherwise there is no failure.
        [ $status != 1 ] && [ $status != 3 ] || status=0
        sed -i -E "s/^NOT OK: ($known_of_qemu)/known: \1/; s/rows, [0-9]+ failed/rows, 0 failed/" out.txt
    else
        timeout 120 "$TICK86" --display none --cpu "$cpu" -m 64M --on-triple-fault reset "${start[@]}" "${typing[@]}" --fda floppy.img --hda disk.img \
            --debugcon stdio --limit 60s >out.txt 2>err.txt
        status=$?
    fi
}
verdict() { # NAME WANTED
    [ -z "${TEST_TRANSCRIPT:-}" ] || cp out.txt "$TEST_TRANSCRIPT.${1//[^a-z0-9]/-}"
    local rows
    rows=$(grep -c '^ok' out.txt)
    if [ "$status" = 0 ] && ! grep -q '^NOT OK' out.txt && { [ -z "$2" ] || grep -q "$2" out.txt; }; then
        echo "ok: $1 ($rows rows)"
    else
        echo "NOT OK: $1 (status $status)"
        grep -v '^ok' out.txt
        tail -n 3 out.txt err.txt
        failed=1
    fi
}

# QEMU's floppy controller finds sectors that are not there and reads on at a track's end, its READ ID has no interrupt without a timer of the
# host; its serial port in the loop has neither trigger levels nor changes of modem lines; its retrace lasts for one read; SeaBIOS takes
# any APM device. Its 8254 has no gates for modes 0, 1, 4 and 5, no count that waits and no BCD; its 8259 ends in special mask mode what is masked too. Its clock has no
# update of 2 ms, and no rates above what the host gives. SeaBIOS's PCI BIOS and APM refuse nothing, and its APM keeps no version.
known_of_qemu="a low gate stops the count|and a high one lets it go on|the first byte of two stops it|mode 1: high|a rising gate makes it low for its count|"
known_of_qemu+="a second one in between begins anew|mode 2 counts down with|a low gate makes it high|mode 4: high at its end|mode 5 waits for the gate|"
known_of_qemu+="a count in BCD reads so|and 2000h of it is 2000|0 is 10000 there|and an unspecific end passes it over|up to its end|an update is in progress|rates of 8192|the flag comes without its interrupt|"
known_of_qemu+="INT 15h 86h waits|no vendor FFFFh|no odd words|and writes bytes|but into 1 KB|nor another function|but none at odd|APM is the BIOS's|"
known_of_qemu+="nothing works before|but not twice|nor with another|a driver of version 1.1|its driver version|its power status|"
known_of_qemu+="a sector that is not there is no data|READ ID|ends at the last sector|14 of them|a modem line's change|70 pictures|an unknown device"

make_media
typing=()
for cpu in ${TEST_MODELS:-pentium p6}; do
    machine "$cpu" greet
    verdict "the kernel on $cpu" '^[0-9]* rows, 0 failed'
done
if [ "${TEST_MACHINE:-tick86}" = tick86 ] && command -v grub-mkrescue xorriso mformat >/dev/null && [ -e /usr/lib/grub/i386-pc/boot.img ]; then
    mkdir -p iso/boot/grub
    cp "$kernel" module.txt iso/
    printf 'multiboot /kernel.elf greet\nmodule /module.txt\nboot\n' >iso/boot/grub/grub.cfg
    grub-mkrescue -d /usr/lib/grub/i386-pc --fonts= --locales= --themes= -o grub.iso iso >mkrescue.log 2>&1 || cat mkrescue.log
    machine p6 grub
    verdict "the kernel by GRUB from a CD" '^[0-9]* rows, 0 failed'
else
    echo "note: GRUB is not asked to start the kernel (Debian packages grub-common, grub-pc-bin, xorriso, mtools)"
fi
if [ "${TEST_MACHINE:-tick86}" = tick86 ]; then
    keys='a\{up}\{rctrl}\{pause}\{print}\{shift}'
    text=
    for wanted in 'in set 1' 'in set 2' 'in set 3' 'which all' translated 'keyboard is off' 'scanning is off'; do
        text+="\\{screen $wanted}$keys"
    done
    typing=(--type "$text")
    machine p6 "greet keys"
    verdict "the kernel with keys" '^[0-9]* rows, 0 failed'
    typing=()
fi
for way in off=apm off=acpi; do
    machine p6 $way
    verdict "$way" ''
done
for way in reset=8042 reset=92 reset=cf9 reset=triple; do
    machine p6 $way
    verdict "$way" 'started again'
done
exit $failed
