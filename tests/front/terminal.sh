#!/usr/bin/env bash
# The terminal display, inside tmux: text, keys, colours, graphics, and the terminal as it was afterwards.
. "$(dirname "$0")/front.inc"
need tmux
make_guest

start_tmux
mux send-keys "clear; stty -g >before; '$TICK86' --display term --snapshot guest.img; echo status \$?; stty -g >after" Enter
# Light red on blue, as tmux tells it.
coloured() { mux capture-pane -e -p | grep -q $'\e\\[91m\e\\[44mred'; }
verify "the guest's screen appears" wait_for 20 shows '^READY'
verify "the status line says how to give commands" shows 'Ctrl-\] for commands'
mux send-keys 'Typed: aZ9!?'
verify "keys arrive" wait_for 10 shows 'Typed: aZ9!?'
mux send-keys M-x
verify "Alt with a letter arrives as such" wait_for 10 shows '\[Alt-X\]'
mux send-keys F6
verify "colours are the guest's" wait_for 10 coloured
mux send-keys F1
verify "a graphics mode is drawn in half blocks" wait_for 10 shows '▀▀▀▀▀▀▀▀▀▀'
mux send-keys F3
verify "back in text" wait_for 10 shows '^TEXT'
mux send-keys C-]
verify "the commands are listed" wait_for 5 shows 'q quit'
mux send-keys p
verify "pause" wait_for 5 shows paused
mux send-keys C-] p
mux resize-window -x 80 -y 25
sleep 0.5
verify "a terminal of 80x25 is the guest's alone" wait_for 10 eval '! shows "Ctrl-] for commands"'
mux send-keys C-]
verify "until commands are asked for" wait_for 5 shows 'm menu'
mux send-keys d
verify "or something is to be told" wait_for 5 shows 'Ctrl-Alt-Del sent'
verify "for a while" wait_for 10 eval '! shows "Ctrl-Alt-Del sent"'
wait_for 20 shows '^READY'
mux send-keys C-] i
verify "Ctrl-] i leads into the monitor" wait_for 10 shows '^The machine is stopped'
mux send-keys 'print 0x1234' Enter
verify "which takes commands" wait_for 10 shows '0x1234  4660'
mux send-keys 'continue' Enter
verify "continue brings the guest's screen back" wait_for 10 shows '^READY'
verify "without the monitor's lines" eval '! shows "The machine is stopped"'
mux send-keys 'again'
verify "and keys go to the guest again" wait_for 10 shows again
mux resize-window -x 60 -y 20
mux send-keys 'small'
verify "a smaller terminal still shows the cursor's line" wait_for 10 shows small
mux send-keys C-] q
verify "leaving gives status 0" wait_for 10 shows 'status 0'
verify "the terminal is as it was" wait_for 5 cmp before after

mux send-keys "clear; '$TICK86' --display term --snapshot guest.img; echo status \$?; stty -g >after" Enter
wait_for 20 shows '^READY'
pane=$(mux display-message -p '#{pane_pid}')
pkill -TERM -P "$pane" tick86
verify "after SIGTERM too" wait_for 10 shows 'status 143'
verify "the terminal is as it was" wait_for 5 cmp before after
finish
