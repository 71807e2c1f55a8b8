#!/usr/bin/env bash
# Changing floppies and CDs: lists, keys, the monitor, and what DOS sees of it; locks; new images.
. "$(dirname "$0")/front.inc"
need mformat mcopy tmux xorriso
need_guest freedos722.img
export MTOOLS_SKIP_CHECK=1
cp "${guest_file:?}" dos.img
chmod u+w dos.img
for n in 1 2; do
    "$TICK86" --create "disk$n.img",1.44M
    mformat -i "disk$n.img" -f 1440 -v "VOLUME$n" ::
done
verify "a new image has the size asked for" [ "$(stat -c %s disk1.img)" = 1474560 ]
"$TICK86" --create big.img,20M --create small.img,160K
verify "several are made at once" [ "$(stat -c %s big.img)-$(stat -c %s small.img)" = 20971520-163840 ]

# --- Locks
# The run that holds the lock may have come while the one that looks for it had the image: then it is started again.
holder=
hold() {
    [ -n "$holder" ] && kill -0 "$holder" 2>/dev/null && return
    "$TICK86" --display none --speed real --fda disk1.img --limit 3000s 2>/dev/null &
    holder=$!
    cleanup_jobs="$cleanup_jobs $holder"
}
in_use() { hold; sleep 0.3; ! "$TICK86" --display none --fda disk1.img --limit 10ms 2>err && grep -q 'disk1.img is in use' err; }
verify "an image that another run writes is refused" wait_for 10 in_use
"$TICK86" --display none --snapshot --fda disk2.img --limit 10ms 2>err
verify "another image is not" [ $? = 124 ]
kill -KILL $holder
wait $holder 2>/dev/null
"$TICK86" --display none --fda disk1.img --limit 10ms 2>err
verify "a run that was killed leaves no lock" [ $? = 124 ]

# --- The monitor
mkdir iso
xorriso -as mkisofs -quiet -V DISC -o disc.iso iso 2>/dev/null
"$TICK86" --display none --snapshot --fda dos.img --fdb disk1.img,disk2.img --cdrom none \
    -x media -x 'insert b' -x media -x 'insert cdrom disc.iso' -x 'eject fdb' -x media \
    -x 'insert cdrom big.img.missing' >out 2>err </dev/null
verify "a medium that is not there is an error" [ $? = 2 ]
verify "which names it" grep -q 'big.img.missing: no such file' err
verify "the floppy that is in may be inserted by another name" grep -q '^fda  ./disk1.img$' <("$TICK86" --display none --fda disk1.img \
    -x 'insert fda ./disk1.img' -x media 2>&1 </dev/null)
cat >expected <<'END'
fda  dos.img
fdb  disk1.img
     at hand: disk2.img
hdc  empty
fda  dos.img
fdb  disk2.img
     at hand: disk1.img
hdc  empty
fda  dos.img
fdb  empty
     at hand: disk1.img
     at hand: disk2.img
hdc  disc.iso
END
verify "media shows the drives" cmp <(sed 1d out) expected

# --- Keys, in a terminal, and DOS
start_tmux
mux send-keys "clear; '$TICK86' --display term --fda dos.img,disk1.img --fda disk2.img; echo status \$?" Enter
verify "DOS starts" wait_for 60 shows 'A:.>'
mux send-keys C-] n
verify "the next floppy is told" wait_for 10 shows 'A: disk1.img inserted'
mux send-keys 'vol a:' Enter
verify "DOS sees the first" wait_for 60 shows 'VOLUME1'
mux send-keys C-] n
wait_for 10 shows 'A: disk2.img inserted'
mux send-keys 'cls' Enter 'vol a:' Enter
verify "and the second" wait_for 60 shows 'VOLUME2'
mux send-keys 'echo written >a:new.txt' Enter 'cls' Enter 'type a:new.txt' Enter
verify "DOS writes" wait_for 60 shows '^written'
mux send-keys C-] m
verify "the menu opens" wait_for 10 shows 'Send keys'
verify "and shows the drives" shows 'Drive A: *disk2.img'
mux send-keys Enter
wait_for 10 shows 'Another file'
mux send-keys Up Up Down Enter
verify "and changes the floppy" wait_for 10 shows 'A: disk1.img inserted'
mux send-keys 'cls' Enter 'vol a:' Enter
verify "as DOS sees" wait_for 60 shows 'VOLUME1'
mux send-keys C-] m
wait_for 10 shows 'Send keys'
mux send-keys Escape
verify "Esc closes it" wait_for 10 eval '! shows "Send keys"'
mux send-keys C-] e
verify "ejecting is told" wait_for 10 shows 'A: is empty'
mux send-keys C-] n
wait_for 10 shows 'A: dos.img inserted'
mux send-keys C-] q
verify "leaving gives status 0" wait_for 10 shows 'status 0'
verify "what DOS wrote is on the second" grep -q written <(mtype -i disk2.img ::new.txt 2>/dev/null)
# What starts where nothing is named has a name of its own.
if [ -f "$(dirname "$TICK86")/demo/demo.img" ]; then
    timeout 20 "$TICK86" --display none -x media </dev/null >out 2>&1
    verify "the demonstration is called so" grep -qx 'fda  demonstration' out
fi
finish
