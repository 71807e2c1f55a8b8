#!/usr/bin/env bash
# The kinds of breakpoints that stops.sh leaves out, on a guest of their own, and a list of all kinds: each must be in some script
# whose output is compared. ACCEPT=1 writes kinds.out anew: read what git diff says.
. "$(dirname "$0")/../front/front.inc"
need nasm
nasm -f bin "${here:?}/kinds.asm" -o kinds.img && truncate -s 1474560 kinds.img || exit 1
nasm -f bin "$here/disk.asm" -o disk.img && truncate -s 8257536 disk.img || exit 1

# Each kind that docs/monitor.md names, linear and physical, by segment and in ranges, as it may be typed.
kinds='
execute, linear            (break|b|tb|tbreak) (0x)?[0-9a-f]{4}$
execute, segmented         (break|b|tb|tbreak) [0-9a-f]+:[0-9a-f]+
execute, physical          (b physical|pbreak|pb) [0-9a-fx]+
execute, range             break execute [0-9a-f]+\.\.[0-9a-f]+
read, linear               (rwatch|break read) [0-9a-f]+
read, segmented            (rwatch|break read) [0-9a-f]+:[0-9a-f]+
read, physical range       break (once )?read physical [0-9a-fx]+\.\.
write, linear              break write [0-9a-f]+ 
write, segmented           break write [0-9a-f]+:
write, range               break write [0-9a-f]+\.\.
write, physical            break (once )?write physical
access, linear             awatch [0-9a-f]+
access, segmented range    break access [0-9a-f]+:[0-9a-f]+\.\.[0-9a-f]+:
access, physical           break (once )?access physical
ports, read and write      break io [0-9a-f]+\.\.
ports, read                break (once )?(io [0-9a-f]+ r|in )
ports, write               break (once )?(io [0-9a-f]+ w|out )
interrupts                 break int [0-9a-f]+$
with registers             break once int 13 ah=42
software                   break int .*software
hardware                   break int .*hardware
irq                        break irq [0-9]
nmi                        break (once )?nmi
bios                       break (once )?bios
dos                        break (once )?dos
exceptions by number       break exception [0-9]+
exceptions by name         break exception #
with error code            break exception .*error=
cr                         break (once )?cr[0-4]
dr                         break (once )?dr[0-7]
msr                        break msr [0-9]+
gdtr                       break (once )?gdtr
idtr                       break (once )?idtr
ldtr                       break (once )?ldtr
tr                         break (once )?tr$
any mode                   break (once )?mode$
real mode                  break (once )?mode real
protected mode             break (once )?mode protected
v86                        break (once )?mode v86
paging                     break (once )?mode paging
smm                        break (once )?mode smm
triple fault               break triple
hlt                        break hlt
magic                      break magic
conditions                 break .* if .*
hit counts                 break .* ignore [0-9]+
actions                    break .* do .*
temporary                  tbreak'
cat "$here"/*/*.cmd "$here"/*.cmd >all
while IFS= read -r row; do
    [ -z "$row" ] || grep -Eq -- "^${row:27}" all || echo "no test has: $row"
done <<<"$kinds" >missing
verify "every kind of breakpoint has a test" [ ! -s missing ]
cat missing

"$TICK86" --display none --fda kinds.img -x 'disassemble/1' </dev/null 2>&1 | grep -q 'db 0x' &&
    { echo "skipped: built without Zydis"; exit 77; }
timeout 60 "$TICK86" --display none --snapshot --fda kinds.img --hda disk.img --limit 20s --monitor <"$here/kinds.cmd" 2>&1 |
    sed -E -e 's/^(\[[0-9]+) instructions?, .*/\1 .../' -e '/^\[[0-9]{3}/d' -e '/^000f/d' >kinds.out
[ -z "${ACCEPT:-}" ] || cp kinds.out "$here/kinds.out"
verify "what they stop at" diff -u "$here/kinds.out" kinds.out
finish
