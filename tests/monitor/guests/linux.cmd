# Linux from its entry to its drivers: modes, tables, control and model-specific registers, exceptions with their
# error codes, ports.
break once mode protected
c
tbreak mode paging
c
creg
break cr3
c
break cr4 if value == 0x10
c
c
info breakpoints
delete
break once tr
c
break once idtr
c
break exception #GP error=0 do print cpl
c
info breakpoints
delete
break msr 174..176 if value != 0
c
c
c
info breakpoints
delete
break exception 3 do silent; echo a breakpoint of the kernel itself; continue
break once cr3 if value != old
c
info breakpoints
delete
break once read cr2
tbreak out 3f8 ignore 5
c
info breakpoints
# Its first program, tests/monitor/init.asm: a page that it writes to for the first time, system calls, the panic that follows its
# end, and the restart.
break once exception #PF error=6 if word [ss:esp+8] == 0x73
break int 80 software eax=14 if cpl == 0
break once int 80 eax=1
c
print/x cr2
c
c
print ebx
info breakpoints
delete
break once fffffff0
c
