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
# The media that were in the drives come back into them, whatever was done since.
monitor() { timeout 60 "$TICK86" --display none "$@" --monitor <script >out 2>&1; }
# has DRIVE: what the last list of media says is in it.
has() { sed -n "s/^$1  //p" out | tail -1; }
truncate -s 1474560 other.img
cp media.img second.img
printf 'tbreak 7c00\nc\nsnapshot save here\neject fda\nsnapshot load here\nmedia\nquit\n' >script
monitor --fda media.img
verify "a medium that is out comes back" [ "$(basename "$(has fda)")" = media.img ]
verify "which is said" grep -qx 'fda has the medium again that was in it then' out
printf 'tbreak 7c00\nc\nsnapshot save here\ninsert fda other.img\nc\nsnapshot load here\nmedia\ntbreak 7c13\nc\nquit\n' >script
before_other=$(sha256sum <other.img)
monitor --fda media.img --limit 3s
verify "in the place of another one" [ "$(basename "$(has fda)")" = media.img ]
verify "which stays at hand, and no more than that" [ "$(grep -c 'at hand: other.img$' out) $(grep -c 'at hand' out)" = "1 1" ]
verify "the guest goes on with it" [ "$(dd if=media.img bs=512 skip=1 count=1 status=none | head -c 20)" = "written by the guest" ]
verify "and not with the other" [ "$before_other" = "$(sha256sum <other.img)" ]
cp second.img media.img
printf 'eject fdb\ntbreak 7c00\nc\nsnapshot save here\ninsert fdb other.img\ninsert cdrom cd.iso\nsnapshot load here\nmedia\nquit\n' >script
truncate -s 1M cd.iso
monitor --fda media.img --fdb second.img --cdrom none
verify "drives that were empty are again" [ "$(grep -c 'is empty again, as it was then$' out) $(has fdb) $(has hdc)" = "2 empty empty" ]
cp second.img media.img
printf 'tbreak 7c00\nc\nsnapshot save here\ntbreak 7c13\nc\nprint 1\ninsert fda other.img\nsnapshot load here\nmedia\ninsert fda other.img\nsnapshot load here\nquit\n' >script
monitor --fda media.img
verify "what the guest wrote before it was taken out is taken back" cmp -s media.img second.img
verify "which is said once" [ "$(grep -c 'media.img is again as it was then' out)" = 1 ]
{
    printf 'tbreak 7c00\nc\nsnapshot save here\ntbreak 7c13\nc\nprint 1\ninsert fda other.img\nsnapshot save marker\n'
    wait_for 60 test -s marker
    echo somebody | dd of=media.img bs=512 seek=9 conv=notrunc status=none
    printf 'snapshot load here\nmedia\nquit\n'
} | timeout 60 "$TICK86" --display none --fda media.img --monitor >out 2>&1
verify "but not what others wrote meanwhile" grep -q '^here: .*/media.img was written after that; tick86 --load with --snapshot goes on' out
verify "then the drive keeps what is in it" [ "$(has fda)" = other.img ]
verify "and the file what they wrote" [ "$(dd if=media.img bs=512 skip=9 count=1 status=none | head -c 8)" = somebody ]
cp second.img media.img
# Two of the same contents, and two that change places: the files that the guest may write to are the right ones.
printf 'tbreak 7c00\nc\nsnapshot save here\ninsert fda second.img\nsnapshot load here\nmedia\nquit\n' >script
monitor --fda media.img
verify "of two equal ones it is the one by name" [ "$(basename "$(has fda)")" = media.img ]
printf '%s\n' 'tbreak 7c00' c 'snapshot save here' 'eject fda' 'eject fdb' 'insert fdb media.img' 'insert fda other.img' media \
    'snapshot load here' media 'snapshot load here' media quit >script
monitor --fda media.img --fdb other.img
verify "two that changed places are back" [ "$(sed -n 's/^\(fd[ab]  \)\(.*\/\)*\([a-z]*.img\)$/\1\3/p' out | tr '\n' ' ')" = \
    "fda  other.img fdb  media.img fda  media.img fdb  other.img fda  media.img fdb  other.img " ]
# One that is gone: nothing is changed, in other drives neither.
cp media.img gone.img
printf 'eject fdb\ntbreak 7c00\nc\nsnapshot save here\nquit\n' >script
monitor --fda gone.img --fdb second.img
mv gone.img away.img
printf 'snapshot load here\nmedia\nquit\n' >script
monitor --fda other.img --fdb second.img
verify "one that is gone is named" grep -Eq '^here: it was saved with another medium in fda: .*/gone.img: no such file' out
verify "and all stays as it was" [ "$(has fda) $(has fdb)" = "other.img second.img" ]
# In a new process: the list of media at hand is the saved one. One that is named then has to be of those of the moment.
mv away.img gone.img
printf 'media\nquit\n' >script2 && cp other.img copy.img
printf 'insert fda other.img\nmedia\nsnapshot save there\nquit\n' >script
monitor --fda gone.img --fdb second.img
cp script2 script
monitor --load there
verify "what was at hand is at hand in a new process" grep -qx "     at hand: $PWD/gone.img" out
monitor --load there --fda gone.img,other.img
verify "of several that are named the one of the moment is in" [ "$(basename "$(has fda)")" = other.img ]
monitor --load there --fda copy.img
verify "a copy by another name is taken" [ "$(has fda)" = copy.img ]
monitor --load there --fda gone.img
verify "another medium is not" grep -Eq '^tick86: there: it was saved with .*/other.img in fda, not gone.img; name that or a copy of it$' out

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
# Also where a snapshot lies between: in this run, and in a new process. And not from before it was written.
{
    printf 'tbreak 7c00\nc\nsnapshot save early\ntbreak 0x7c13\nc\ninsert fda other.img\nsnapshot save ejected\ninsert fda media.img\nfill 0x9000 512 0\n'
    read_again
    read_again
    printf 'x/s 0x9000\nsnapshot load ejected\nmedia\ninsert fda media.img\nfill 0x9000 512 0\n' | tee late
    { read_again && read_again && printf 'x/s 0x9000\n'; } | tee -a late
    printf 'snapshot load early\neject fda\ninsert fda media.img\nset eip = 0x7c13\nset cs = 0\nfill 0x9000 512 0\n'
    read_again
    read_again
    printf 'x/s 0x9000\nquit\n'
} >script
echo quit >>late
cp media.img plain.img
timeout 60 "$TICK86" --display none --snapshot --fda media.img --monitor <script >out 2>&1
verify "what is written over an ejected floppy goes with a snapshot" [ "$(grep -cx '00009000: "written by the guest"' out)" = 2 ]
verify "and an earlier one has none of it" grep -qx '00009000: ""' out
timeout 60 "$TICK86" --display none --load ejected --monitor <late >out 2>&1
verify "also in a new process" [ "$(grep -cx '00009000: "written by the guest"' out)" = 1 ]
timeout 60 "$TICK86" --display none --fda other.img -x 'snapshot load ejected' >out 2>&1
verify "a machine without --snapshot says that it needs it" grep -q 'it holds what was written over .*/media.img, which needs --snapshot' out
verify "no file has anything of it" cmp -s media.img plain.img
finish
