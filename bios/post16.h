/* What POST asks of the 16-bit side, in AX at post_entry16. */
#ifndef BIOS_POST16_H
#define BIOS_POST16_H

enum { POST16_DEVICES, POST16_DRIVES };

#endif
