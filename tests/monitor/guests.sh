#!/usr/bin/env bash
# Stops of all kinds in systems as people run them, FreeDOS and Linux, with hit counts, conditions, counts to be passed over,
# actions and temporary ones: guests/NAME.cmd gives guests/NAME.out. Counts and what belongs to another version of firmware or kernel
# are left out. ACCEPT=1 writes the .out files anew: read what git diff says.
. "$(dirname "$0")/../front/front.inc"
"$TICK86" --display none -x 'disassemble/1' </dev/null 2>&1 | grep -q 'db 0x' && { echo "skipped: built without Zydis"; exit 77; }

# stops NAME SED-COMMANDS OPTIONS ...
stops() {
    local name=$1 mask=$2
    shift 2
    timeout 200 "$TICK86" --display none --snapshot "$@" --monitor <"${here:?}/guests/$name.cmd" 2>&1 |
        sed -E -e 's/^\[[0-9]+ instructions?, .*/[...]/' -e 's/^000f.... +f000:.*/000f....  f000:.../' \
            -e 's/ (by|at|before) f000:[0-9a-f]{4}/ \1 f000:..../' -e "$mask" >"$name.out"
    [ -z "${ACCEPT:-}" ] || cp "$name.out" "$here/guests/$name.out"
    verify "$name" diff -u "$here/guests/$name.out" "$name.out"
}

linux=/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386
if [ -f $linux/linux ]; then
    need nasm
    nasm -f bin "$here/init.asm" -o initrd || exit 1
    # Addresses are those of one build of the kernel.
    stops linux 's/^[0-9a-f]{8}  [0-9a-f]{4}:[0-9a-f]{8} .*/(the next instruction)/; s/\b(0[1-9a-f]|[1-79a-f][0-9a-f])[0-9a-f]{6}\b/......../g; s/^( *)[0-9a-f]{8}: .*/\1(memory)/; s/^(P[DT]E) at [0-9a-f]+: [0-9a-f]+ +(page|table)? *[0-9a-f]*/\1/; s/\[0xC[0-9A-F]{7}\]/[...]/; s/-> 00000000[c-f][0-9a-f]{7}/-> .../; s/03f8, [0-9a-f]{2} by/03f8, .. by/' \
        -m 64M --kernel $linux/linux --initrd initrd --append "console=ttyS0 panic=-1" --limit 60s
else
    echo "skipped: Linux; the package debian-installer-12-netboot-i386 is not installed"
fi
need_guest freedos722.img
stops dos '/^  0000046c/d' --fda "${guest_file:?}" --limit 60s
finish
