# FreeDOS from its boot sector to its prompt: stops of the kinds that one meets there.
break once 7c00
c
info breakpoints
# DOS makes its interrupts: the vector of INT 21h is written.
break write 0:84 4 if value != 0
c
c
delete 2
# The first program is opened; its name lies at DS:DX.
tbreak int 21 ah=3d
c
print-string ds:dx
# Programs are started, one after the other.
break dos 4b
c
print-string ds:dx
x/2xh ss:sp
info breakpoints
delete
# The floppy's data register, read: the first two bytes are passed.
break in 3f5 ignore 2
c
info breakpoints
delete
# The timer's count of ticks is read by the BIOS or by DOS.
break once read 0:46c 4
c
break irq 0 if byte [0:46c] > 0 do print byte [0:449]
c
info breakpoints
delete
# Text is written at the prompt.
break once int 10 ah=e do silent; print/c al; echo written
c
break once bios 16
c
type ver\n
break int 21 ah=40 ignore 1 do print cx; print bx
c
info breakpoints
delete
break int 21 ah=40 if cx > 8 do print cx; continue
break once int 21 ah=40 if cx == 0x2e
c
info breakpoints
