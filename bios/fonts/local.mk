# Console fonts for the firmware, as assembler includes. See bios/fonts/README.
BIOS_FONTS = bios/fonts/font8x16.inc bios/fonts/font8x14.inc bios/fonts/font8x8.inc \
	bios/fonts/font9x16.inc bios/fonts/font9x14.inc bios/fonts/font8x8-first128.inc
CLEANFILES += $(BIOS_FONTS)
EXTRA_DIST += bios/fonts/README bios/fonts/OFL.txt bios/fonts/CLEAN.txt bios/fonts/import.py bios/fonts/font.awk \
	bios/fonts/drawn-8x8.txt bios/fonts/cp437-8x16.txt bios/fonts/cp437-8x14.txt bios/fonts/cp437-8x8.txt \
	bios/fonts/cp437-9x16.txt bios/fonts/cp437-9x14.txt

FONT_AWK = $(srcdir)/bios/fonts/font.awk
make_font = $(AM_V_GEN)$(MKDIR_P) bios/fonts && $(AWK) -f $(FONT_AWK)
write_font = > $@.tmp && mv $@.tmp $@

bios/fonts/font8x16.inc: $(srcdir)/bios/fonts/cp437-8x16.txt $(FONT_AWK)
	$(make_font) $(srcdir)/bios/fonts/cp437-8x16.txt $(write_font)
bios/fonts/font8x14.inc: $(srcdir)/bios/fonts/cp437-8x14.txt $(FONT_AWK)
	$(make_font) $(srcdir)/bios/fonts/cp437-8x14.txt $(write_font)
bios/fonts/font8x8.inc: $(srcdir)/bios/fonts/cp437-8x8.txt $(FONT_AWK)
	$(make_font) $(srcdir)/bios/fonts/cp437-8x8.txt $(write_font)
bios/fonts/font9x16.inc: $(srcdir)/bios/fonts/cp437-9x16.txt $(FONT_AWK)
	$(make_font) -v codes=1 $(srcdir)/bios/fonts/cp437-9x16.txt $(write_font)
bios/fonts/font9x14.inc: $(srcdir)/bios/fonts/cp437-9x14.txt $(FONT_AWK)
	$(make_font) -v codes=1 $(srcdir)/bios/fonts/cp437-9x14.txt $(write_font)
bios/fonts/font8x8-first128.inc: $(srcdir)/bios/fonts/cp437-8x8.txt $(FONT_AWK)
	$(make_font) -v last=127 $(srcdir)/bios/fonts/cp437-8x8.txt $(write_font)
