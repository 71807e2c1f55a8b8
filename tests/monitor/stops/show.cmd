tbreak 7c00
c
show
show mode
show softint
show exception
show mode
info breakpoints
break triple
c
show off
show nonsense
