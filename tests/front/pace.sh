#!/usr/bin/env bash
# Real time: a prompt that waits costs next to nothing, the guest's clock goes with the wall, and the displays say when
# the host cannot keep up. Limits are generous: hosts that run tests are busy.
. "$(dirname "$0")/front.inc"
need tmux
need_guest freedos722.img
ticks=$(getconf CLK_TCK)
# Processor time of a process, in hundredths of a second.
cpu_time() { sed 's/.*) //' "/proc/$1/stat" | awk -v ticks="$ticks" '{ print int(($12 + $13) * 100 / ticks) }'; }
# idle NAME PROCESS: under 20 % of one processor for five seconds (the aim is 10).
idle() {
    local before after
    before=$(cpu_time "$2")
    sleep 5
    after=$(cpu_time "$2")
    local percent=$(((after - before) / 5))
    verify "$1: the prompt uses $percent % of a processor" [ $percent -lt 20 ]
}

start_tmux
mux send-keys "'$TICK86' --display term --snapshot '${guest_file:?}' --stats term.json" Enter
verify "the prompt appears in the terminal" wait_for 60 shows '^A:.>'
job=$(pgrep -P "$(mux display-message -p '#{pane_pid}')" tick86)
idle "terminal" "$job"
verify "the status line tells full speed" wait_for 20 shows 'tick86  *\(9[5-9]\|10[0-5]\) %'
# DOS's clock against the wall's, over some seconds. The answer shows hundredths.
dos_clock() {
    mux send-keys "cls" Enter
    wait_for 10 eval '! shows "Enter new"'
    mux send-keys "time" Enter
    # The whole of the answer: the picture may be taken while it is drawn.
    wait_for 10 shows 'Current time is *[0-9]*:[0-9]*:[0-9]*[.,][0-9][0-9]' || return 1
    mux capture-pane -p | sed -n 's/.*Current time is *\([0-9]*\):\([0-9]*\):\([0-9]*\)[.,]\([0-9]*\)\(.*\)/\1 \2 \3 \4/p' | head -n 1 |
        awk '{ print (($1 * 60 + $2) * 60 + $3) * 100 + $4 }'
    mux send-keys Enter
}
wall() { date +%s%N | sed 's/.......$//'; }
dos_first=$(dos_clock) wall_first=$(wall)
sleep 10
dos_last=$(dos_clock) wall_last=$(wall)
off=$((dos_last - dos_first - wall_last + wall_first))
verify "DOS's clock goes with the wall's: $off hundredths off in $((wall_last - wall_first))" [ ${off#-} -lt 100 ]
mux send-keys C-] q
verify "and the run tells its time" wait_for 10 grep -q virtual_seconds term.json

# A guest that is never idle (inc ax; jmp) on a processor that no host can be.
truncate -s 1440K busy.img
printf '\100\353\375' | dd of=busy.img conv=notrunc status=none
printf '\125\252' | dd of=busy.img bs=1 seek=510 conv=notrunc status=none
mux send-keys "clear; '$TICK86' --display term --snapshot busy.img --mhz 9000" Enter
verify "the status line says when the host cannot keep up" wait_for 30 shows 'this host cannot keep up'
mux send-keys C-] q

export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy
if "$TICK86" --help | grep -q sdl; then
    "$TICK86" --display sdl --snapshot "$guest_file" --serial file:serial.txt 2>sdl.err &
    job=$!
    cleanup_jobs="$cleanup_jobs $job"
    sleep 15
    if kill -0 $job 2>/dev/null; then
        idle "window" $job
        kill $job
    else
        bad "the window does not open: $(cat sdl.err)"
    fi
fi
finish
