#!/usr/bin/env bash
# Serial ports: stdio, file, pty, and TCP both ways.
. "$(dirname "$0")/front.inc"
make_guest
guest="--display none --snapshot guest.img --limit 60s"

# shellcheck disable=SC2086  # $guest is a list of words
{
    printf 'from stdin' | timeout 60 "$TICK86" $guest --serial stdio --until-serial 'from stdin' >out 2>err
    verify "stdio: what goes in comes back out" grep -q 'from stdin' out
    timeout 60 "$TICK86" $guest --serial file:serial.txt --until-serial READY 2>err
    verify "file: holds what was sent" grep -q READY serial.txt

    timeout 60 "$TICK86" $guest --serial pty --speed real 2>pty.err &
    job=$!
    cleanup_jobs="$cleanup_jobs $job"
    verify "pty: the name is told" wait_for 10 grep -q 'COM1 is /dev/' pty.err
    pty=$(sed -n 's/.*COM1 is //p' pty.err)
    if [ -n "$pty" ]; then
        cat "$pty" >pty.out &
        cleanup_jobs="$cleanup_jobs $!"
        verify "pty: the guest's output arrives" wait_for 20 grep -q READY pty.out
        printf 'to the pty' >"$pty"
        verify "pty: input arrives and comes back" wait_for 20 grep -q 'to the pty' pty.out
    fi
    kill $job
    wait $job
    verify "a terminated run gives 128 + SIGTERM" [ $? = 143 ]

    port=$((20000 + $$ % 20000))
    timeout 60 "$TICK86" $guest --serial tcp::$port --until-serial 'over tcp' 2>tcp.err &
    job=$!
    cleanup_jobs="$cleanup_jobs $job"
    wait_for 10 grep -q 'waits for a connection' tcp.err
    exec 3<>/dev/tcp/127.0.0.1/$port || bad "tcp: nobody listens"
    sleep 1
    printf 'over tcp' >&3
    wait $job
    verify "tcp: a connection can be taken" [ $? = 0 ]
    timeout 5 cat <&3 >tcp.out
    exec 3>&-
    verify "tcp: the guest's output goes there" grep -q 'over tcp' tcp.out
}
finish
