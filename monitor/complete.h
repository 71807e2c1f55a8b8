/* What a word that is being typed could become. */
#ifndef TICK86_MONITOR_COMPLETE_H
#define TICK86_MONITOR_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

struct monitor;

/* Candidate number N (from 0) for WORD, which stands after BEFORE on the line: a command, a subject of info
 * or help, a device, a register. False: there are no more. */
bool monitor_complete(struct monitor *monitor, const char *before, const char *word, unsigned n, char *out,
                      size_t size);

/* After BEFORE comes the name of a file. */
bool monitor_completes_file(const char *before);

#endif
