#!/usr/bin/env bash
# Guests that try to keep the host busy or to fill its memory: each piece of their time costs the host a bounded time,
# so that events, limits, Ctrl-C and displays are served. hostile.asm holds them.
#   run.sh               the short form of `make check`
#   run.sh SECONDS       of virtual time each
# HOSTILE_ONLY=REGEX: only cases whose names match.
set -u
here=$(cd "$(dirname "$0")" && pwd)
TICK86=${TICK86:-${TICK86_BUILD:-$PWD}/tick86}
[ -x "$TICK86" ] || { echo "skipped: $TICK86 is not built"; exit 77; }
command -v nasm >/dev/null || { echo "skipped: nasm is not installed"; exit 77; }
seconds=${1:-0.4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
truncate -s 8M disk.img
failed=0
# Of processor time, for each second of the guest's; and MB of memory beside the guest's own 64.
most_seconds=60
most_memory=160
ticks=$(getconf CLK_TCK)
if [ -n "${ASAN_OPTIONS:-}" ]; then
    most_seconds=$((most_seconds * 10))
    most_memory=4096
fi
most_ticks=$(awk "BEGIN { print int($most_seconds * $seconds * $ticks) }")

# Hundredths of a second of processor time so far, and the most memory in KB, of process $1.
figures() {
    local stat fields
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -ra fields <<<"${stat##*) }"
    memory=$(awk '/^VmHWM/ { print $2 }' "/proc/$1/status" 2>/dev/null)
    time=$((fields[11] + fields[12]))
    [ "${fields[0]}" != Z ] && [ -n "$memory" ]
}

# hostile NAME: the guest runs to its limit.
hostile() {
    local pid time=0 memory=0 status
    nasm -f bin "-DCASE_$1" "$here/hostile.asm" -o guest.img || { failed=1; return; }
    "$TICK86" --display none --snapshot -m 64M --boot a --hda disk.img --on-triple-fault reset --limit "${seconds}s" \
        --debugcon file:/dev/null --parallel file:/dev/null --serial file:/dev/null guest.img >out 2>err </dev/null &
    pid=$!
    while figures $pid; do
        if ((time > most_ticks || memory > (most_memory + 64) * 1024)); then
            kill -KILL $pid
            break
        fi
        sleep 0.05
    done
    wait $pid 2>/dev/null
    status=$?
    if [ $status = 124 ]; then
        echo "ok $1"
    else
        echo "FAIL $1: status $status after $time/$ticks s of processor time with $memory KB; $(tail -n 1 err)"
        failed=1
    fi
}

while read -r name; do
    [[ $name =~ ${HOSTILE_ONLY:-.} ]] && hostile "$name"
done < <(grep -oE 'ifdef CASE_[a-z0-9_]+' "$here/hostile.asm" | sed 's/.*CASE_//')
exit $failed
