mask s/at 000f[0-9a-f]{4}/at 000fxxxx/
mask s/(40:(40|6c) .* )[0-9]+$/\1N/
mask s/(video save table *).*/\1PTR/
mask s/(40:3f .* ).*/\1MM/
info e820
tbreak 0:7d00
c
info e820
info bda
info ebda
write/h 0x40e 0
info ebda
