#!/usr/bin/env bash
# What is not hit costs nothing: with the monitor idle, with 100 breakpoints elsewhere, and with a watchpoint on a page that is
# not touched, the benchmarks take at most 3 % more of the host's instructions. And what is asked about often is asked cheaply: a
# condition at each instruction of a loop. The guest's own breakpoints cost nothing either. Counted, not timed, so load does not matter.
#   cost.sh IMAGE ...: those images (make bench-images), in full; without, a short piece of some.
. "$(dirname "$0")/../front/front.inc"
need valgrind strip
build=${TICK86_BUILD:-$here/../../build}
limit="--limit 3400000i"
if [ $# -gt 0 ]; then
    images=("$@")
    limit=
else
    images=()
    images+=("$build/bench/syscalls.img" "$build/bench/flushes.img")
fi
for image in "${images[@]}"; do
    [ -f "$image" ] || { echo "skipped: $image is not made: make bench-images"; exit 77; }
done
strip -o plain "$TICK86" # valgrind does not read every compiler's debugging information
echo c >idle
for ((i = 0; i < 100; i++)); do echo "break $((0x2000000 + i * 37))"; done >breaks
echo c >>breaks
printf 'watch 0x2345678 4\nc\n' >watch

count() { # OPTIONS ...: the host's instructions
    # shellcheck disable=SC2086  # $limit is two words or none
    valgrind --tool=callgrind --callgrind-out-file=/dev/null ./plain --display none --snapshot --fda "$image" $limit "$@" \
        2>&1 >out </dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
for image in "${images[@]}"; do
    name=$(basename "$image" .img)
    plain=$(count)
    for way in idle breaks watch; do
        with=$(count --monitor-script $way)
        percent=$(awk -v a="$with" -v b="$plain" 'BEGIN { printf "%.2f", b ? 100 * (a - b) / b : 100 }')
        verify "$name with $way: $percent % more" awk -v p="$percent" -v n="$plain" 'BEGIN { exit !(n > 0 && p <= 3) }'
    done
done

# 400 000 instructions of a loop at 7c0d, each with a condition that does not hold.
if [ -n "$limit" ] && command -v nasm >/dev/null; then
    cat >loop.asm <<'END'
org 0x7c00
    mov ecx, 100000
.again:
    add eax, ecx
    xor ebx, eax
    dec ecx
    jnz .again
    mov dx, 0xf4
    out dx, al
    times 510 - ($ - $$) db 0
    dw 0xaa55
END
    nasm -f bin loop.asm -o loop.img && truncate -s 1474560 loop.img || exit 1
    image=loop.img
    echo 'break 7c00..7dff if eax == 0x12345678 && ebx == 1' >condition
    echo c >>condition
    plain=$(count --monitor-script idle) with=$(count --monitor-script condition)
    each=$(((with - plain) / 400000))
    verify "a condition at each instruction of a loop: $each instructions of the host" [ "$each" -gt 0 -a "$each" -lt 800 ]
fi

# The guest's own breakpoints elsewhere cost as little; so does switching them on and off again with the tasks of a system.
if [ -n "$limit" ] && command -v nasm >/dev/null; then
    cat >armed.asm <<'END'
org 0x7c00
    mov sp, 0x6800
    mov esi, 3
.task:
    mov eax, ARM
    mov dr7, eax
    mov eax, beside
    mov dr0, eax
    mov eax, 0x5000
    mov dr1, eax
    mov ecx, 100000
.again:
    add [0x6000], ecx
    push ecx
    pop ebx
    dec ecx
    jnz .again
    mov eax, 0x400
    mov dr7, eax
    dec esi
    jnz .task
    mov dx, 0xf4
    out dx, al
beside: nop
    times 510 - ($ - $$) db 0
    dw 0xaa55
END
    for kind in 0x400 0x00d0040a; do # DR0: instruction, DR1: 4 bytes written
        nasm -f bin -DARM=$kind armed.asm -o armed.img && truncate -s 1474560 armed.img || exit 1
        image=armed.img
        [ $kind = 0x400 ] && plain=$(count) || with=$(count)
    done
    percent=$(awk -v a="$with" -v b="$plain" 'BEGIN { printf "%.2f", b ? 100 * (a - b) / b : 100 }')
    verify "armed debug registers: $percent % more" awk -v p="$percent" -v n="$plain" 'BEGIN { exit !(n > 0 && p <= 3) }'
fi
finish
