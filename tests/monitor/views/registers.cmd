echo Real mode: registers, and what changed.
tbreak 0:7d00
continue
# The first stop compares with the reset; one step further with this one.
step 2
registers
r eax bx cl ah eip eflags cf iopl cs cr0
info registers $esp
info flags
sreg
creg
dreg
info segments
info control
info debug
echo Protected mode.
tbreak 0x8400
continue
step
r
sreg
creg
dreg
info creg
info eflags
info r edx
info all-registers
r nonsense
