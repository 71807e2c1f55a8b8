break once 7d00
c
break write 7c23 2
c
continue 3
info b
delete 2
watch 7c35 4
watch r 7c36 1
awatch 7c37
rwatch 0:7c25 8 if address == 0x7c2a
break write 7c2d..7c34 if value == 0x70
info b
c
c
c
c
unwatch 7c35
unwatch
info b
unwatch 1234
# linear and physical are not the same where 33000 is another name of 20000
break write physical 0x20010 4
break access 0x33010 4
c
c
info b
