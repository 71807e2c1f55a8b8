/* The part of POST that runs as 16-bit code, since it uses the services' drivers: called from post.c by
 * number. */
#include "bios/post16.h"
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"

void post16(struct regs *r)
{
    switch (r->ax) {
    case POST16_DEVICES:
        clock_init();
        keyboard_init();
        mouse_init();
        serial_init();
        printer_init();
        interrupts_on();
        floppy_init();
        break;
    case POST16_DRIVES:
        interrupts_on();
        ata_detect();
        disk_init();
        break;
    }
}
