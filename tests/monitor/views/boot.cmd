tbreak 0:7d00
c
info boot
info boot 0:7c00
info boot fda
info boot fda 1
info boot hda
info mbr hda
info bpb hda 63
info boot hda 100000
info boot fdb
write 0x9000 0x45 "FI PART"
info boot 0x9000
