/* Text to the screen, through whatever INT 10h there is. */
#include "bios/services.h"

void put_char(char ch)
{
    struct call c = {.eax = 0x0e00 | (u8)ch, .ebx = 7, .ds = 0x40};
    call_int(0x10, &c);
}

void put_text(const char ROM *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            put_char('\r');
        put_char(*text);
    }
}
