/* Words of gdb and of Bochs's debugger that mean nothing here. */
#ifndef TICK86_MONITOR_FOREIGN_H
#define TICK86_MONITOR_FOREIGN_H

#include <stddef.h>

/* What to do in place of command WORD (LENGTH bytes), or of "info WORD"; NULL: nobody's word. */
const char *foreign_command(const char *word, size_t length);
const char *foreign_info(const char *word, size_t length);

#endif
