# Stops by time: since power-on, or from here on.
mask s/^(continue stops after )[0-9]{6,}/\1N/
mask s/^[0-9]+ instructions, ([0-9]+) cycles/N instructions, \1 cycles/
mask s/^[0-9a-f]{8}  f000:.*/the next instruction/
sba 1s
c
time
sba 1ms
sb 250ms
sb 5000000
c
time
sb 100us
c
sb 5s
sb
sb 0s
sb 1.5s
sba 10x
