#!/usr/bin/env bash
# Optimised code chains handlers by jumps. Each function of type handler_fn (cpu/fast.h) is disassembled, as gcc and as
# clang compile it: no call may stand right before the return (that would be a tail call that was not made, and the
# host's stack would grow), none may name another handler, and a handler that goes on does so by a jump.
cd "$(dirname "$0")/../.." || exit 2
. tools/common.sh
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
command -v objdump >/dev/null || { echo "objdump is not installed"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0 checked=0

# The names of functions with the handlers' arguments (HANDLER_ARGS), in the preprocessed source on standard input.
handler_names() {
    tr '\n' ' ' | grep -oE '[A-Za-z_0-9]+ *\( *struct cpu \*cpu __attribute__\(\(unused\)\), *const struct insn \*in' |
        sed 's/ *(.*//' | sort -u
}

# check_object OBJECT NAMES WHAT
check_object() {
    objdump -dr --no-show-raw-insn -M suffix "$1" | awk -v names="$2" -v what="$3" '
        BEGIN { while ((getline name <names) > 0) handler[name] = 1 }
        function say(problem) { print what ": " in_function ": " problem; bad = 1 }
        function finish() {
            if (in_function == "") return
            count++
            if (!jumps && calls) say("calls, and goes on by no jump")
            jumped += jumps > 0
        }
        /^[0-9a-f]+ <.*>:$/ {
            finish()
            name = $2
            gsub(/[<>:]/, "", name)
            in_function = name in handler ? name : ""
            jumps = calls = 0
            pending = ""
            next
        }
        in_function == "" { next }
        /R_X86_64_(PLT32|PC32|PC64)/ {
            target = $NF
            sub(/[-+]0x[0-9a-f]+$/, "", target)
            if (last ~ /^call/) { if (target in handler) say("calls the handler " target) }
            else if (last ~ /^jmp/) jumps++
            next
        }
        /^ *[0-9a-f]+:/ {
            last = $2
            if (last ~ /^call/) { calls++; pending = $0; next }
            if (last ~ /^jmp/ && $3 ~ /^\*/) jumps++
            if (pending != "" && last ~ /^ret/) say("ends in a call:" pending)
            if (last !~ /^(pop|nop|leave|data16|cs)/ && !(last ~ /^(add|lea)/ && /%rsp$/)) pending = ""
        }
        END {
            finish()
            if (count && !jumped) { print what ": no handler goes on by a jump"; bad = 1 }
            print what ": " count + 0 " handlers, " jumped + 0 " go on by jumps"
            exit bad
        }'
}

for compiler in gcc clang-19; do
    command -v "$compiler" >/dev/null || { echo "$compiler is not installed"; continue; }
    for file in $(git ls-files 'cpu/*.c'); do
        flags="-std=gnu11 -O2 -D_GNU_SOURCE=1 -fno-strict-aliasing -I. -Ibuild"
        # shellcheck disable=SC2086  # flags are words
        $compiler $flags -E -P "$file" | handler_names >"$scratch/names"
        grep -q '^ *\(static \)\?HANDLER(\|^#define.*HANDLER(\|handler_fn' "$file" || continue
        # shellcheck disable=SC2086
        $compiler $flags -c "$file" -o "$scratch/file.o" || exit 1
        check_object "$scratch/file.o" "$scratch/names" "$compiler $file" || status=1
        checked=$((checked + 1))
    done
done
[ "$checked" != 0 ] || { echo "no file with handlers was found"; exit 1; }
exit $status
