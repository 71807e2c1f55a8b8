#!/usr/bin/env bash
# What is not hit costs nothing: with the monitor idle, with 100 breakpoints elsewhere, and with a watchpoint on a page that is
# not touched, the benchmarks take at most 3 % more of the host's instructions. Counted, not timed, so load does not matter.
#   cost.sh IMAGE ...: those images (make bench-images), in full; without, a short piece of some.
. "$(dirname "$0")/../front/front.inc"
need valgrind strip
build=${TICK86_BUILD:-$here/../../build}
limit="--limit 6000000i"
if [ $# -gt 0 ]; then
    images=("$@")
    limit=
else
    images=()
    images+=("$build/bench/syscalls.img")
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
finish
