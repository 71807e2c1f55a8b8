#!/usr/bin/env bash
# The tables that operating systems look for, as they lie in memory when the boot sector starts: ACPI disassembles without an
# error, dmidecode reads SMBIOS, all sums are 0, and the memory map of INT 15h keeps them from harm.
. "$(dirname "$0")/boot.inc"
need iasl acpica-tools
need dmidecode dmidecode

truncate -s 1440K floppy.img
printf '\xF4\xEB\xFD' | dd of=floppy.img conv=notrunc status=none
printf '\x55\xAA' | dd of=floppy.img bs=1 seek=510 conv=notrunc status=none

# memory ADDRESS COUNT >FILE: physical memory when the boot sector is about to run, up to 64 KB.
memory() {
    "$TICK86" --display none -m 64M "${options[@]}" -x "tbreak 0x7c00" -x continue -x "xp/$2xb $1" -x quit floppy.img </dev/null 2>/dev/null |
        perl -ne 'print pack "C*", map { hex } /0x([0-9a-f]{2})\b/gi if /^[0-9a-f]{8,16}: 0x/'
}
# field FILE FORMAT OFFSET: a number of a table.
field() { perl -0777 -ne "print unpack '$2', substr \$_, $3" "$1"; }
sum_is_0() { # FILE [BYTES]
    perl -0777 -ne '$_ = substr $_, 0, '"${2:-1e9}"'; exit unpack("%8C*", $_) ? 1 : 0' "$1"
}
# The offset of a signature on a paragraph of segment F000.
find_at() { perl -0777 -ne 'for ($i = 0; $i < length; $i += 16) { print($i), exit if substr($_, $i, '${#1}') eq "'"$1"'" }' f000; }

acpi_table() { # ADDRESS
    local name
    memory "$1" 36 >header
    memory "$1" "$(field header V 4)" >table
    name=$(head -c 4 table | tr "[:upper:]" "[:lower:]")
    mv table "$name.dat"
    [ "$name" = facs ] || verify "$name has its sum" sum_is_0 "$name.dat"
    iasl -d "$name.dat" >iasl.out 2>&1
    verify "iasl disassembles $name" sh -c "! grep -qi error iasl.out && [ -s $name.dsl ]"
}

check_machine() { # OPTIONS ...
    local at
    options=("$@")
    memory 0xf0000 65536 >f000
    at=$(find_at "RSD PTR ")
    tail -c +$((at + 1)) f000 | head -c 20 >rsdp
    verify "RSDP has its sum ($*)" sum_is_0 rsdp
    rm -f ./*.dat ./*.dsl
    acpi_table "$(field rsdp V 16)"
    for at in $(perl -0777 -ne 'print join " ", unpack "V*", substr $_, 36' rsdt.dat); do
        acpi_table "$at"
    done
    acpi_table "$(field facp.dat V 36)"
    acpi_table "$(field facp.dat V 40)"
    verify "the FACS lies on 64 bytes" test $(($(field facp.dat V 36) % 64)) = 0
    iasl -ve dsdt.dsl >iasl.out 2>&1
    verify "the DSDT compiles again" grep -q ' 0 Errors' iasl.out
    verify "it has a soft-off state" grep -q 'Name (_S5' dsdt.dsl
    verify "it has interrupt routing" grep -q '_PRT' dsdt.dsl

    # dmidecode wants both in one file, the entry point first.
    at=$(find_at _SM_)
    tail -c +$((at + 1)) f000 | head -c 31 >anchor
    verify "its first sum" sum_is_0 anchor
    memory "$(field anchor V 24)" "$(field anchor v 22)" >structures
    perl -0777 -pe 'substr($_, 24, 4) = pack "V", 32; substr($_, 21, 1) = "\0"; substr($_, 4, 1) = "\0";
        substr($_, 21, 1) = pack "C", -unpack("%8C*", substr $_, 16, 15) & 255;
        substr($_, 4, 1) = pack "C", -unpack("%8C*", $_) & 255; $_ .= "\0"' anchor >dmi
    cat structures >>dmi
    dmidecode --from-dump dmi >dmi.txt 2>&1
    verify "dmidecode finds no fault" sh -c '! grep -qiE "wrong|invalid|truncated|broken|bad checksum" dmi.txt'
    for what in 'BIOS Information' 'System Information' 'Processor Information' 'Memory Device' 'Size: 64 MB' 'End Of Table'; do
        verify "SMBIOS has $what" grep -q "$what" dmi.txt
    done

    at=$(find_at _MP_)
    if [ -n "$at" ]; then
        tail -c +$((at + 1)) f000 | head -c 16 >mp
        verify "the MP pointer has its sum" sum_is_0 mp
        memory "$(field mp V 4)" 44 >header
        memory "$(field mp V 4)" "$(field header v 4)" >mptable
        verify "the MP table has its sum" sum_is_0 mptable
        verify "it is one" test "$(head -c 4 mptable)" = PCMP
    fi
    at=$(find_at "\$PIR")
    tail -c +$((at + 1)) f000 >pir
    verify "\$PIR has its sum" sum_is_0 pir "$(field pir v 6)"
    at=$(find_at _32_)
    tail -c +$((at + 1)) f000 >bios32
    verify "BIOS32 has its sum" sum_is_0 bios32 16
}
check_machine --cpu p6
check_machine --cpu 486
finish
