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
masked() { sed -E 's/[0-9]+ (instructions?), [0-9]+ (cycles?); .*/N \1, N \2/' "$1"; }

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
    if grep -qx '\.\.\.' expected; then
        head -n "$(grep -nxm1 '\.\.\.' expected | cut -d: -f1)" expected | sed '$d' >shown
        head -n "$(wc -l <shown)" printed >start && mv start printed && mv shown expected
    fi
    masked expected >wanted
    masked printed >got
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
