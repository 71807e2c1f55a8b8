#!/usr/bin/env bash
# Runs the system tests: each image on each processor model. The images tell their failed rows through port E9h.
#   run.sh [IMAGE...]     TEST_MACHINE=qemu: in QEMU instead, to see what another machine makes of the rows
here=$(cd "$(dirname "$0")" && pwd)
build=${TICK86_BUILD:-$here/../../build}
TICK86=${TICK86:-$build/tick86}
[ -x "$TICK86" ] || { echo "$TICK86 is not built"; exit 77; }
models=${TEST_MODELS:-386 486 pentium p6}
[ $# -gt 0 ] || set -- "$build"/tests/system/*.img
failed=0
for image; do
    name=$(basename "$image" .img)
    for model in $models; do
        if [ "${TEST_MACHINE:-tick86}" = qemu ]; then
            cpu=$model
            case $model in 386) continue ;; p6) cpu=pentium2 ;; esac
            out=$(timeout 120 qemu-system-i386 -accel tcg -cpu "$cpu" -display none -m 32 -drive "file=$image,format=raw,if=floppy" \
                -snapshot -net none -no-reboot -debugcon stdio -device isa-debug-exit,iobase=0xf4 -device isa-debug-exit,iobase=0xf5 2>&1)
            [ $? = 1 ]
        else
            out=$(timeout -k 5 120 "$TICK86" --display none --cpu "$model" -m 32M --snapshot --debugcon stdio --limit "${TEST_LIMIT:-300000000i}" \
                --fda "$image" 2>&1)
        fi
        status=$?
        # The test of resets ends by a triple fault with no resume code.
        if [ "$name" = reset ]; then
            if [ $status = 125 ] && grep -q 'for good' <<<"$out"; then status=0; else status=$((status | 1)); fi
        fi
        echo "$name on $model: $(tail -n 1 <<<"$out") (status $status)"
        if [ $status != 0 ]; then
            echo "$out" | head -n 80
            failed=1
        fi
    done
done
exit $failed
