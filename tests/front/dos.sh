#!/usr/bin/env bash
# FreeDOS from its floppy: the prompt, dir, ver, the games; and the same run twice, whatever the host does meanwhile.
# shellcheck disable=SC2317  # functions called by name
. "$(dirname "$0")/front.inc"
need_guest freedos722.img
image=${guest_file:?}
sum=$(sha256sum <"$image")

# dos NAME WANTED ARGUMENTS ...: leaves NAME.txt, NAME.png, NAME.json.
dos() {
    local name=$1 wanted=$2
    shift 2
    timeout 240 "$TICK86" --display none --snapshot "$image" --screen-text "$name.txt" --screenshot "$name.png" \
        --stats "$name.json" "$@" >"$name.out" 2>"$name.err" </dev/null
    local got=$?
    if [ $got = "$wanted" ]; then ok "$name"; else bad "$name: exit status $got, not $wanted; $(cat "$name.err")"; fi
}
picture() { identify -format "$2" "$1" 2>/dev/null; }

dos prompt 0 --until-screen '^A:.>$' --limit 60s
verify "the prompt follows the hint" [ "$(grep . prompt.txt | tail -n 2 | head -n 1)" = "Try 'invaders' or 'snake' or 'tetris' for fun." ]
dos commands 0 --type '\{screen ^A:.>$}dir\n\{screen bytes free}ver\n' --limit 60s \
    --until-screen $'ver\n\nFreeCom version 0.82.*\n\nA:.>$'
verify "dir lists the files" grep -qx 'VIM      EXE       205,718  10-25-12  7:07p' commands.txt
verify "and counts them" grep -q '18 file(s)  *401,541 bytes' commands.txt
verify "ver tells the version" grep -q '^FreeCom version 0.82' commands.txt

# Games that wait in loops cost less host time on a slower processor.
dos tetris 0 --mhz 50 --type '\{screen ^A:.>$}tetris\n' --until-screen 'SmallTetris' --limit 60s
dos invaders 124 --mhz 50 --type '\{screen ^A:.>$}invaders\n' --limit 16s
verify "invaders draws in 320x200" [ "$(picture invaders.png '%w %h')" = "320 200" ]
verify "in more than four colours" [ "$(picture invaders.png %k)" -gt 4 ]
dos snake 124 --mhz 50 --type '\{screen ^A:.>$}snake\n' --limit 16s
verify "snake draws" [ "$(picture snake.png %k)" -gt 4 ]

# A file written in DOS reaches the image, and only then.
verify "--snapshot left the image alone" [ "$(sha256sum <"$image")" = "$sum" ]
cp "$image" written.img && chmod u+w written.img
timeout 120 "$TICK86" --display none written.img --limit 60s --until-screen '^Kilroy was here' \
    --type '\{screen ^A:.>$}echo Kilroy was here>kilroy.txt\ndir k*.*\n\{screen ^KILROY}type kilroy.txt\n' >out 2>err </dev/null
verify "a file can be written and read" [ $? = 0 ]
verify "and reaches the image" grep -qa 'Kilroy was here' written.img

# Once as it comes, once paced at ten times real time with another process in the way.
typed='\{screen ^A:.>$}dir /w\ncd games\ndir\n'
dos first 124 --type "$typed" --limit 14s
(while :; do :; done) &
cleanup_jobs="$cleanup_jobs $!"
dos second 124 --type "$typed" --limit 14s --speed 1000%
kill $!
for run in first second; do grep -v '"host_' $run.json | sed 's/,$//' >$run.figures; done
verify "the same command gives the same text" cmp first.txt second.txt
verify "the same picture" cmp first.png second.png
verify "the same figures and hash of RAM and devices" cmp first.figures second.figures
verify "which hold a hash" grep -Eq '"state_hash": "[0-9a-f]{16}"' first.figures
# Where the debugger hears of the prompt's polling loop, no pass of it is taken for done (machine/idle.h).
dos skipped 124 --limit 11s
dos executed 124 --limit 11s -x 'break int 28 if 0' -x c
for run in skipped executed; do grep -v '"host_' $run.json | sed 's/,$//' >$run.figures; done
figure() { sed -n 's/.*"'"$2"'": \([0-9]*\).*/\1/p' "$1.json"; }
verify "passes of an idle loop were skipped" [ "$(figure skipped host_skipped_cycles)" -gt 100000000 ]
verify "and executed" [ "$(figure executed host_skipped_cycles)" = 0 ]
verify "with the same figures" cmp skipped.figures executed.figures
dos other 124 --type 'x' --limit 14s
verify "another input gives another hash" [ "$(grep -o 'state_hash": "[^"]*' first.json)" != "$(grep -o 'state_hash": "[^"]*' other.json)" ]
timeout 60 "$TICK86" --display none --snapshot --limit 5s --log floppy,int13 "$image" >out 2>err
verify "the log tells of BIOS calls" grep -q '^ *[0-9]* int13: AX=02[0-9A-F]* BX=[0-9A-F]* CX=' err
verify "and of the controller's commands" grep -q '^ *[0-9]* floppy: read data' err
verify "and of nothing else" [ -z "$(grep -v 'int13: \|floppy: \|limit was reached' err)" ]
finish
