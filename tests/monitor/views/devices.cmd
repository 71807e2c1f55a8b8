# Each device prints itself; what moves with time is masked.
mask s/at cycle [0-9]+, in [0-9]+/at cycle N, in N/
mask s/(count )[0-9A-F]{4}( gate)/\1NNNN\2/
mask s/^(0040-0042 .* counter +).*/\1NN/
mask s/^(0061 .*)[0-9a-f]{2}$/\1NN/
mask s/(timer )[0-9A-F]{8}/\1N/
mask s/^(0608 .* +).*/\1N/
mask s/motor on|motor off/motor/
mask s/^([0-9A-F]{4} +)[0-9]+ bytes/\1N bytes/
mask s/(power management timer +).*/\1 N/
mask s/^(selected) .*/\1/
mask s/^(raster_log.(count|first) +).*/\1N/
tbreak 0:7d00
c
echo
info device pci
echo
info device i440fx
echo
info device piix3
echo
info device pic
echo
info device dma
echo
info device coprocessor
echo
info device acpi
echo
info device apicbus
echo
info device lapic
echo
info device ioapic
echo
info device pit
echo
info device speaker
echo
info device port61
echo
info device cmos
echo
info device i8042
echo
info device port92
echo
info device ps2_keyboard
echo
info device ps2_mouse
echo
info device uart0
echo
info device uart1
echo
info device parallel
echo
info device debug_ports
echo
info device fdc
echo
info device ide
echo
info device vga
echo
info device fw_cfg
info device "pic"
echo
info state pic
info state pit channel[0].co
info state port92 nothing
info state pic chip[0]
info state speakers
info state vga raster_log.count
info state vga raster_log.first
