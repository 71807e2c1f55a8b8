# off until asked for
tbreak 7d53
c
reset
break magic
tbreak 7d00
c
c
