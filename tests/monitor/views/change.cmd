tbreak 0:7d00
c
echo Registers and flags.
set eax = 0x12345678
set $bx = 5
set cl=0xff
set ch = 1
set var $edx = -1
set cf = 0
set zf=1
set iopl = 3
set es = 0x1000
r
set eflags = 0x202
info eflags
set ip = 0x7d0b
u/1
set al = 256
set cf = 2
set zz = 1
set cpl = 3
set cr0 = 0x80000000
set cr0 = 0x20000010
set cr0 = 0
creg
set cr4 = 0xffffffff
set efer = 0x500
set r8 = 1
set eax = 0x12345678901234567
echo Denormals.
set st0 = 1e-4940
fpu
set st0 = 3.6e-4951
set st1 = -1e-4931
fpu
echo Memory.
write 0x500 1 2 0x33 "text" 'quoted'
x/13mb 0x500
write/h 0:510 0x1234 -2
write/w 0x514 = 0xcafebabe
write/g 0x518 0x0102030405060708
dump 0x510 16
set byte 0x500 = 0x41
set word 0:502 = 0x4242
set dword 0x504 = 0x43434343
set qword 0x508 = 0x4444444444444444
set {int}0x510 = 1
set {char}0x514 = 0x61
set *0x518 = 2
x/32mb 0x500
setpmem 0x500 2 0x6162
setpmem 0x502 4 0x63646566
setpmem 0x506 3 1
x/8mb 0x500
fill 0x600 16 0xaa
fill/h 0x604 6 0x1122 0x3344
x/16mb 0x600
fill/p 0x700 5 "ab"
x/6mb 0x700
poke 0xfffffff0 1
write 0x500
write 0x500 300
write 0x500 "open
fill 0x600 0 1
echo Files.
save part.bin 0x500 32
load part.bin 0x800
x/32mb 0x800
loadmem "part.bin" 0x900
writemem "other.bin" 0x900 4
load/p other.bin 0x920
x/4mb 0x920
load nothing.bin 0x900
save /nowhere/file 0 1
echo /text, too
find 0x600 16 ""
fill 0x600 16 ""
load part.bin 0xfffffff0
echo Protected mode: segment registers by their descriptors.
tbreak 0x8400
c
set fs = 0x18
set cs = 8
sreg
set fs = 0x48
set cs = 0x10
set cs = 0x23
set ds = 0x1234
set msr 0x174 = 0x10
set msr SYSENTER_ESP = 0x7000
msr 0x174
msr sysenter_esp
set msr 0x9999 = 1
set vm = 1
set cr3 = 0x12000
