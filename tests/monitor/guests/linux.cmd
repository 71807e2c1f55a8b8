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
