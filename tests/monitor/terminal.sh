#!/usr/bin/env bash
# The monitor at a terminal, inside tmux: completion, repetition by an empty line, history that outlives the run.
. "$(dirname "$0")/../front/front.inc"
need tmux
here=${here:?}/../front make_guest
unset XDG_STATE_HOME
export HISTFILE=
export HOME=${work:?}/home
mkdir home
start_tmux 120 40
enter() { mux send-keys "clear; '$TICK86' --display none --snapshot --fda guest.img --monitor; echo status \$?" Enter; }

enter
verify "the prompt appears" wait_for 20 shows '^tick86> *$'
grep -q 'define HAVE_EDIT' "$(dirname "$TICK86")/config.h" || { echo "skipped: built without libedit"; exit 77; }
mux send-keys 'disas' Tab
verify "commands are completed" wait_for 10 shows '^tick86> disassemble *$'
mux send-keys '/2' Enter
verify "and run" wait_for 10 shows '=>  fffffff0'
mux send-keys C-l 'info dev' Tab
verify "subjects are completed as far as they go" wait_for 10 shows '^tick86> info device'
mux send-keys C-u 'info device ps2_m' Tab
verify "devices are completed" wait_for 10 shows '^tick86> info device ps2_mouse'
mux send-keys C-u 'print efl' Tab
verify "registers are completed" wait_for 10 shows '^tick86> print eflags'
mux send-keys C-u 'load guest.i' Tab
verify "files are completed" wait_for 10 shows '^tick86> load guest.img'
mux send-keys C-u 'snapshot save ho' Tab
verify "also behind another word" wait_for 10 shows '^tick86> snapshot save home'
mux send-keys C-u 'step' Enter
verify "a step" wait_for 10 shows 'f000:e05b'
mux send-keys Enter
verify "an empty line does it again" wait_for 10 shows '^000f.*  cli$'
mux send-keys 'step 100000000000' Enter
sleep 1
mux send-keys C-c
verify "Ctrl-C ends a long step" wait_for 20 shows 'instructions, .* in all'
wait_for 10 shows '^tick86> *$'
mux send-keys 'nonsense' Enter
verify "a mistake is told, and the prompt comes back" wait_for 10 shows "no command 'nonsense'"
mux send-keys 'quit' Enter
verify "quit leaves with status 0" wait_for 10 shows 'status 0'
verify "history is kept" grep -q nonsense home/.local/state/tick86/monitor_history

enter
wait_for 20 shows '^tick86> *$'
mux send-keys Up Up
verify "and is there in the next run" wait_for 10 shows '^tick86> nonsense'
mux send-keys C-u C-d
verify "Ctrl-D leaves" wait_for 10 shows 'status 0'
# Ctrl-C gives up the line alone; a signal from elsewhere ends the run with its status.
enter
wait_for 20 shows '^tick86> *$'
mux send-keys 'nonsen' C-c 'print 0x4321' Enter
verify "Ctrl-C at the prompt gives up the line" wait_for 10 shows '^0x4321  17185'
verify "alone" [ "$(mux capture-pane -p | grep -c 'status\|no command')" = 0 ]
kill -TERM "$(pgrep -f "^$TICK86 --display none --snapshot --fda guest.img --monitor\$" | head -n 1)"
verify "SIGTERM at the prompt gives 143" wait_for 10 shows 'status 143'
# Where there can be no history, nothing is said of it.
mux send-keys 'HOME=/dev/null' Enter
enter
wait_for 20 shows '^tick86> *$'
mux send-keys 'ptime' Enter
verify "it works without a place for history" wait_for 10 shows '^0 instructions, 0 cycles'
mux send-keys 'q' Enter
verify "without a word" wait_for 10 shows 'status 0'
verify "of it" [ -z "$(mux capture-pane -p | grep -i history)" ]
finish
