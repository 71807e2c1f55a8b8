#!/usr/bin/env bash
# DOS extenders and memory managers: a program of ours goes to protected mode below FreeDOS by itself, with XMS, and below a V86 monitor of ours by VCPI, and
# calls DOS from there; DOS and its programs run on below the monitor. Each on both processors, and with SeaBIOS.
. "$(dirname "$0")/boot.inc"
need nasm nasm
need mcopy mtools
need_freedos
for program in monitor extender; do
    nasm -f bin -o $program.com "$here/dos/$program.asm" || exit 1
done

floppy() { # IMAGE CONFIG.SYS'S-LINE COMMAND ...
    local image=$1 config=$2
    shift 2
    cp "$FREEDOS" "$image"
    chmod u+w "$image"
    mdel -i "$image" ::VIM.EXE ::CONFIG.SYS ::AUTOEXEC.BAT
    mcopy -i "$image" monitor.com ::MONITOR.COM
    mcopy -i "$image" extender.com ::EXTENDER.COM
    printf '%s\r\n' "$config" >config.sys
    printf '%s\r\n' '@echo off' "$@" 'echo done' >autoexec.bat
    mcopy -i "$image" config.sys ::CONFIG.SYS
    mcopy -i "$image" autoexec.bat ::AUTOEXEC.BAT
}
extends() { # NAME IMAGE WAY OPTIONS ...
    local name=$1 image=$2 way=$3
    shift 3
    run "$name" --limit 60s --until-screen '^done' "$@" "$image" || return
    shows "by $way" "^extender: in protected mode, $way"
    shows "to its end" '^extender: all is well'
}
floppy raw.img 'LASTDRIVE=Z' EXTENDER
floppy xms.img 'DEVICE=FDOS\HIMEM.EXE' EXTENDER
floppy vcpi.img 'DEVICE=FDOS\HIMEM.EXE' MONITOR EXTENDER 'FDOS\XCOPY /? >NUL' EXTENDER CPULEVEL
for cpu in pentium p6; do
    extends "an extender on $cpu" raw.img 'A20 by the BIOS' --cpu $cpu
    extends "an extender on $cpu with HIMEM" xms.img XMS --cpu $cpu
    extends "an extender on $cpu below a V86 monitor" vcpi.img VCPI --cpu $cpu
    shows "which runs" '^V86 monitor: running'
done
if [ -e /usr/share/seabios/bios-256k.bin ]; then
    extends "an extender below a V86 monitor with SeaBIOS" vcpi.img VCPI --bios /usr/share/seabios/bios-256k.bin
fi
finish
