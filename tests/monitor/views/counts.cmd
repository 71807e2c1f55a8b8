# Stops by counts of instructions.
mask s/^(continue stops after )[0-9]{6,}/\1N/
mask s/^(sba 1: )[0-9]+/\1N/
tbreak 0:7d00
c
sb 3
c
echo Ten, of which two are stepped.
sb 10
step 2
c
echo Forgotten.
sb 1
sb
sba 4000000000
sb
tbreak 0:7ca9
c
sba 1
sba
sb 0
sb x
