mask s/^[0-9]+ instructions, .*/N instructions .../
mask s/^ +[0-9]+ +[+][0-9]+ +/N +N /
mask s/at cycle [0-9]+, in [0-9]+/at cycle N, in N/
mask s/[0-9]+ instructions.*/N instructions .../
mask s/^(0061 .*)[0-9a-f]{2}$/\1NN/
tbreak 0:7d00
c
info devices
info pci
info map
info log
info ports 0x60 0x64
info ports 0x3f8
info ports pic
info ports 0x9000 0x9010
info ports 0x10000
time
ptime
info device nothing
info events
info port 0xe9
