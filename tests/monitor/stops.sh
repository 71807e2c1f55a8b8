#!/usr/bin/env bash
# Breakpoints of all kinds and the ways of running, through scripts on a guest of their own: stops/NAME.cmd gives
# stops/NAME.out. ACCEPT=1 writes the .out files anew: read what git diff says.
. "$(dirname "$0")/../front/front.inc"
need nasm
nasm -f bin "$here/stops.asm" -o stops.img && truncate -s 1474560 stops.img || exit 1
"$TICK86" --display none --fda stops.img -x 'disassemble/1' </dev/null 2>&1 | grep -q 'db 0x' &&
    { echo "skipped: built without Zydis"; exit 77; }

run() {
    timeout 60 "$TICK86" --display none --snapshot --fda stops.img --limit 20s --stats "$1.stats" --monitor <"$2" 2>&1 |
        sed -E -e 's/in all [0-9]+ and [0-9]+\]$/in all ...]/' \
            -e 's/^\[[0-9]{5,} instructions, [0-9]+ cycles;/[... instructions, ... cycles;/' \
            -e 's/, [0-9]{6,} cycles;/, ... cycles;/' -e 's/\b000f[0-9a-f]{4}\b/000f..../g' -e 's/^(gdtr base).*/\1 .../' -e 's/^(000f.* f000:).*/\1.../'
}
for script in "$here"/stops/*.cmd; do
    name=$(basename "$script" .cmd)
    run "$name" "$script" >"$name.out"
    [ -z "${ACCEPT:-}" ] || cp "$name.out" "$here/stops/$name.out"
    verify "$name" diff -u "$here/stops/$name.out" "$name.out"
done

# Whatever is set, the guest ends the same: each of these stops and goes on at every kind of place.
printf 'c\n' >plain
cat >everything <<'END'
break 7c00..7fff do silent; continue
break 8000..8e00 do silent; continue
break access 0..fff do silent; continue
break access 7000..9fff do silent; continue
break write physical 10000..12000 do silent; continue
break int do silent; continue
break irq do silent; continue
break exception do silent; continue
break io 0..ffff do silent; continue
break cr do silent; continue
break dr do silent; continue
break msr do silent; continue
break mode do silent; continue
break gdtr do silent; continue
break tr do silent; continue
break hlt do silent; continue
break magic do silent; continue
break triple do silent; continue
c
END
printf 'tbreak 7c00\nc\nstep 5000000\n' >steps
state() { grep -o '"state_hash.*\|"instructions.*\|"exceptions.*' "$1.stats"; }
run unbroken plain >/dev/null
for way in everything steps; do
    run $way $way >/dev/null
    verify "the guest is the same with $way" [ "$(state unbroken)" = "$(state $way)" ]
done
verify "whose state is known" [ -n "$(state unbroken)" ]
finish
