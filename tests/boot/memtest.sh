#!/usr/bin/env bash
# Debian's memtest86+ from its ISO image and as a kernel, at 64 MB: the first tests of a pass, without an error. With
# FULL_PASS=1 in the environment it is the whole pass (some 400 virtual seconds, one or two minutes of the host's).
. "$(dirname "$0")/boot.inc"
need /usr/lib/memtest86+/memtest86+ia32.iso memtest86+
BOOT_TIMEOUT=${BOOT_TIMEOUT:-1200}
memtest="-m 64M --limit 1500s"
# A test's number stands in the line of its progress, the errors below.
until='Test #[4-9]'
[ -z "${FULL_PASS:-}" ] || until='Pass: +1 '

# shellcheck disable=SC2086  # a list of words
run "memtest86+ from its CD" $memtest --until-screen "$until" --cdrom /usr/lib/memtest86+/memtest86+ia32.iso
shows "finds the processor" 'Pentium II'
shows "its clock, by the timer" 'CLK/Temp: 200MHz'
shows "the memory" '^Memory  :   64MB'
shows "the board" 'tick86 PC \(440FX\)'
shows "no error" 'Errors: 0 *$'
# shellcheck disable=SC2086
run "memtest86+ as a kernel" $memtest --until-screen 'Test #[1-9]' --kernel /boot/memtest86+ia32.bin
shows "no error" 'Errors: 0 *$'
# shellcheck disable=SC2086
run "memtest86+ on a Pentium" $memtest --cpu pentium --until-screen 'Test #[1-9]' --kernel /boot/memtest86+ia32.bin
shows "no error" 'Errors: 0 *$'
finish
