tbreak 7c1c
c
watch 0x7f00 4
break write physical 0x8000..0x81ff
break write physical 0x1000000
c
c
break 0x8000..81ff
info breakpoints
c
