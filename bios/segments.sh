#!/bin/sh
# Reads a disassembly of 16-bit compiled code (objdump -drw) and complains of instructions that reach constants or POST's
# findings without GS, or the BIOS data area without FS: usage segments.sh NAME < disassembly. Address arithmetic is fine.
awk -v name="$1" '
function complain(segment) {
	print name ": without " segment ": " $0
	bad = 1
}
/R_386_/ {
	if ($0 ~ /\tlea[lw]? |\tpush +\$|\t(mov|add|cmp|sub)[lw]? +\$0x[0-9a-f]+,%/)
		next
	if ($0 ~ /R_386_(32|16)\t(\.rodata|\.data|resident)/ && $0 !~ /%gs:/)
		complain("GS")
	if ($0 ~ /R_386_(32|16)\t(bda|ivt)/ && $0 !~ /%fs:/)
		complain("FS")
}
END { exit bad }' || { rm -f "$1"; exit 1; }
