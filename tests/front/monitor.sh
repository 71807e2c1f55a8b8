#!/usr/bin/env bash
# The monitor with commands from a pipe, from -x and from a script.
. "$(dirname "$0")/front.inc"
make_guest
guest="--display none --snapshot guest.img --limit 60s"

# shellcheck disable=SC2086  # $guest is a list of words
{
    printf 'break 0:7c00\ncontinue\nx/2xb 0:7dfe\nu/1\ninfo registers\nstep\ninfo breakpoints\nstep -1\nnonsense\nquit\n' |
        timeout 60 "$TICK86" $guest --monitor >out 2>err
    verify "quit gives 2 after a mistake in a pipe" [ $? = 2 ]
    verify "it starts at the reset vector" grep -Eqi '^f*fff0 .*f000:fff0' out
    verify "a breakpoint at SEGMENT:OFFSET is reached" grep -q '^00007c00  0000:7c00  ea' out
    verify "memory is shown" grep -q '^0000:7dfe: 0x55 0xaa$' out
    verify "registers are shown" grep -q '^eip 00007c00  eflags ' out
    verify "a negative count is refused" grep -q '^-1: a count of at least zero' out
    verify "a step goes to the next instruction" grep -q '^00007c05  0000:7c05  31c0 *\(xor ax, ax\|$\)' out
    verify "breakpoints count their hits" grep -qx '1   execute 00007c00' out
    verify "a wrong command is told, and the rest goes on" grep -q "no command 'nonsense'" out

    timeout 60 "$TICK86" $guest -x 'break 7c00' -x c -x 'info registers' >out1 2>err </dev/null
    verify "-x runs commands and leaves" [ $? = 0 ]
    printf '# a script\nbreak 7c00\nc\ninfo registers\n' >script
    timeout 60 "$TICK86" $guest --monitor-script script >out2 2>err </dev/null
    verify "a script gives the same" cmp out1 out2
    timeout 60 "$TICK86" $guest -x ./script >out 2>err </dev/null
    verify "a script given to -x is refused" [ $? = 2 ]
    verify "with the option that takes it" grep -q -- '--monitor-script ./script runs' err
    timeout 60 "$TICK86" $guest -x c --type '\{screen READY}\{f9}' >out 2>err </dev/null
    verify "the guest's exit status comes through" [ $? = 7 ]

    printf 'until 7c00\nsnapshot save early\ncontinue\nsnapshot load early\ncontinue\n' >commands
    "$TICK86" --display none --snapshot guest.img --serial file:serial.txt --monitor <commands >out 2>err &
    job=$!
    cleanup_jobs="$cleanup_jobs $job"
    wait_for 60 grep -q READY serial.txt
    kill $job
    (sleep 60; kill -KILL $job) 2>/dev/null &
    cleanup_jobs="$cleanup_jobs $!"
    wait $job
    verify "SIGTERM ends it, whatever commands follow" [ $? = 143 ]
    verify "and they are not run" [ "$(grep -c '^Loaded' out)" = 0 ]
}
finish
