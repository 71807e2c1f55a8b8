/* System control port B, 61h: timer 2's gate, speaker data, refresh toggle, sources of NMI.
 * IBM PC/AT Technical Reference; 82371SB (PIIX3) datasheet, "NMI Status and Control Register".
 *
 *     7       6       5      4        3             2             1        0
 *     SERR#   IOCHK#  OUT2   refresh  IOCHK# off    SERR# off     speaker  gate 2
 *     read only --------------------  read/write ---------------------------------- */
#ifndef TICK86_DEVICES_PORT61_H
#define TICK86_DEVICES_PORT61_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

struct pit;
struct speaker;

struct port61_config {
    struct pit *pit;
    struct speaker *speaker; /* NULL: none */
};

struct port61 {
    struct device dev;
    struct wire nmi; /* to the processor, edge sensitive; set by the board */
    struct pit *pit;
    struct speaker *speaker;
    uint8_t control;  /* bits 0-3 as written */
    bool serr, iochk; /* latched errors */
    bool button;      /* level of the external source */
    bool masked;      /* by bit 7 of port 70h */
    bool nmi_level;
};

extern const struct device_type port61_type;

/* Pins of port61_set_input(). */
enum {
    PORT61_SERR,     /* system error: latched until bit 2 is written with 1 */
    PORT61_IOCHK,    /* I/O channel check: latched until bit 3 is written with 1 */
    PORT61_BUTTON,   /* an NMI button: not latched, no status bit */
    PORT61_NMI_MASK, /* from the CMOS: high holds NMI back */
};

/* wire_fn: an input, by the pins above. */
void port61_set_input(void *port61, unsigned pin, bool level);

#endif
