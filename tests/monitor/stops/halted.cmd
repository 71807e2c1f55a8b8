tbreak 7d00
c
tbreak hlt
c
set if = 0
step
set if = 1
step
print cs == 0xf000
finish
