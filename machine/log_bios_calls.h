/* The log of calls of the BIOS in real and V86 mode: categories int10, int13, int15, int16. */
#ifndef TICK86_MACHINE_LOG_BIOS_CALLS_H
#define TICK86_MACHINE_LOG_BIOS_CALLS_H

struct board;

/* Listens to interrupts if the board's log wants any of these. Breakpoints of the monitor end that: the
 * processor tells one listener only. */
void log_bios_calls(struct board *board);

#endif
