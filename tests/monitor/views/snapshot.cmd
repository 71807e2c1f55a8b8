mask s/^(Saved|Loaded) here: .*/\1 here: .../
tbreak 7c00
continue
snapshot save here
next 3
write 0x500 1 2 3
snapshot load here
x/4xb 0x7c00
snapshot
snapshot load nothing
snapshot save no/such/folder/here
save here 0x7c00 16
snapshot load here
