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

# What was written over a floppy with --snapshot is there again when it comes back, though its file is as it was. The guest's own INT 13h
# reads it, the second time, since the first one tells of the change.
truncate -s 1474560 other.img
read_again() {
    printf 'set ax = 0x0201\nset bx = 0x9000\nset cx = 2\ntbreak 0x7c13\njump 0:7c11\n'
}
{
    printf 'tbreak 0x7c13\nc\ninsert fda other.img\n'
    read_again
    read_again
    printf 'x/s 0x9000\ninsert fda media.img\n'
    read_again
    read_again
    printf 'x/s 0x9000\neject fda\ninsert fda media.img\ninsert fda media.img\nfill 0x9000 512 0\n'
    read_again
    read_again
    printf 'x/s 0x9000\nquit\n'
} >script
timeout 60 "$TICK86" --display none --snapshot --fda media.img --monitor <script >out 2>&1
verify "the other floppy has nothing of it" grep -qx '00009000: ""' out
verify "what was written over one that was out is there again" [ "$(grep -cx '00009000: "written by the guest"' out)" = 2 ]
verify "and not in its file" [ "$before" = "$(sha256sum <media.img)" ]
finish
