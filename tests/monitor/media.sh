#!/usr/bin/env bash
# snapshot load in the monitor says which image files it puts back, and does so.
. "$(dirname "$0")/../front/front.inc"
need nasm
nasm -f bin "${here:?}/media.asm" -o media.img && truncate -s 1474560 media.img || exit 1
before=$(sha256sum <media.img)
printf 'tbreak 7c00\nc\nsnapshot save here\ntbreak 0x7c13\nc\nprint 1\nsnapshot load here\nquit\n' >script
cat script | timeout 60 "$TICK86" --display none --fda media.img --monitor >out 2>&1
verify "the file is named" grep -qx 'media.img is again as it was then: what the guest wrote to it since is taken back' out
verify "and is as it was" [ "$before" = "$(sha256sum <media.img)" ]
printf 'tbreak 7c00\nc\nsnapshot save here\nsnapshot load here\nquit\n' | timeout 60 "$TICK86" --display none --fda media.img --monitor >out 2>&1
verify "nothing is said where nothing changed" [ "$(grep -c 'again as it was' out)" = 0 ]
printf 'tbreak 7c00\nc\nsnapshot save here\neject fda\nsnapshot load here\nquit\n' | timeout 60 "$TICK86" --display none --fda media.img --monitor >out 2>&1
verify "a medium that is out is asked for" grep -q 'it was saved with a medium in fda; insert that' out
finish
