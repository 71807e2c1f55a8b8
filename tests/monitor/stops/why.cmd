why
tbreak 7f00
c
break exception
c
why
c
why
c
why
c
why
c
