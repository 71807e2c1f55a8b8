#!/usr/bin/env bash
# Under AddressSanitizer and UndefinedBehaviorSanitizer pass: the unit tests, the system tests on the newest processor, the
# fuzzers and the test vectors' runner.
#   sanitizers.sh all    every test that `make check` has, for as long as that takes
. "$(dirname "$0")/build.inc"
make_configure || exit 1
compiler=$(command -v clang-19 || command -v gcc)
rm -rf build/lint-sanitizers
configure_in build/lint-sanitizers CC="$compiler" CFLAGS="-O1 -g" --enable-sanitizers || exit 1
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
if [ "${1:-}" = all ]; then
    target=check
else
    export TEST_MODELS=p6
    target=check-sanitized
fi
if make -s -C build/lint-sanitizers -j"$(jobs)" $target; then
    rm -rf build/lint-sanitizers
else
    cat build/lint-sanitizers/test-suite.log
    exit 1
fi
