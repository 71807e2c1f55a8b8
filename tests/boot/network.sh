#!/usr/bin/env bash
# Network boot loaders as far as they come without a network: iPXE from its CD, as a kernel, and as option ROM look for a card; U-Boot's ROM in
# place of the BIOS finds the memory and its devices.
. "$(dirname "$0")/boot.inc"
need /usr/lib/ipxe/ipxe.iso ipxe
need /usr/lib/ipxe/qemu/pxe-e1000.rom ipxe-qemu
need /usr/lib/u-boot/qemu-x86/u-boot.rom u-boot-qemu

run "iPXE from its CD" --limit 30s --until-screen 'No more network devices' --cdrom /usr/lib/ipxe/ipxe.iso
shows "initialises" 'iPXE initialising devices...ok'
run "iPXE as a kernel" --limit 30s --until-screen 'No more network devices' --kernel /boot/ipxe.lkrn
shows "tells its features" 'Features:.*HTTP'
# An option ROM for a card that is not there says who it is, offers to be booted from, and finds nothing.
run "iPXE's option ROM" --limit 30s --until-screen 'iPXE \(http://ipxe.org\)' --option-rom /usr/lib/ipxe/qemu/pxe-e1000.rom
run "iPXE's option ROM boots from the network" --limit 60s --boot n --until-screen 'No more network devices' --option-rom /usr/lib/ipxe/qemu/pxe-e1000.rom
# U-Boot of this version goes on with MFENCE, which a processor of the P6 family does not have: QEMU's pentium3 ends there too.
run "U-Boot in place of the BIOS" --limit 30s --bios /usr/lib/u-boot/qemu-x86/u-boot.rom --serial file:serial.txt --until-serial 'Core: +[0-9]+ devices'
verify "finds the memory" grep -q 'DRAM:  64 MiB' serial.txt
finish
