tbreak 7d00
c
trace on
tbreak 7d15
c
trace-mem on
step 3
tbreak 7d1a
c
trace off
trace-mem off
trace-reg on
s
trace-reg
trace maybe
