# More of what fingers type that know Bochs's debugger or gdb.
tbreak 0x7c00
c
echo -- addlyt "file.txt"
addlyt "file.txt"
echo -- writereg eax 5
writereg eax 5
echo -- query pending
query pending
echo -- trace-on
trace-on
echo -- cpu
cpu
echo -- tlb
tlb
echo -- save_state "x"
save_state "x"
echo -- info linux
info linux
echo -- info ne2k
info ne2k
echo -- show "mode"
show "mode"
echo -- show off
show off
echo -- unwatch r 0x500
unwatch r 0x500
echo -- watch r 0x500
watch r 0x500
echo -- unwatch r 0x500
unwatch r 0x500
echo -- help "show"
help "show"
echo -- watch *0x500
watch *0x500
echo -- info breakpoints 3
info breakpoints 3
echo -- info b 9
info b 9
echo -- info b x
info b x
echo -- p {unsigned char}0x7c00
p {unsigned char}0x7c00
echo -- p/x {short}$pc
p/x {short}$pc
echo -- p $eax = 5
p $eax = 5
echo -- break 7c00 if eax = 5
break 7c00 if eax = 5
