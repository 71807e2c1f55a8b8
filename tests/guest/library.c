/* The library of the guests; see library.h. */
#include "tests/guest/library.h"

void *memset(void *to, int value, unsigned long length)
{
    for (u8 *at = to; length--;)
        *at++ = (u8)value;
    return to;
}

void *memcpy(void *to, const void *from, unsigned long length)
{
    const u8 *source = from;
    for (u8 *at = to; length--;)
        *at++ = *source++;
    return to;
}

void put(char c)
{
    outb(0xE9, (u8)c);
}

static void put_number(u32 value, unsigned base, int width)
{
    char digits[12];
    int n = 0;
    do
        digits[n++] = "0123456789abcdef"[value % base];
    while (value /= base);
    while (width-- > n)
        put('0');
    while (n)
        put(digits[--n]);
}

void print_list(const char *format, va_list list)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        int width = 0;
        format++;
        while (*format >= '0' && *format <= '9')
            width = width * 10 + *format++ - '0';
        if (*format == 's') {
            for (const char *s = va_arg(list, const char *); *s; s++)
                put(*s);
        } else if (*format == 'c') {
            put((char)va_arg(list, int));
        } else if (*format == '%') {
            put('%');
        } else {
            u32 value = va_arg(list, u32);
            if (*format == 'd' && (int)value < 0) {
                put('-');
                value = 0 - value;
            }
            put_number(value, *format == 'x' ? 16 : 10, width);
        }
    }
}

void print(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print_list(format, list);
    va_end(list);
}
