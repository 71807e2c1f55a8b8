/* 80-bit numbers as text and back. */
#ifndef TICK86_MONITOR_FLOAT_TEXT_H
#define TICK86_MONITOR_FLOAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "cpu/softfloat80.h"

/* Decimal, 20 digits, or "+infinity", "QNaN" and the like. */
void float80_text(struct float80 value, char *out, size_t size);
/* What class it is: "normal", "zero", "denormal" ... */
const char *float80_class_name(struct float80 value);
/* From a decimal number. False: TEXT is none. */
bool float80_parse(const char *text, struct float80 *out);

#endif
