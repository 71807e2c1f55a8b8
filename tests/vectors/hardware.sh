#!/usr/bin/env bash
# The collection of test vectors from hardware, on all models. It is looked for beside the source tree, or in CPU_TESTS.
set -eu
: "${CPU_TESTS=$srcdir/../shared/cpu-tests}"
if [ ! -d "$CPU_TESTS/286-real-mode" ]; then
    echo "skipped: no test vectors at $CPU_TESTS/286-real-mode (set CPU_TESTS)"
    exit 77
fi
for model in 286 386 486 pentium p6; do
    "$TICK86_BUILD/tests/moo" --cpu $model "$CPU_TESTS/286-real-mode" >moo-$model.out || {
        status=$?
        grep -v ', 0 failed' moo-$model.out | head -60
        exit $status
    }
    echo "$model: $(tail -1 moo-$model.out)"
    grep '^not comparable' moo-$model.out || true
    rm moo-$model.out
done
