/* Two 8259A interrupt controllers in cascade, with the edge/level registers of the PIIX3.
 * Intel 8259A datasheet (231468); 82371SB (PIIX3) datasheet for ELCR.
 *
 * Master at 20h/21h, slave at A0h/A1h, ELCR at 4D0h/4D1h. The slave's INT goes to the master's IR2. As in the
 * PIIX3, bit LTIM of ICW1 does nothing: whether an input is edge or level triggered is said by ELCR. */
#ifndef TICK86_DEVICES_PIC_H
#define TICK86_DEVICES_PIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bus/device.h"

#define PIC_LINES 16

struct pic_chip {
    uint8_t lines;    /* levels of the eight inputs */
    uint8_t irr;      /* interrupt request register */
    uint8_t isr;      /* in-service register */
    uint8_t imr;      /* interrupt mask register */
    uint8_t elcr;     /* inputs that are level triggered */
    uint8_t icw[4];   /* the initialisation command words, ICW1 first */
    uint8_t expected; /* the ICW that the next write to the odd port is, 2..4; 0: none, OCW1 */
    uint8_t lowest;   /* the input with the lowest priority, 7 unless rotated */
    bool rotate_on_aeoi, special_mask, read_isr, poll;
    bool output; /* INT */
};

struct pic {
    struct device dev;
    struct wire intr; /* the master's INT, to the processor; set by the board */
    struct pic_chip chip[2];
    uint16_t sources[PIC_LINES]; /* which sources hold each line high */
};

/* No config. */
extern const struct device_type pic_type;

/* wire_fn: an input. PIN is the IRQ number 0..15, plus 16 times the number (0..15) of a source where several
 * share the line (COM1 and COM3): the line is high while any source holds it so. IRQ 2 is the cascade and
 * cannot be driven. */
void pic_set_irq(void *pic, unsigned pin, bool level);

/* The processor's INTA cycles: takes the request with the highest priority into service and returns its
 * vector; the vector of IR7 (spurious) if the request has gone. */
uint8_t pic_acknowledge(struct pic *pic);

/* What pic_acknowledge() would return, without effect; -1 while INT is low. */
int pic_pending_vector(const struct pic *pic);

#endif
