mask s/^[0-9]+ instructions, [0-9]+ interrupts/N instructions, N interrupts/
tbreak 0:7d00
c
print eax
print 2+3*4
p ds:7c00
? 0x10
calc esp
info cpu
info msr 0x1b
msr 0x277
msr nothing
msr 0x9999
info msr 0x2ff
echo A line of text.
echo
screen
help x
help info gdt
help formats
help addresses
help numbers
help marks
help scripts
help gdb
help bochs
help nothing
info nothing
source no/such/file
nonsense
x/100000xb 0
# a comment

   # another, behind blanks
echo What is missing.
source
crc
crc 5
deref
save f
