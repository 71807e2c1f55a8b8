break 7d00 do print ax; echo at last
c
break 7c3f do silent; print cx; continue
commands 2 silent; x/hd 7c23; c
break int 60 ah=1
commands
echo function one
x/hx 7c23
end
info b
c
c
delete 2
condition 3 ah == 1 && cx == 7
info b
condition 3
ignore 3 5
info b
disable
enable 3
c
commands 9
commands 1 nonsense
enable 1
jump 7d00
condition 1 zork
ignore
ignore 1
