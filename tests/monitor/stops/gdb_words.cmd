# What fingers that know gdb type.
tbreak *0x7c00
c
echo -- watch *(int*)0x500
watch *(int*)0x500
info watchpoints
echo -- watch *(unsigned short *)0x500
watch *(unsigned short *)0x500
echo -- rwatch *(char*)0x7c00
rwatch *(char*)0x7c00
echo -- awatch *0x500
awatch *0x500
echo -- watch -l *(int*)0x500
watch -l *(int*)0x500
echo -- watch $eax
watch $eax
echo -- p *(unsigned char*)0x7c00
p *(unsigned char*)0x7c00
echo -- p *(short*)0x7c00
p *(short*)0x7c00
echo -- p *0x7c00
p *0x7c00
echo -- p/x *(int*)0x7c00
p/x *(int*)0x7c00
echo -- p/x $eax
p/x $eax
echo -- p/d $eax
p/d $eax
echo -- p/t 5
p/t 5
echo -- p $cs:$eip
p $cs:$eip
echo -- output $eax
output $eax
echo -- set var $eax = 1
set var $eax = 1
echo -- set $eax=1
set $eax=1
echo -- set $eax = 0x10
set $eax = 0x10
echo -- set pagination off
set pagination off
echo -- set confirm off
set confirm off
echo -- set height 0
set height 0
echo -- set width 0
set width 0
echo -- set disassembly-flavor att
set disassembly-flavor att
echo -- set disassembly-flavor intel
set disassembly-flavor intel
echo -- set logging on
set logging on
echo -- display/i $pc
display/i $pc
echo -- display/x $eax
display/x $eax
echo -- display $eax
display $eax
echo -- display
display
echo -- info display
info display
echo -- undisplay 1
undisplay 1
echo -- undisplay
undisplay
echo -- info line
info line
echo -- info frame
info frame
echo -- info line *0x7c00
info line *0x7c00
echo -- info symbol 0x7c00
info symbol 0x7c00
echo -- find 0x7c00, +512, 0xaa
find 0x7c00, +512, 0xaa
echo -- find 0x7c00, 0x7e00, 0xaa
find 0x7c00, 0x7e00, 0xaa
echo -- find/h 0x7c00, +512, 0xaa55
find/h 0x7c00, +512, 0xaa55
echo -- x/20xw $esp
x/20xw $esp
echo -- x/2i $cs*16+$eip
x/2i $cs*16+$eip
echo -- x/2i $pc
x/2i $pc
echo -- x/2xb &0x500
x/2xb &0x500
echo -- b *0x7c00
b *0x7c00
echo -- b *0x7c00 if $ax == 5
b *0x7c00 if $ax == 5
echo -- tb *0x7c00
tb *0x7c00
echo -- call foo
call foo
echo -- handle SIGINT nostop
handle SIGINT nostop
echo -- file foo
file foo
echo -- symbol-file foo
symbol-file foo
echo -- add-symbol-file x 0
add-symbol-file x 0
echo -- target remote :1234
target remote :1234
echo -- thread
thread
echo -- info threads
info threads
echo -- info source
info source
echo -- info locals
info locals
echo -- list
list
echo -- layout asm
layout asm
echo -- layout regs
layout regs
echo -- tui enable
tui enable
echo -- start
start
echo -- reverse-step
reverse-step
echo -- rsi
rsi
echo -- monitor reset
monitor reset
echo -- shell ls
shell ls
echo -- ! ls
! ls
echo -- define foo
define foo
echo -- info signals
info signals
echo -- info program
info program
echo -- info target
info target
echo -- info files
info files
echo -- info sharedlibrary
info sharedlibrary
echo -- info inferiors
info inferiors
echo -- i r eax
i r eax
echo -- disassemble 0x7c00,+20
disassemble 0x7c00,+20
echo -- disassemble /r 0x7c00,0x7c10
disassemble /r 0x7c00,0x7c10
echo -- disas/r 0x7c00,0x7c10
disas/r 0x7c00,0x7c10
echo -- delete breakpoints
delete breakpoints
echo -- clear 0x7c00
clear 0x7c00
echo -- clear *0x7c00
clear *0x7c00
echo -- disable 1
disable 1
echo -- enable once 1
enable once 1
echo -- enable delete 1
enable delete 1
echo -- tbreak *0x7c00
tbreak *0x7c00
echo -- nexti 2
nexti 2
echo -- stepi 2
stepi 2
echo -- ni
ni
echo -- si
si
echo -- bt full
bt full
echo -- where
where
echo -- frame 1
frame 1
echo -- up
up
echo -- down
down
echo -- checkpoint
checkpoint
echo -- ptype int
ptype int
echo -- whatis 1
whatis 1
echo -- printf "%d\n", 3
printf "%d\n", 3
echo -- echo hello\n
echo hello\n
echo -- dump memory words.bin 0x7c00 0x7e00
dump memory words.bin 0x7c00 0x7e00
echo -- dump binary memory words.bin 0x7c00 0x7e00
dump binary memory words.bin 0x7c00 0x7e00
echo -- restore words.bin binary 0x7c00
restore words.bin binary 0x7c00
echo -- restore words.bin
restore words.bin
echo -- set arch i386
set arch i386
echo -- x/2i $pc
x/2i $pc
echo -- set architecture i8086
set architecture i8086
echo -- x/2i $pc
x/2i $pc
echo -- set architecture vax
set architecture vax
echo -- detach
detach
echo -- until *0x7c1c
until *0x7c1c
echo -- advance *0x7d00
advance *0x7d00
echo -- undisplay 9
undisplay 9
echo -- clear *0x7d00
clear *0x7d00
echo -- b *0x7d00
b *0x7d00
echo -- clear *0x7d00
clear *0x7d00
echo -- print
print
echo -- p/s 5
p/s 5
echo -- p 1/0
p 1/0
echo -- p *0xf0000000
p *0xf0000000
echo -- x/2xb *(short*)0x7c00
x/2xb *(short*)0x7c00
echo -- kill
kill
