/* What protected-mode programs that run inside a machine need of a C library; what they print goes to port
 * E9h. */
#ifndef TESTS_GUEST_LIBRARY_H
#define TESTS_GUEST_LIBRARY_H

#include <stdarg.h>

#include "tests/guest/ports.h"

void *memset(void *to, int value, unsigned long length);
void *memcpy(void *to, const void *from, unsigned long length);

void put(char c);
/* %s %c %d %u %x, with a width for zeros in front as in %08x. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void print_list(const char *format, va_list list);

static inline u64 rdtsc(void)
{
    u64 value;
    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

#endif
