tbreak 0:7d00
c
stack
print-stack 8
stack/2
bt
where
backtrace 2
info stack 3
info frame
stack 0
tbreak 0x8400
c
stack 6
bt
set ebp = 0
bt
set esp = 0x3fff8
stack
set esp = 0x40000
stack
