# Addresses past the end, memory that is not there, and writes that change all or nothing.
tbreak 7c00
c
x/4xw 0x100000000
x/4xw 0xfffffffc
x
dump 0xfffffff8 16
x/2xb esp-0x8000
x/1xb ffff:10
write 0x100000000 5
write/w 0xfffffffe 5
break write 0x100000000
break write 0xffffffff 2
break write physical 0x100000000
break write physical 0x1000000000
xp/4xw 0x700000000
xp/1xw 0x1000000000
crc 0x700000000 0x700001000
crc 0xfffffffff000 0xffffffffffff
find/p 0x700000000 16 1
find 0xfffffff0 32 1
save/p nothing 0x700000000 16
fill 0x9fff0 0x40000 0x55
find 0x9fff0 16 0x55 0x55
fill/p 0x7fffff0 32 0x55
save mine 0x7c00 32
load mine 0x9fff0
load/p mine 0xeffff
write 0x9ffff 1 2 3
setpmem 0xf0000 1 0
load no/such/file 0x7c00
load mine
until 0x7c00 junk
page 0x100000000
u 0x100000000
echo What is worked out from registers wraps around at 4 GB, as in the processor; what is typed does not.
set eax = 0xfffffffc
x/4xb eax+7c04
print word [eax + 0x7c04]
print byte [0x100007c00]
print *(short *)($eax+0x7c04)
break write eax+0x504 2
u/1 eax+7c04
x/2xb ds:eax+7c04
x/2xb ds:100000000
x/2xb 0x100007c00
