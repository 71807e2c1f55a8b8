break int 3
break #GP error=1a
break exception 8
break triple
c
why
c
