vb 0:7d00
lb 0x7c39
pb 0x7c3f
watch r 0x7c36 1
watch w 0x7c35 2
blist
watch
c
c
modebp
bpd 2 3
c
c
c
bpe 2
unwatch
c
d 1 2 3
s
n
c
breakpoints
