page 0x7c00
page 0xb8000
page 0xfffffff0
info pages
tbreak 0x8400
c
page 0x8400
page 0x20123
page 0x30000
page 0x31000
page 0x40000
page 0x400123
page 0x800000
page 0xc00000
page ranges
info pages
info mem
info tlb
echo PAE.
tbreak 0x8500
c
page 0x8500
page 0x201000
page 0xc0000000
page 0x40000000
info tab
info tlb
echo CR3, CR4 and CR0 are not set to what the processor would refuse.
write/gp 0x7000 0x13001 0 0 0
set cr3 = 0x7000
set cr4 = 0xb0
write/gp 0x7018 0x1e7
set cr3 = 0x7000
set cr4 = 0x20
set cr0 = 0x80000011
set cr3 = 0x12000
creg
page
