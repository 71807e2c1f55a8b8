break 0:7d04
tbreak 0:7d00
c
u/8
u
disassemble 0:7d00 7d0c
u/2 cs:7d00
set syntax att
u/3 0:7d00
set disassembly-flavor intel
u switch-mode
u/1 0:7d00
u switch-mode
set code 32
u/4 0:7d00
set code 16
u/1 0:7d00
u size = 32
u/1 0:7d00
set code auto
delete
tbreak 0x8400
c
u/3
disas 0x8400 0x8410
u/0
set code 17
set syntax masm
u 0x800000
