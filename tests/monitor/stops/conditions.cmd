tbreak 7d00
c
break 7c3f if cx == 3 && [7c23] == 2
info b
delete
break 7c3f if word [0:7c23] >= 3 || zf
c
condition 3 !(byte [0x7c23] % 2 != 0) && (1 << 2 | 1) == 5 && -1 > 0 && ~0 == -1
c
condition 3 $eax / 0
condition 3 [ds:di+2] != 0 && if && iopl == 0 && cs == 0
c
condition 3 dword [0xfffffff0] == 0 & 0
break write 7c23 2 if old == 3 && value == 4
break 7c3f if
break 7c3f if (1
break 7c3f if 1 +
break 7c3f if [7c23
break 7c3f if word 5
break 7c3f if foo == 1
break 7c3f if 1 2
break int 60 ah=xyz
break int 60 foo=1
delete
break 7c3f if cx == 0 ignore 2 do print cx
info b
