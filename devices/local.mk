# A line for each chip, so that changes to this list do not collide.
libtick86_a_SOURCES += devices/pci.c devices/pci.h
