# One grammar, and the words that people try.
tbreak 7c00
c
echo -- break int13 ah=2
break int13 ah=2
echo -- break int13h
break int13h
echo -- break int 0x13 ah=42
break int 0x13 ah=42
echo -- break int 13h
break int 13h
echo -- break bios 13
break bios 13
echo -- break bios 13 ah=42
break bios 13 ah=42
echo -- break bios
break bios
echo -- break dos 4c
break dos 4c
echo -- break int21 ah=4c
break int21 ah=4c
echo -- break in 60
break in 60
echo -- break in 0x60
break in 0x60
echo -- break out 20
break out 20
echo -- break out 0x20
break out 0x20
echo -- break io 60 w
break io 60 w
echo -- break ioport 60
break ioport 60
echo -- break port 60 r
break port 60 r
echo -- break triple fault
break triple fault
echo -- break triple
break triple
echo -- break triple-fault
break triple-fault
echo -- break mode protected
break mode protected
echo -- break protected
break protected
echo -- break protected mode
break protected mode
echo -- break real
break real
echo -- break v86
break v86
echo -- break paging
break paging
echo -- break mode long
break mode long
echo -- break cr0
break cr0
echo -- break cr0 write
break cr0 write
echo -- break write cr0
break write cr0
echo -- break msr 0x1b
break msr 0x1b
echo -- break msr 1b
break msr 1b
echo -- break wrmsr
break wrmsr
echo -- break gdtr
break gdtr
echo -- break lgdt
break lgdt
echo -- break 7c00
break 7c00
echo -- break 0x7c00
break 0x7c00
echo -- break 0x7c0:0
break 0x7c0:0
echo -- break 7c0:0
break 7c0:0
echo -- break cs:ip
break cs:ip
echo -- break $pc
break $pc
echo -- break eip
break eip
echo -- break exception PF
break exception PF
echo -- break exception 0xe
break exception 0xe
echo -- break pf
break pf
echo -- break #pf
break #pf
echo -- break page fault
break page fault
echo -- break nmi
break nmi
echo -- break smm
break smm
echo -- break smi
break smi
echo -- break iret
break iret
echo -- break irq 1
break irq 1
echo -- break irq1
break irq1
echo -- break int 8
break int 8
echo -- break read 0x500
break read 0x500
echo -- break mem 0x500
break mem 0x500
echo -- break rw 0x500
break rw 0x500
echo -- break w 0x500 4
break w 0x500 4
echo -- break write 0x500..0x50f
break write 0x500..0x50f
echo -- break write 0x500,4
break write 0x500,4
echo -- break phys 0x500
break phys 0x500
echo -- break write phys 0x500
break write phys 0x500
echo -- break hlt
break hlt
echo -- break int3
break int3
echo -- break main
break main
echo -- catch syscall
catch syscall
echo -- catch exception
catch exception
echo -- catch int 21
catch int 21
echo -- break on int 13
break on int 13
echo -- break when eax == 5
break when eax == 5
echo -- break read cr0
break read cr0
echo -- break int13 zz
break int13 zz
echo -- break 0x7c00 junk
break 0x7c00 junk
echo -- break in
break in
echo -- break dos
break dos
echo -- break write 0x500,4 do find 0x500, +4, 1
break write 0x500,4 do find 0x500, +4, 1
echo -- break 8000..81ff
break 8000..81ff
echo -- info breakpoints
info breakpoints
delete
break cr0
break dos 4c
break out 3ff
break in 3ff
break pf
c
c
c
c
c
break 7c0:0
