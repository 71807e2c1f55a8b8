mask s/^[0-9]+ instructions, [0-9]+ cycles, .*/[counts]/
# What a user does at the machine, and the ways out of it.
mask s/^[0-9a-f]{8}  f000:.*/000f....  f000:.../
tbreak 7c00
continue
info breakpoints
next
next 2
break nmi
info breakpoints
nmi
step
info breakpoints
delete
sendkey a
sendkey ctrl-alt-nokey
sendkey
video
video no/such/folder/a.png
video user.png
video off
type
screenshot
media now
eject
insert
reset
time
frame
clear 0x7c00
insert fdb other.img
undisplay
restore here
quit
echo never
