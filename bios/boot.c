/*
 * INT 19h, bootstrap, and INT 18h, which a boot sector calls when it finds nothing: the next entry of the
 * boot list gets its turn (BIOS Boot Specification 1.01).
 */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"

/* entry.S: leaves our stack for good and jumps to segment:0 (or 0:7C00h) with DL = drive. */
__attribute__((noreturn)) void boot_jump(u16 segment, u8 drive);

static u8 next_entry;

/* Reads the boot sector to 0:7C00h; a changed diskette answers with an error at first. */
static int read_boot_sector(u8 drive)
{
    for (u8 tries = 0; tries < 4; tries++) {
        struct call c = {.eax = 0x0201, .ebx = 0x7c00, .ecx = 0x0001, .edx = drive};
        call_int(0x13, &c);
        if (!(c.flags & FLAG_CF))
            return 1;
        c.eax = 0;
        c.edx = drive;
        call_int(0x13, &c);
    }
    return 0;
}

static int bootable(u8 drive)
{
    u16 first = peek16(0, 0x7c00);
    if (drive < 0x80 && cmos_read(0x38) & 1)
        return 1;
    cmos_done();
    if (peek16(0, 0x7dfe) != 0xaa55)
        return 0;
    return first != 0 || peek16(0, 0x7c02) != 0;
}

static void boot_drive(u8 drive)
{
    if (read_boot_sector(drive) && bootable(drive))
        boot_jump(0, drive);
}

static void boot_cd(u8 index)
{
    u16 segment;
    u8 drive;
    if (cdrom_boot(index, &segment, &drive) == 0)
        boot_jump(segment, drive);
}

/* Calls a network or other boot ROM; it returns if it finds nothing. */
static void boot_vector(const struct boot_entry ROM *e)
{
    struct call c = {.edi = 0, .es = 0xf000, .edx = 0};
    c.target.off = e->target.off;
    c.target.seg = e->target.seg;
    call_far(&c);
}

static void try_entry(const struct boot_entry ROM *e)
{
    switch (e->type) {
    case BOOT_FLOPPY:
        boot_drive(e->index);
        break;
    case BOOT_DISK:
        boot_drive((u8)(0x80 + e->index));
        break;
    case BOOT_CD:
        boot_cd(e->index);
        break;
    case BOOT_ENTRY_VECTOR:
        boot_vector(e);
        break;
    }
}

static void print_name(const struct boot_entry ROM *e)
{
    for (u8 i = 0; i < sizeof(e->name) && e->name[i]; i++)
        put_char(e->name[i]);
}

static void boot_from(u8 first)
{
    for (next_entry = first; next_entry < resident.boot_count;) {
        const struct boot_entry ROM *e = &resident.boot[next_entry++];
        put_text(TEXT("Booting from "));
        print_name(e);
        put_text(TEXT("\n"));
        interrupts_on();
        try_entry(e);
        interrupts_off();
        put_text(TEXT("Not bootable.\n"));
    }
    put_text(TEXT("\nNo bootable device. Insert a boot disk and press any key.\n"));
}

void int19(struct regs *r)
{
    u8 first = resident.boot_first;
    (void)r;
    for (;;) {
        struct call c = {.eax = 0};
        boot_from(first);
        first = 0;
        call_int(0x16, &c);
    }
}

void int18(struct regs *r)
{
    struct call c = {.eax = 0};
    boot_from(next_entry ? next_entry : resident.boot_count);
    call_int(0x16, &c);
    int19(r);
}
