#!/usr/bin/env bash
# Under AddressSanitizer and UndefinedBehaviorSanitizer pass: the unit tests, the system tests on the newest processor, the
# fuzzers and the test vectors' runner.
#   sanitizers.sh all    every test that `make check` has but those of speed, for as long as that takes, which is hours
# Ends with a summary; the logs of what failed stay in build/lint-sanitizers.
. "$(dirname "$0")/build.inc"
make_configure || exit 1
compiler=$(command -v clang-19 || command -v gcc)
folder=build/lint-sanitizers
rm -rf $folder
configure_in $folder CC="$compiler" CFLAGS="-O1 -g" --enable-sanitizers || exit 1
# Windows: what D-Bus and OpenGL keep to the end of the process is not ours.
echo 'leak:libdbus-1.so' >$folder/suppressions
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 LSAN_OPTIONS=suppressions=$PWD/$folder/suppressions:print_suppressions=0
export SDL_RENDER_DRIVER=software SDL_FRAMEBUFFER_ACCELERATION=0
if [ "${1:-}" = all ]; then
    target=check-sanitized-all
else
    export TEST_MODELS=p6
    target=check-sanitized
fi
make -s -C $folder -j"$(jobs)" $target >$folder/output 2>&1
status=$?
grep -E '^(FAIL|ERROR|SKIP): ' $folder/output
grep -hE 'ERROR: (Address|Leak)Sanitizer|runtime error:' -r $folder --include='*.log' | sort | uniq -c | head -n 40
echo "sanitized: $(grep -c '^PASS: ' $folder/output) tests passed, $(grep -cE '^(FAIL|ERROR): ' $folder/output) failed," \
    "$(grep -c '^SKIP: ' $folder/output) skipped"
if [ $status = 0 ]; then
    rm -rf $folder
else
    if [ -f $folder/test-suite.log ]; then cat $folder/test-suite.log; else tail -n 40 $folder/output; fi
    exit 1
fi
