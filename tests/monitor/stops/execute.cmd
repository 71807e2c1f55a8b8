break 0:7d00
tbreak 7c39
b physical 7c40
pbreak 0x7c44 if ah == 0x4c
break execute 7d20..7d2f ignore 2
info breakpoints
c
c
c
c
disable 3
c
c
c
info breakpoints
delete 3
delete 5
c
delete all
info b
# one that is set where the run stands is for the next time
reset
break fffffff0
tbreak 7c3f
c
step
break 7c43
c
delete
