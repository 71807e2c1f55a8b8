tbreak 0:7d00
c
info gdt
info ldt
info tss
write/h 0x6c 0x1111 0xf000 0x2222 0xf000
info idt 0x1b 0x1c
write/h 0x200 0x1234 0xf000
info ivt 0x80
info ivt 300
tbreak 0x8400
c
info gdt
info gdt 1 2
info gdt 7
info gdt 11
info ldt
info idt
info idt 13 14
info tss
set cr4 = 0x91
info tss 0x30
info tss 0x28
info tss 0x100
info ivt 0x80
echo Of a port two bytes of the map are read: both must lie within the limit.
write/h 0x8538 0x107
info tss 0x30
