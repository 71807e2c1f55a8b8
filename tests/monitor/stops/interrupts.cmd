tbreak 7d00
c
break int 60 ah=4c
break int software ah=1
break irq 0
break exception 14 error=0
break exception #GP
break int 8 hardware
info b
c
delete 3
c
c
x/3xh ss:sp
delete 2 4 7
c
c
c
c
print/x vector
print/x error
c
print/x error
