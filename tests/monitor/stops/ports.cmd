tbreak 7d00
c
break io 3f0..3ff
break io 3ff w
break io 3ff r if value != 0x5a
info b
c
c
delete
break hlt
c
c
break magic
break io
