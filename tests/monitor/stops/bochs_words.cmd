# What fingers that know Bochs's debugger type.
tbreak 7c00
c
echo -- show mode
show mode
echo -- show int
show int
echo -- show all
show all
echo -- show softint
show softint
echo -- show extint
show extint
echo -- show iret
show iret
echo -- show call
show call
echo -- show dbg-all
show dbg-all
echo -- show off
show off
echo -- show
show
echo -- show version
show version
echo -- show confirm
show confirm
echo -- trace on
trace on
echo -- trace off
trace off
echo -- trace-reg on
trace-reg on
echo -- trace-reg off
trace-reg off
echo -- trace-mem on
trace-mem on
echo -- trace-mem off
trace-mem off
echo -- print-stack
print-stack
echo -- print-stack 4
print-stack 4
echo -- slist
slist
echo -- ldsym global "x"
ldsym global "x"
echo -- lb 0x7c00
lb 0x7c00
echo -- pb 0x7c00
pb 0x7c00
echo -- vb 0x7c0:0
vb 0x7c0:0
echo -- vb 0:0x7c00
vb 0:0x7c00
echo -- blist
blist
echo -- bpd 1
bpd 1
echo -- bpe 1
bpe 1
echo -- del 1
del 1
echo -- d 1
d 1
echo -- sse
sse
echo -- u /10
u /10
echo -- u /5 0x7c00
u /5 0x7c00
echo -- u 0x7c00 0x7c10
u 0x7c00 0x7c10
echo -- u/5
u/5
echo -- disasm /3
disasm /3
echo -- disasm 0x7c00 0x7c10
disasm 0x7c00 0x7c10
echo -- u switch-mode
u switch-mode
echo -- u switch-mode
u switch-mode
echo -- u size = 32
u size = 32
echo -- u size=0
u size=0
echo -- u hex on
u hex on
echo -- u off
u off
echo -- x /4bx 0x7c00
x /4bx 0x7c00
echo -- x /4bx
x /4bx
echo -- xp /4bx 0x7c00
xp /4bx 0x7c00
echo -- xp/2wx 0x7c00
xp/2wx 0x7c00
echo -- x /s 0x7c00
x /s 0x7c00
echo -- x /2c 0x7c00
x /2c 0x7c00
echo -- setpmem 0x500 2 0x1234
setpmem 0x500 2 0x1234
echo -- ? 1+2
? 1+2
echo -- modebp
modebp
echo -- modebp "protected"
modebp "protected"
echo -- vmexitbp
vmexitbp
echo -- watch r 0x500
watch r 0x500
echo -- watch w 0x500 2
watch w 0x500 2
echo -- watch read 0x500
watch read 0x500
echo -- watch stop
watch stop
echo -- watch continue
watch continue
echo -- watch
watch
echo -- unwatch 0x500
unwatch 0x500
echo -- unwatch
unwatch
echo -- instrument start
instrument start
echo -- instrument stop
instrument stop
echo -- instrument
instrument
echo -- sb 100
sb 100
echo -- sb +100
sb +100
echo -- sba 100000000
sba 100000000
echo -- s 3
s 3
echo -- step 3
step 3
echo -- step all 3
step all 3
echo -- step cpu 0 3
step cpu 0 3
echo -- p
p
echo -- n
n
echo -- next
next
echo -- page 0x7c00
page 0x7c00
echo -- set eax = 5
set eax = 5
echo -- set ah = 3
set ah = 3
echo -- set eflags = 2
set eflags = 2
echo -- set $cpu = 0
set $cpu = 0
echo -- set $auto_disassemble = 1
set $auto_disassemble = 1
echo -- set u on
set u on
echo -- set disasm on
set disasm on
echo -- set zf = 1
set zf = 1
echo -- playback
playback
