tbreak 0:7d00
c
x/16xb 0:7c05
x/8xh 0x7c14
x/4xw 0x7c14
x/2xg 0x7c14
x/3dh 0x7c14
x/3uh 0x7c14
x/2oh 0x7c14
x/2tb 0x7c14
x/6cb 0x7c05
x/2fw 0x7c1a
x/fg 0x7c22
x/fe 0x7c2a
x/xe 0x7c2a
x/s 0:7c05
x/2s 7c05h
x/32m ds:7c05
xp/16mb 0x7c05
x/8mw 0x7c14
x/3i 0:7d00
xp/2i 0x7d00
x/4xb ( $esi + 2 ) * 1 - 1
x/2xb ds : 7c05
x/2xb esi 2
echo x alone goes on.
x/4xb 0x7c00
x
x
dump 0:7c05 20
dump/h 0x7c14 8
hexdump 0x7c05 3
db si 4
print-string 0:7c05
crc 0x7c05 0x7c13
crc 0 0
write/h 0x600 0x602 0x604 0x1234
deref 0x600 3
deref ds:600
deref 0x600 0
echo Protected: by segment, unmapped.
tbreak 0x8400
c
x/2xw gs:0
x/2xw f:0
x/2xb 18:10
x/4xw 0x3ffff8
x/4xw 0x3fffff8
x/xw 0x800000
xp/xw 0x800000
x/xb 77:0
x/2q 0
x/0xb 0
x/fb 0
x/q 0x600
x 0x600
