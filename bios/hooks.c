/* Calls of INT 15h that others intercept: keyboard intercept, device busy and ready. */
#include "bios/services.h"

int hook15(u16 *ax)
{
    struct call c = {.ds = 0x40, .flags = FLAG_CF};
    c.eax = *ax;
    call_int(0x15, &c);
    *ax = c.ax;
    return c.flags & FLAG_CF;
}
