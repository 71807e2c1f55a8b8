#!/usr/bin/env bash
# What cannot be written is told in a line, with exit status 2; a guest's disk reports an error to the guest.
. "$(dirname "$0")/front.inc"
need mformat mcopy
make_guest
[ -w /dev/full ] || { echo "skipped: there is no /dev/full"; exit 77; }

# fails PART ARGUMENTS ...: the run ends as usual, but with status 2 and a line that holds PART.
fails() {
    local part=$1
    shift
    timeout 60 "$TICK86" --display none --snapshot guest.img "$@" >out 2>err </dev/null
    local status=$?
    verify "$*: status 2" [ $status = 2 ]
    verify "$*: one line about it" [ "$(grep -v 'limit was reached' err | grep -cF -- "$part")" = 1 ]
}
fails /dev/full --limit 2s --stats /dev/full
fails /dev/full --limit 2s --screenshot /dev/full
fails /dev/full --limit 2s --screen-text /dev/full
fails COM1 --limit 2s --serial file:/dev/full

# Standard output: what does not fit on a disk is told; that the reader of a pipe has seen enough is not.
"$TICK86" --display none -x 'x/500xb 0' >/dev/full 2>err
verify "standard output is full: status 2" [ $? = 2 ]
verify "one line about it" [ "$(cat err)" = "tick86: standard output cannot be written; is the disk full?" ]
"$TICK86" --help >/dev/full 2>err
verify "so for the help" [ $? = 2 ]
"$TICK86" --display none -x 'x/50000xb 0' 2>err | head -n 1 >out
verify "the reader of a pipe may leave" [ "${PIPESTATUS[0]} $(cat err)" = "0 " ]

# No file may grow over 400 KB here, as if the disk were full: what DOS writes behind the filler fails.
need_guest freedos722.img
cp "${guest_file:?}" dos.img
chmod u+w dos.img
truncate -s 1474560 disk.img
mformat -i disk.img -f 1440 ::
head -c 420000 /dev/zero >filler
mcopy -i disk.img filler ::
(
    ulimit -f 400
    timeout 100 "$TICK86" --display none --fda dos.img --fdb disk.img --limit 60s \
        --type 'echo lost >b:\\lost.txt\n' --until-screen '(write|Write|Error|error|Abort).*' 2>err
)
verify "the guest sees an error" [ $? = 0 ]
verify "the user is told once" [ "$(grep -c 'disk.img: cannot be written' err)" = 1 ]
verify "the rest of the disk is whole" cmp <(mtype -i disk.img ::filler) filler
finish
