#!/usr/bin/env bash
# The processor's fast ways and its plain one give the same state, bit for bit: the demonstration floppy's pages
# and a DOS boot, with each of the ways of --cpu-paths, and on each processor model.
set -u
top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
TICK86=${TICK86:-$PWD/tick86}
dos=$top/../shared/guests/freedos722.img
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# state NAME ARGUMENTS ...: the hash of everything at the end of the run
state() {
    timeout 300 "$TICK86" --display none --snapshot --stats "$work/stats" "$@" >/dev/null 2>"$work/err" </dev/null
    grep -o '"state_hash": "[0-9a-f]*"' "$work/stats" || cat "$work/err"
}

same_on_all_paths() {
    local name=$1 want got way
    shift
    want=$(state "$@")
    case $want in *state_hash*) ;; *) echo "FAIL $name: no state: $want"; failed=1; return ;; esac
    for way in plain nolinks nofusion allflags cuts:1 cuts:2 drops:3 nolinks,allflags,cuts:4,drops single; do
        got=$(state "$@" --cpu-paths "${way//:4,drops/,drops:4}")
        if [ "$got" = "$want" ]; then
            echo "ok $name, $way"
        else
            echo "FAIL $name: $way gives $got, the fast way $want"
            failed=1
        fi
    done
}

for page in 2 4 9; do
    same_on_all_paths "demonstration page $page" --limit 1500ms --type "\\{wait 900ms}$page"
done
for model in 386 486; do
    same_on_all_paths "demonstration on a $model" --cpu $model --limit 1500ms --type '\{wait 900ms}9'
done
if [ -e "$dos" ]; then
    same_on_all_paths "DOS boot" --limit 9s "$dos"
else
    echo "skipped: DOS boot, no ../shared/guests/freedos722.img"
fi
exit $failed
