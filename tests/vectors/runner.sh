#!/usr/bin/env bash
# The vector runner itself, on files made here: what is right passes, what is wrong is seen, damaged files are refused.
# Layout of the files: tests/vectors/moo_file.h.
set -eu
moo=$TICK86_BUILD/tests/moo
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# shellcheck disable=SC2059
byte() { printf "\\x$(printf %02x $(($1 & 255)))"; }
u16() { byte "$1"; byte $(($1 >> 8)); }
u32() { u16 $(($1 & 65535)); u16 $(($1 >> 16 & 65535)); }
# chunk TAG: its data comes from standard input.
chunk() {
    local data=$dir/chunk.$BASHPID
    cat >"$data"
    printf '%s' "$1"
    u32 "$(stat -c %s "$data")"
    cat "$data"
    rm "$data"
}
# ram ADDRESS VALUE ...
ram() {
    u32 $(($# / 2))
    while [ $# -gt 0 ]; do
        u32 "$1"
        byte "$2"
        shift 2
    done
}
words() { for w in "$@"; do u16 "$w"; done; }
dwords() { for w in "$@"; do u32 "$w"; done; }
header() { { printf '\1\1\0\0'; u32 "$1"; printf 'C286'; } | chunk 'MOO '; }
# narrow AX [BYTE [FLAGS]]: a test of INC AX at 100:200 with AX 1234h, which is expected to give AX and FLAGS, and to
# leave BYTE at 5000h.
narrow() {
    {
        u32 7
        printf 'odd chunks are skipped' | chunk 'GMET'
        { u32 6; printf 'inc ax'; } | chunk NAME
        { u32 2; printf '\x40\xf4'; } | chunk BYTS
        {
            { u16 0x3FFF; words 0x1234 0 0 0 0x100 0 0 0 0x100 0 0 0 0x200 0xF002; } | chunk REGS
            ram 0x1200 0x40 0x1201 0xF4 0x5000 9 | chunk 'RAM '
        } | chunk INIT
        {
            { u16 0x3001; words "$1" 0x202 "${3-6}"; } | chunk REGS
            { if [ "${2-}" ]; then ram 0x5000 "$2"; else ram; fi; } | chunk 'RAM '
        } | chunk FINA
        dwords 12 | chunk CYCN
        printf '0123456789012345678\n' | chunk HASH
    } | chunk TEST
}
# wide EAX: INC EAX (66 40) on a file with 32-bit registers; the upper halves of segments mean nothing.
wide() {
    {
        u32 0
        { u32 3; printf '\x66\x40\xf4'; } | chunk BYTS
        {
            {
                u32 0xFFFFF
                dwords 0x10 0 0xFFFF 1 2 3 4 5 6 0x100 0xDEAD0100 0 0 0 0 0 0x200 0xFFFC0002 0 0
            } | chunk RG32
            ram 0x1200 0x66 0x1201 0x40 0x1202 0xF4 | chunk 'RAM '
        } | chunk INIT
        { { u32 0x30004; dwords "$1" 0x203 0xFFFC0016; } | chunk RG32; ram | chunk 'RAM '; } | chunk FINA
    } | chunk TEST
}
# expect STATUS MODEL PATTERN: the folder's one file gives STATUS and a line that matches PATTERN.
expect() {
    local status=0
    "$moo" --cpu "$2" "$dir/in" >"$dir/out" 2>"$dir/err" || status=$?
    if [ $status != "$1" ] || ! grep -q -- "$3" "$dir/out" "$dir/err"; then
        echo "wanted status $1 and '$3', got status $status and:"
        cat "$dir/out" "$dir/err"
        exit 1
    fi
}

mkdir "$dir/in"
{ header 1; narrow 0x1235; } >"$dir/in/40.MOO"
expect 0 286 'total .* 1 passed, 0 failed'
expect 0 p6 'total .* 1 passed, 0 failed'
{ header 1; narrow 0x1236; } >"$dir/in/40.MOO"
expect 1 286 'eax is 1235, not 1236'
{ header 1; narrow 0x1235 3; } >"$dir/in/40.MOO"
expect 1 286 'the first at 005000 is 09, not 03'

# The flags that the folder says are undefined do not count; the others do.
{ header 1; narrow 0x1235 9 0x16; } >"$dir/in/40.MOO"
expect 1 286 'eflags is 6, not 16'
printf '{"opcodes": {"40": {"status": "normal", "flags-mask": 65519}, "F6": {"reg": {"4": {}}}}}' >"$dir/in/metadata.json"
expect 0 286 '1 passed, 0 failed'
{ header 1; narrow 0x1235 9 0x12; } >"$dir/in/40.MOO"
expect 1 286 'eflags is 6, not 2'
printf '{"opcodes": {"40": {"flags-mask": 65515}}' >"$dir/in/metadata.json"
expect 2 286 'metadata.json is not JSON'
rm "$dir/in/metadata.json"

# A revoked test is left out, and said to be.
{ header 1; narrow 0x1236; } >"$dir/in/40.MOO"
printf '# bad\n%s\n' "$(printf '0123456789012345678\n' | od -An -tx1 | tr -d ' \n')" >"$dir/in/revocation_list.txt"
expect 0 286 '0 failed, 1 revoked'
rm "$dir/in/revocation_list.txt"

# 32-bit registers, gzipped.
rm "$dir/in/40.MOO"
{ header 1; wide 0x10000; } | gzip >"$dir/in/6640.MOO.gz"
expect 0 386 'total .* 1 passed, 0 failed'
{ header 1; wide 0x10001; } | gzip >"$dir/in/6640.MOO.gz"
expect 1 386 'eax is 10000, not 10001'

# Damage: one line, status 2.
{ header 1; wide 0x10000; } >"$dir/whole"
size=$(stat -c %s "$dir/whole")
rm "$dir/in/6640.MOO.gz"
for cut in 0 3 7 12 19 20 23 30 50 60 100 150 $((size - 1)); do
    head -c "$cut" "$dir/whole" >"$dir/in/6640.MOO"
    expect 2 386 '^moo: .*6640.MOO: '
done
{ header 2; wide 0x10000; } >"$dir/in/6640.MOO"
expect 2 386 'another number of tests'
gzip <"$dir/whole" | head -c 100 >"$dir/in/6640.MOO"
expect 2 386 '6640.MOO'
rm "$dir/in/6640.MOO"
expect 2 386 'no .MOO or .MOO.gz files'
