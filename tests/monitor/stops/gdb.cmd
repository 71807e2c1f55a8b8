hb *0x7d00
thb *0x7c39
catch exception
rwatch *0x7c36
awatch *0x7c37
info break
c
c
disable 1
continue
info breakpoints
