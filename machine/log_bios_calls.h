/* The log of calls of the BIOS in real and V86 mode: categories int10, int13, int15, int16. */
#ifndef TICK86_MACHINE_LOG_BIOS_CALLS_H
#define TICK86_MACHINE_LOG_BIOS_CALLS_H

#include <stdbool.h>

struct board;
struct cpu_event;

/* Does the board's log want any of these? */
bool log_wants_bios_calls(const struct board *board);

/* Listens to interrupts if the log wants any. The processor tells one listener only: another one that takes
 * this one's place asks for CPU_EVENT_INTERRUPT too and passes its events on to log_bios_events. */
void log_bios_calls(struct board *board);

/* Logs the calls among COUNT events that the processor told of. */
void log_bios_events(struct board *board, const struct cpu_event *events, unsigned count);

#endif
