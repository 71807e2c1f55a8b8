#!/usr/bin/env bash
# Faults of all kinds, each with its check, its numbers and what they were checked against: causes.asm has a case for each line
# "--- NAME" of causes.out. ACCEPT=1 writes that file anew: read what git diff says.
. "$(dirname "$0")/../front/front.inc"
need nasm
"$TICK86" --display none -x 'disassemble/1' </dev/null 2>&1 | grep -q 'db 0x' && { echo "skipped: built without Zydis"; exit 77; }

sed -n 's/^%\(el\)\?ifidn CASE,\(.*\)/\2/p' "${here:?}/causes.asm" >cases
verify "there are cases" [ "$(wc -l <cases)" -ge 60 ]
while read -r case; do
    nasm -DCASE="$case" -f bin -o "$case.img" "$here/causes.asm" && truncate -s 1474560 "$case.img" || exit 1
    echo "--- $case"
    timeout 60 "$TICK86" --display none --cpu p6 --fda "$case.img" 2>&1 </dev/null |
        sed -n '/^1\. /,/on the way there/p' | grep -v 'on the way there'
    rm "$case.img"
done <cases >causes.out
[ -z "${ACCEPT:-}" ] || cp causes.out "$here/causes.out"
verify "each fault has its cause" diff -u "$here/causes.out" causes.out

# Where the address space is lost, no memory is there any more; what ran before is told nevertheless.
for case in 'page_tables_empty mov cr0, eax' 'page_tables_left mov cr3, eax'; do
    nasm -DCASE="${case%% *}" -f bin -o lost.img "$here/causes.asm" && truncate -s 1474560 lost.img || exit 1
    timeout 60 "$TICK86" --display none --fda lost.img >lost.out 2>&1 </dev/null
    verify "the instruction that lost the address space: ${case#* }" \
        grep -q "^     0008:0000[0-9a-f]*  ${case#* }\$" lost.out
    verify "places of other pages and modes are told with it" grep -q '^     0000:[0-9a-f]*  jmp far 0x0008:' lost.out
done

# Every row of the table of causes is raised somewhere: a new check has a sentence of its own, and none is left over. That every
# raise has a row is the compiler's work: there is no function that raises without one.
causes=$here/../../cpu/fault_causes.def
if [ -f "$causes" ]; then
    sed -n 's/^FAULT_CAUSE(\([A-Z0-9_]*\), ".\+")$/\1/p' "$causes" | sort >rows
    verify "all causes have sentences" [ "$(wc -l <rows)" = "$(grep -c '^FAULT_CAUSE' "$causes")" ]
    cat "$here"/../../cpu/*.[ch] | grep -o 'CPU_FAULT_[A-Z0-9_]*' | sed 's/^CPU_FAULT_//' | sort -u >used
    verify "all causes are raised" [ -z "$(comm -23 rows used)" ]
    comm -23 rows used
fi
finish
