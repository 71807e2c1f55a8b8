#!/usr/bin/env bash
# docs/debugging.md, step by step: what its blocks say is what happens. A block ```console holds one command after "$ "
# and what it prints; lines after "tick86> " are typed. "..." stands for what is not shown. A block ```diff mends broken.asm.
# Counts of instructions and cycles are not compared. ACCEPT=1 prints the tutorial with what was printed this time.
. "$(dirname "$0")/../front/front.inc"
need nasm patch
doc=${here:?}/../../docs/debugging.md
cp "$here/../../docs/debugging/broken.asm" . || exit 1
tick86() { timeout 60 "$TICK86" "$@"; }
"$TICK86" --version >version 2>&1
masked() { sed -E 's/after [0-9]+ instructions/after N instructions/; s/[0-9]+ (instructions?), [0-9]+ (cycles?); .*/N \1, N \2/' "$1"; }

# What was printed, with "..." where the file $1 has it: it stands for all lines up to the next one there.
elided() {
    awk 'NR == FNR { wanted[++n] = $0; next }
         { printed[++m] = $0 }
         END {
             j = 1
             for (i = 1; i <= n; i++) {
                 if (wanted[i] != "...") { if (j <= m) print printed[j++]; continue }
                 print "..."
                 while (j <= m && (i == n || printed[j] != wanted[i + 1])) j++
             }
             while (j <= m) print printed[j++]
         }' "$1" "$2"
}

awk '/^```(console|diff)$/ { n++; name = sprintf("block%02d.%s", n, substr($0, 4)); inside = 1; next }
     /^```/ { inside = 0; next }
     inside { print > name }' "$doc"

run_block() {
    local block=$1 command
    command=$(sed -n 's/^\$ //p' "$block")
    sed -n 's/^tick86> //p' "$block" >typed
    sed '/^\$ /d; /^tick86> /d' "$block" >expected
    eval "$command" <typed >printed 2>&1
    if [ -n "${ACCEPT:-}" ]; then
        echo "--- $block: $command"
        cat printed
    fi
    masked expected >wanted
    masked printed >all
    elided wanted all >got
    verify "$block: $command" diff -u wanted got
}
for block in block*; do
    case $block in
    *.diff) verify "$block mends the source" patch -s broken.asm "$block" ;;
    *) run_block "$block" ;;
    esac
done
verify "the tutorial has its blocks" [ "$(find . -name 'block*' | wc -l)" -ge 8 ]
finish
