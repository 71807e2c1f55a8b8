#!/usr/bin/env bash
# Runs without a display: exit statuses, typed text, --until, outputs, and the same run twice.
. "$(dirname "$0")/front.inc"
make_guest

# status NAME WANTED ARGUMENTS ...
status() {
    local name=$1 wanted=$2 got
    shift 2
    timeout 60 "$TICK86" --display none --snapshot guest.img "$@" >out 2>err </dev/null
    got=$?
    if [ $got = "$wanted" ]; then ok "$name"; else bad "$name: exit status $got, not $wanted; $(cat err)"; fi
}

status "--until-screen ends the run with 0" 0 --until-screen '^READY$' --limit 30s
status "--until-serial ends the run with 0" 0 --until-serial 'READY' --limit 30s
status "--limit in virtual time gives 124" 124 --limit 1s
status "--limit in instructions gives 124" 124 --limit 100000i
status "the --until that never comes gives 124" 124 --until-screen 'NEVER' --limit 2s
status "power off by port 604h gives 0" 0 --type '\{screen READY}\{f10}' --limit 30s
status "debug-exit port F4h gives (N << 1) | 1" 7 --type '\{screen READY}\{f9}' --limit 30s
status "a triple fault gives 125" 125 --type '\{screen READY}\{f7}' --limit 30s
verify "and says so in one line" [ "$(grep -c triple err)" = 1 ]
status "a triple fault resets if asked to" 124 --type '\{screen READY}\{f7}' --on-triple-fault reset --limit 10s

status "typed text arrives" 0 --type 'Hello, World! (1+2=3)' --until-screen '^Hello, World! \(1\+2=3\)$' --limit 60s \
    --screen-text screen.txt --screenshot screen.png --stats stats.json
verify "--screen-text holds the screen" grep -qx 'Hello, World! (1+2=3)' screen.txt
verify "--screenshot is a PNG of 720x400" [ "$(identify -format '%m %w %h' screen.png 2>/dev/null)" = "PNG 720 400" ]
verify "--stats tells how it ended" grep -q '"end": "until"' stats.json
verify "--stats counts instructions" grep -Eq '"instructions": [1-9]' stats.json

status "port E9h goes to a file" 0 --type '\{screen READY}abc\{f10}' --debugcon file:e9.txt --limit 30s
verify "with what was written there" [ "$(cat e9.txt)" = Rabc ]

for run in 1 2; do
    status "run $run of two" 124 --type '\{screen READY}x\{f1}' --limit 8s --serial file:$run.serial --screenshot $run.png \
        --screen-text $run.txt --stats $run.json
    grep -v '"host_' $run.json >$run.figures
done
verify "the same command gives the same picture" cmp 1.png 2.png
verify "the same serial output" cmp 1.serial 2.serial
verify "the same figures" cmp 1.figures 2.figures
finish
