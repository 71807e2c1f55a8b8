tbreak 7d00
c
step
s 2
step
finish
next
until 7d15
until
next
next
step
next
finish
advance 7d2c
step
step 3
next
until 7d46
# the instruction behind MOV SS, and the one behind STI
step
step
step
step
tbreak 7d3f
jump 7d3a
jump
jump 12345
until 8000
next 5
jump 10:8000
step 3x
step 5 6
continue 2
