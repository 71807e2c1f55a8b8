/* Allocation that does not return NULL: out of host memory ends the program with one line. */
#ifndef TICK86_BASE_MEMORY_H
#define TICK86_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory for COUNT elements of SIZE bytes. */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

#endif
