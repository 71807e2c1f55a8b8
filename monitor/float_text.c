#include "monitor/float_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host's long double holds 64 bits of significand exactly, wherever it is at least that wide. */
static long double host_value(struct float80 a)
{
    long double value =
        ldexpl((long double)a.significand,
               (a.sign_exponent & 0x7FFF ? a.sign_exponent & 0x7FFF : 1) - FLOAT80_EXPONENT_BIAS - 63);
    return float80_sign(a) ? -value : value;
}

void float80_text(struct float80 value, char *out, size_t size)
{
    const char *sign = float80_sign(value) ? "-" : "+";
    switch (float80_classify(value)) {
    case FLOAT80_IS_INFINITE:
        snprintf(out, size, "%sinfinity", sign);
        break;
    case FLOAT80_IS_QNAN:
        snprintf(out, size, "%sQNaN", sign);
        break;
    case FLOAT80_IS_SNAN:
        snprintf(out, size, "%sSNaN", sign);
        break;
    case FLOAT80_IS_UNSUPPORTED:
        snprintf(out, size, "unsupported");
        break;
    default:
        snprintf(out, size, "%+.20Lg", host_value(value));
        break;
    }
}

const char *float80_class_name(struct float80 value)
{
    static const char *const names[] = {
        [FLOAT80_IS_ZERO] = "zero",
        [FLOAT80_IS_DENORMAL] = "denormal",
        [FLOAT80_IS_NORMAL] = "normal",
        [FLOAT80_IS_INFINITE] = "infinity",
        [FLOAT80_IS_QNAN] = "quiet NaN",
        [FLOAT80_IS_SNAN] = "signalling NaN",
        [FLOAT80_IS_UNSUPPORTED] = "unsupported",
    };
    return names[float80_classify(value)];
}

bool float80_parse(const char *text, struct float80 *out)
{
    char *end;
    long double value = strtold(text, &end);
    if (end == text || *end)
        return false;
    bool sign = signbit(value);
    value = fabsl(value);
    if (isnan(value)) {
        *out = float80_make(sign, FLOAT80_EXPONENT_MAX, FLOAT80_INTEGER_BIT | FLOAT80_QUIET_BIT);
    } else if (isinf(value)) {
        *out = float80_make(sign, FLOAT80_EXPONENT_MAX, FLOAT80_INTEGER_BIT);
    } else if (value == 0) {
        *out = float80_make(sign, 0, 0);
    } else {
        int power;
        long double fraction = frexpl(value, &power); /* 0.5 to 1 */
        int exponent = power - 1 + FLOAT80_EXPONENT_BIAS;
        uint64_t significand = (uint64_t)ldexpl(fraction, 64);
        if (exponent < 1) { /* a denormal has the exponent of the smallest normal number */
            significand >>= 1 - exponent;
            exponent = 0;
        }
        *out = float80_make(sign, (unsigned)exponent, significand);
    }
    return true;
}
