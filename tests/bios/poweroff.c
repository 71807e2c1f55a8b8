/* APM switches the machine off: the emulator ends by itself. A machine that is still there fails. */
#include "test.h"

void test(void)
{
    call(0x15, 0x5301, 0, 0, 0);
    CHECK(CARRY, 0);
    call(0x15, 0x530e, 0, 0x0102, 0);
    CHECK(CARRY, 0);
    call(0x15, 0x5307, 0x0001, 0x0002, 0); /* suspend: not here */
    CHECK(AH, 0x60);
    put_text("OFF\n");
    call(0x15, 0x5307, 0x0001, 0x0003, 0);
    CHECK(AH, 0xff);
}
