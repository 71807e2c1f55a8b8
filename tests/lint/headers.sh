#!/usr/bin/env bash
# Every header compiles alone: it includes what it uses. Guest headers are compiled for the guest. Templates
# (width.h, *_width.h), which are included once for each operand width, are left out.
cd "$(dirname "$0")/../.." || exit 2
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
CC=${CC:-gcc}
libraries=$(pkg-config --cflags sdl2 libpng 2>/dev/null)
status=0
alone=$(mktemp -d)
trap 'rm -rf "$alone"' EXIT
for header in $(git ls-files '*.h'); do
    case $header in
    *width.h) continue ;;
    bios/* | labs/* | demo/demo.h | demo/picture32.h | tests/bios/* | tests/vgabios/*)
        flags="-m16 -ffreestanding -I$(dirname "$header")"
        ;;
    *) flags="$libraries" ;;
    esac
    printf '#include "%s"\n' "$header" >"$alone/alone.c"
    # shellcheck disable=SC2086  # flags are words
    if ! $CC -std=gnu11 -fsyntax-only -Wall -Wextra -Werror -I. -Ibuild $flags "$alone/alone.c"; then
        echo "$header does not compile alone"
        status=1
    fi
done
exit $status
