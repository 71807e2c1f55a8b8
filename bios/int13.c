/* INT 13h: which of the disk services a call is for. */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"

enum { INT40 = 0xec59 };

/* Programs that took INT 40h see the calls for diskettes that come by INT 13h, as on the AT. */
static void call_int40(struct regs *r)
{
    struct call c = {
        .edi = r->edi, .esi = r->esi, .ebp = r->ebp, .ebx = r->ebx, .edx = r->edx, .ecx = r->ecx};
    c.eax = r->eax;
    c.ds = r->ds;
    c.es = r->es;
    c.flags = FLAG_IF;
    call_int(0x40, &c);
    r->edi = c.edi;
    r->esi = c.esi;
    r->ebx = c.ebx;
    r->edx = c.edx;
    r->ecx = c.ecx;
    r->eax = c.eax;
    r->ds = c.ds;
    r->es = c.es;
    if (c.flags & FLAG_CF)
        set_carry(r);
    else
        clear_carry(r);
}

void int13(struct regs *r)
{
    if (cdrom_service(r))
        return;
    if (r->dl >= 0x80)
        disk_service(r);
    else if (ivt[0x40].off != INT40 || ivt[0x40].seg != 0xf000)
        call_int40(r);
    else
        floppy_service(r);
}

/* INT 40h: the diskette service, where INT 13h was before there were hard disks. */
void int40(struct regs *r)
{
    floppy_service(r);
}
