tbreak 0x8400
c
fpu
info fpu
set st1 = -2.5
set st7 = inf
set fcw = 0x0c7f
set fsw = 0x3000
fpu
set mm0 = 0x1122334455667788
mmx
info mmx
set st9 = 1
set st0 = word
