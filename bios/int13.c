/* INT 13h: which of the disk services a call is for. */
#include "bios/resident.h"
#include "bios/services.h"

void int13(struct regs *r)
{
    if (cdrom_service(r))
        return;
    if (r->dl < 0x80)
        floppy_service(r);
    else
        disk_service(r);
}

/* INT 40h: the diskette service, where INT 13h was before there were hard disks. */
void int40(struct regs *r)
{
    floppy_service(r);
}
