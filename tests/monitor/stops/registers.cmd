tbreak 7f00
c
break gdtr
break lidt
break ldtr
break tr
break cr0 if value & 0x80000000
break cr3
break dr
break msr
break msr 175
break mode protected
break mode v86
break triple
break hlt
info b
c
c
c
c
c
c
c
c
c
c
c
c
