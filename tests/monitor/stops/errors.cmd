break io
break io 3f8..3f0
break io 12345
break io x
break int 100
break exception 99
break exception #ZZ
break cr 9
break write
break write 7c00 0
break read ..
break 7c00..7bff
break 1:2:3
break zork
break 7c00 zork
break mode zork
break msr 1234567890
break irq 99
break write physical 123456789 4
break write 123456789 4
tbreak
pbreak
rwatch
delete 7
delete x
enable 8
disable 9
condition 1
commands
end
modebp nonsense
info b
echo A mistake among numbers changes nothing; 4-5 and 4..5 are several.
delete
break 7c10
break 7c11
break 7c12
disable 3 99
delete 3 x
disable 5-3
info b
disable 3 4..9
info b
enable 4-5
delete 4-9
echo commands goes to a breakpoint that has a number.
show int
commands
echo at the stop
end
show off
info b
echo What can never happen is refused.
delete
break int 21 ah=100
break int 21 ax=100 if cx == 3
break 7c00 zf=2
break 7c00 if iopl == 4
break 7c00 if byte [7c00] == 0x100 && cx == 1
break 7c00 if byte [7c00] == 0x100 || cx == 1
break dos 100
break irq 16
break irq 20
break exception 32
break exception 15
break exception 2
break exception 15..16
break cr 1
break dr 4
break int 100
break int 10..100
break io 10000
break io ffff..10000
break msr 100000000
break mode long
break 7c00 if vector == 3
break int 13 port=60
break exception 14 error=2
break write 500 if value == 0x10 && old != 5
break 7c00 ignore -1
ignore 10 -1
condition 10 ah == 256
condition 10 port == 1
break write ffffffff 2
break write ffffffff..fffffff0
info b
echo The commands of breakpoints are checked when they are given.
delete
break 7c00 do
break 7c00 do ;
break 7c00 do nonsense
break 7c00 do print ax; x/2q 0; continue
break 7c00 do print ax +
break 7c00 do step x y
break 7c00 do step all 2
break 7c00 do x/4xb
break 7c00 do x/4xb foo
break 7c00 do x/4xb ds:si + 4; x/2i $pc; fill ds:si, +4, 1 "a"; find/h 0x7c00, +512, 0xaa55
break 7c00 do info pic; info gdt 1 2; info registers eax
break 7c00 do info pic 5
break 7c00 do info nothing
break 7c00 do info gdt foo
break 7c00 do set foo = 1
break 7c00 do set $eax = ebx + 1; set zf=1; set word 0x500 = 1; set st0 = 1.5
break 7c00 do set eax
break 7c00 do break 7c10 do nonsense
break 7c00 do break 8:1234 do silent; continue
break 7c00 do break irq 20
break 7c00 do break ebx..ecx
break 7c00 do load file
break 7c00 do nmi x
break 7c00 do display/i $pc; display registers; display eax == 5
break 7c00 do display/q 5
break 7c00 do ignore 1 foo
break 7c00 do condition 1 eax ==
break 7c00 do print 0:7c00; p/x eax; p; p/s 5
commands 14 nonsense
commands 14 print 1; echo two
commands 14
print 3
nonsense
silent
x/2i foo
end
info b
display display eax
display quit
display continue
display undisplay
info display
break 7c00 if (ah == 0x100 && 1) == 0
