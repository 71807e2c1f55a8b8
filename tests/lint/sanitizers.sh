#!/usr/bin/env bash
# The unit tests pass under AddressSanitizer and UndefinedBehaviorSanitizer.
. "$(dirname "$0")/build.inc"
make_configure || exit 1
compiler=$(command -v clang-19 || command -v gcc)
rm -rf build/lint-sanitizers
configure_in build/lint-sanitizers CC="$compiler" CFLAGS="-O1 -g" --enable-sanitizers || exit 1
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
if make -s -C build/lint-sanitizers -j"$(jobs)" check-unit; then
    rm -rf build/lint-sanitizers
else
    cat build/lint-sanitizers/test-suite.log
    exit 1
fi
