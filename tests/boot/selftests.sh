#!/usr/bin/env bash
# Linux's own tests of the processor (tools/testing/selftests: x86, breakpoints, vDSO, timers), built for 32 bits and run in the Linux
# guest: signals and their frames, single steps, debug registers, LDT and segments, I/O rights, V86 mode, SYSENTER, x87, clocks.
# TEST_MACHINE=qemu runs the same in QEMU. The source is a Debian package of 135 MB, which ./check does not install:
#   apt-get install linux-source-6.1 gcc-multilib
# Some seconds for the processor's; FULL_TESTS=1 adds the timers', a quarter of an hour of virtual time. SELFTESTS="NAME ..." runs only those.
# KERNEL=FILE is another kernel, such as one with VM86 (entry_from_vm86 skips without it); TEST_TRANSCRIPT=FILE keeps what the guest told.
. "$(dirname "$0")/boot.inc"
KERNEL=${KERNEL:-$DI/linux}
need "$KERNEL" debian-installer-12-netboot-i386
need /usr/src/linux-source-6.1.tar.xz linux-source-6.1
need /lib32/ld-linux.so.2 libc6-i386
need gcc gcc
need cpio cpio
echo 'int main(void) { return 0; }' >try.c
gcc -m32 -o try try.c 2>/dev/null || skip "gcc cannot build for 32 bits (Debian package gcc-multilib)"
BOOT_TIMEOUT=${BOOT_TIMEOUT:-1200}

. "$here/linux_guest.inc"
# The drivers of disks are not wanted.
# shellcheck disable=SC2034  # make_small looks at it
package=
make_small

# --- the tests, built once for each version of the source ---

sources=$cache/selftests
stamp=$(stat -c '%s %Y' /usr/src/linux-source-6.1.tar.xz)
if [ "$(cat "$sources/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$sources"
    mkdir -p "$sources"
    tar -xf /usr/src/linux-source-6.1.tar.xz -C "$sources" --strip-components=1 \
        linux-source-6.1/arch/x86/include/asm/desc_defs.h linux-source-6.1/tools/testing/selftests/{kselftest.h,x86,breakpoints,vDSO,timers} ||
        skip "the source of Linux cannot be unpacked"
    echo "$stamp" >"$sources/stamp"
fi
selftests=$sources/tools/testing/selftests
mkdir -p extra/tests extra/lib extra/lib32
build() { # FOLDER NAME [MORE FILES OR OPTIONS]
    local folder=$1 name=$2
    shift 2
    case " ${SELFTESTS:-$name} " in *" $name "*) ;; *) return ;; esac
    (cd "$selftests/$folder" && gcc -m32 -O2 -std=gnu99 -pthread -no-pie -w -DCAN_BUILD_32 -I.. "$@" -o "$work/extra/tests/$name" "$name.c" -lrt -ldl -lm) ||
        bad "$name does not build"
}
for name in single_step_syscall sysret_ss_attrs syscall_nt test_mremap_vdso sigreturn iopl ioperm test_vsyscall mov_ss_trap sigtrap_loop \
    syscall_arg_fault fsgsbase_restore sigaltstack entry_from_vm86 unwind_vdso test_FCMOV test_FCOMI test_FISTTP vdso_restorer ldt_gdt; do
    build x86 "$name"
done
build x86 ptrace_syscall raw_syscall_helper_32.S
build x86 test_syscall_vdso thunks_32.S
build x86 check_initial_reg_state -Wl,-ereal_start -static
build breakpoints breakpoint_test -O0
build vDSO vdso_test_getcpu parse_vdso.c
build vDSO vdso_test_gettimeofday parse_vdso.c
build vDSO vdso_test_abi parse_vdso.c
build vDSO vdso_test_correctness
timers=
[ -z "${FULL_TESTS:-}${SELFTESTS:-}" ] || timers="posix_timers nanosleep nsleep-lat inconsistency-check raw_skew rtcpie set-timer-lat threadtest adjtick"
for name in $timers; do
    build timers "$name"
done

cp -L /lib32/ld-linux.so.2 extra/lib/
cp -L /lib32/{libc.so.6,libm.so.6,libdl.so.2,librt.so.1,libpthread.so.0,libgcc_s.so.1} extra/lib32/
cat >extra/init <<'END'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for test in /tests/*; do
    echo "begins: ${test##*/}"
    LD_LIBRARY_PATH=/lib32 $test 2>&1
    echo "ends: ${test##*/} $?"
done
dmesg | grep -i 'oops\|BUG:\|call trace\|watchdog'
echo "all is said"
poweroff -f
END
chmod +x extra/init
(cd extra && find . | cpio -o -H newc --quiet | gzip -1) >extra.gz
cat small.gz extra.gz >both.gz

command_line="console=ttyS0,115200 cryptomgr.notests quiet vdso32=1"
if [ "${TEST_MACHINE:-}" = qemu ]; then
    timeout "$BOOT_TIMEOUT" qemu-system-i386 -display none -m 256 -kernel "$KERNEL" -initrd both.gz -append "$command_line" \
        -serial file:serial.txt -net none -no-reboot
else
    timeout "$BOOT_TIMEOUT" "$TICK86" --display none -m 256M --limit 3000s --kernel "$KERNEL" --initrd both.gz --append "$command_line" \
        --serial file:serial.txt >out.txt 2>err.txt
fi
status=$?
[ -z "${TEST_TRANSCRIPT:-}" ] || cp serial.txt "$TEST_TRANSCRIPT"
tr -d '\r' <serial.txt >told.txt
verify "Linux runs its own tests and ends (status $status)" [ $status = 0 ]
verify "and says so" grep -q '^all is said' told.txt
verify "without complaints of the kernel" [ "$(grep -aEc 'Oops|BUG:|Call Trace' told.txt)" = 0 ]

# A test has passed if its status says so and no line of it says otherwise; 4 is a test that does not fit the kernel.
for test in extra/tests/*; do
    name=${test##*/}
    sed -n "/^begins: $name\$/,/^ends: $name /p" told.txt >this.txt
    if [ "$name" = test_FISTTP ] && [ "${TEST_MACHINE:-}" != qemu ]; then
        # The instruction is one of SSE3, which no processor here has.
        verify "Linux's $name: an undefined instruction" grep -q 'Got signal 4' this.txt
    elif grep -q "^ends: $name 4" this.txt; then
        echo "note: $name does not fit this kernel"
    elif grep -q "^ends: $name 0" this.txt && ! grep -Eq '^not ok|\[FAIL' this.txt; then
        ok "Linux's $name"
    else
        bad "Linux's $name"
        grep -E '^not ok|\[FAIL|^ends' this.txt | sed 's/^/    | /'
    fi
done
finish
