/* The 8042 keyboard controller, polled: for its initialisation, LEDs, and the mouse's commands. */
#include "bios/services.h"
#include "bios/timer.h"

enum { KBC_DATA = 0x60, KBC_STATUS = 0x64, KBC_OUTPUT_FULL = 1, KBC_INPUT_FULL = 2, KBC_AUX = 0x20 };

static int wait_input_empty(void)
{
    struct timeout t;
    timeout_start(&t, 50000);
    while (inb(KBC_STATUS) & KBC_INPUT_FULL)
        if (timeout_passed(&t))
            return 0;
    return 1;
}

int kbc_write_command(u8 command)
{
    if (!wait_input_empty())
        return 0;
    outb(KBC_STATUS, command);
    return 1;
}

int kbc_write_data(u8 data)
{
    if (!wait_input_empty())
        return 0;
    outb(KBC_DATA, data);
    return 1;
}

int kbc_read(u32 us)
{
    struct timeout t;
    timeout_start(&t, us);
    while (!(inb(KBC_STATUS) & KBC_OUTPUT_FULL))
        if (timeout_passed(&t))
            return -1;
    return inb(KBC_DATA);
}

int mouse_read(u32 us)
{
    struct timeout t;
    timeout_start(&t, us);
    for (;;) {
        u8 status = inb(KBC_STATUS);
        if (status & KBC_OUTPUT_FULL) {
            u8 data = inb(KBC_DATA);
            if (status & KBC_AUX)
                return data;
        }
        if (timeout_passed(&t))
            return -1;
    }
}

int mouse_send(u8 byte)
{
    if (!kbc_write_command(0xd4) || !kbc_write_data(byte))
        return -1;
    return mouse_read(50000);
}
