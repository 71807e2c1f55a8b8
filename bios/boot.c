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

/*
 * The AT's rule for diskettes: the signature is not asked for, since self-booting programs of the time lack
 * it; but the first byte must be an opcode from 06h on, and the first ten words not all the same, as on one
 * that is formatted and no more (IBM AT Technical Reference, BIOS listing, BOOT_STRAP).
 */
static int looks_like_code(void)
{
    u16 first = peek16(0, 0x7c00);
    if ((u8)first < 0x06)
        return 0;
    for (u16 i = 2; i < 20; i += 2)
        if (peek16(0, (u16)(0x7c00 + i)) != first)
            return 1;
    return 0;
}

static int bootable(u8 drive)
{
    if (drive < 0x80 && looks_like_code())
        return 1;
    if (peek16(0, 0x7dfe) != 0xaa55)
        return 0;
    return peek16(0, 0x7c00) != 0 || peek16(0, 0x7c02) != 0;
}

/* These return only if the drive does not boot, with the reason. */

static const char ROM *boot_drive(u8 drive)
{
    if (!read_boot_sector(drive))
        return drive < 0x80 ? TEXT("no diskette, or none that can be read") : TEXT("cannot be read");
    if (!bootable(drive))
        return TEXT("its first sector is no boot sector");
    boot_jump(0, drive);
}

static const char ROM *boot_cd(u8 index)
{
    u16 segment;
    u8 drive;
    switch (cdrom_boot(index, &segment, &drive)) {
    case CD_BOOTS:
        boot_jump(segment, drive);
    case CD_NO_DISC:
        return TEXT("no disc");
    case CD_NO_CATALOG:
        return TEXT("the disc has no boot catalog (El Torito)");
    default:
        return TEXT("the disc cannot be read");
    }
}

/* Calls a network or other boot ROM; it returns if it finds nothing. */
static const char ROM *boot_vector(const struct boot_entry ROM *e)
{
    struct call c = {.edi = 0, .es = 0xf000, .edx = 0};
    c.target.off = e->target.off;
    c.target.seg = e->target.seg;
    call_far(&c);
    return TEXT("it found nothing to boot");
}

static const char ROM *try_entry(const struct boot_entry ROM *e)
{
    switch (e->type) {
    case BOOT_FLOPPY:
        return boot_drive(e->index);
    case BOOT_DISK:
        return boot_drive((u8)(0x80 + e->index));
    case BOOT_CD:
        return boot_cd(e->index);
    default:
        return boot_vector(e);
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
        const char ROM *reason;
        put_text(TEXT("Booting from "));
        print_name(e);
        put_text(TEXT("\n"));
        interrupts_on();
        reason = try_entry(e);
        interrupts_off();
        put_text(TEXT("Not bootable: "));
        put_text(reason);
        put_text(TEXT(".\n"));
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
