# Several breakpoints at one place: the run goes on only where all of them say so, and is silent only where all are.
tbreak 7d00
c
break 7d0c do silent; print 1; continue
break 7d0c do print 2; continue
tbreak 7d0c
break 7d0f do silent; print 3; continue
break 7d0f do silent; print 4; continue
tbreak 7d12
c
c
info breakpoints
# One that is arrived at by something else that stops the run stops it as well.
delete
set ip = 0x7d00
break write 0x180
break 7d06 do print 5
c
break 7d0c do print 6
sb 1
c
info breakpoints
