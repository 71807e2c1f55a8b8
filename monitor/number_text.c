#include "monitor/number_text.h"

#include <inttypes.h>

static void print_binary(FILE *out, uint64_t value, unsigned bits, bool padded)
{
    unsigned digits = padded ? bits : 1;
    while (digits < bits && value >> digits)
        digits++;
    for (unsigned i = digits; i-- > 0;)
        fputc((int)('0' + (value >> i & 1)), out);
}

bool print_number(FILE *out, char format, uint64_t value, unsigned bits, bool padded)
{
    unsigned unused = 64 - bits;
    switch (format) {
    case 'x':
        fprintf(out, "0x%0*" PRIx64, padded ? (int)bits / 4 : 1, value);
        return true;
    case 'd':
        fprintf(out, "%" PRId64, (int64_t)(value << unused) >> unused);
        return true;
    case 'u':
        fprintf(out, "%" PRIu64, value);
        return true;
    case 'o':
        fprintf(out, "0%" PRIo64, value);
        return true;
    case 't':
        print_binary(out, value, bits, padded);
        return true;
    default:
        return false;
    }
}
