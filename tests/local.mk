# Files of this room.

check_PROGRAMS += tests/unit/pci
TESTS += tests/unit/pci
tests_unit_pci_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_pci_LDADD = $(CHECK_LDADD)
