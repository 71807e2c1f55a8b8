# What may follow a command: names of files with blanks, and what is refused.
mask s/^(Saved|Loaded) a snapshot: .*/\1 a snapshot: .../
mask s/^[0-9a-f]{8}  f000:.*/000f....  f000:.../
tbreak 0:7d00
c
echo Both kinds of quotes go with all names of files.
save 'a file' 0x7c00 4
load "a file" 0x9000
x/4xb 0x9000
dump memory "another file" 0x7c00 0x7c08
restore 'another file' binary 0x9000
x/8xb 0x9000
snapshot save "a snapshot"
snapshot load 'a snapshot'
screenshot "a picture.png"
video 'a film.gif'
video off
write 0x9100 "echo A line of a script." 10
save 'a script' 0x9100 25
source "a script"
source 'no such script'
insert fda "lab.img"
insert fda 'no such floppy'
echo Nothing may follow them.
snapshot save "a" snapshot
screenshot 'a' picture.png
insert fda "lab.img" disk.img
source a b
load 'a file 0x9000
load "a file"0x9000
save "" 0x7c00 1
screenshot picture.txt
screenshot picture
video film.txt
echo A drive can be empty but once.
eject fda
eject fda
info media
eject hda
eject nothing
echo Nothing that is typed is passed over.
nmi x
reset x
quit foo bar
finish 3
info pic foo
info bda foo
time/x
step/3
bt -1
bt 0
bt 1
sba -1
info gdt 5 2
info gdt 1 99
info ports foo
info boot foo
info tss 0x10030
msr foo
msr 0x10 2
trace maybe
set foo
set nonsense=1
x 0x7c00 7
x foo
print eax 5
print (1
delete 1 99999999999999999999
