# Requests by their registers' values, before the boot sector's own.
break once int 13 ah=42
break once int 13 software ah=02 dl=0 if es == 0 && bx == 0x7e00
c
c
break once dos 9
break once nmi
break once bios 21
info b
c
c
delete
# Segmented addresses and ranges of each kind of access, linear and physical.
break write 2000:20 2
break read 2000:21
break access 2000:0..2000:1
break once read physical 0x20021..0x20022
break once access physical 0x20000
break once write physical 20000h..0x20001
info b
c
c
c
c
delete
break dr3 if value == 0x7c00
break once dr3 if value == 0
break cr2
c
c
c
delete
# Into each mode and out of it.
break mode smm
break mode real
break once mode paging
break once out b2
c
c
c
break once mode
c
delete
# What user code does.
break exception #PF error=4
break exception 14 error=7 if cpl == 0 && word [ss:esp+8] == 0x23
break int 80 software eax=1
break int 80
break once irq
break once idtr
info b
c
c
c
page 0x50008
c
page 0x50004
c
info b
delete
c
