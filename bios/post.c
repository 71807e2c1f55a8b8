/*
 * The power-on self test, from the first instruction in 32-bit mode (reset.S) to INT 19h. It tests little and
 * waits for nothing: an emulated machine does not wear out. Port 80h shows where it is.
 */
#include "bios/post.h"
#include "bios/bda.h"
#include "bios/post16.h"
#include "bios/resident.h"

extern u8 post_entry16[], pnp_header[], bios32_header[];
extern u8 free_tables_flat[], free_tables_end_flat[];

static u32 table_next;

_Static_assert(sizeof(struct resident) <= 2560, "tables.S keeps that much");

void *table_space(u32 size)
{
    u32 at = (table_next + 15) & ~15u;
    if (at + size > (u32)free_tables_end_flat)
        return 0;
    table_next = at + size;
    return (void *)at;
}

void checksum8(void *table, u32 size, u32 at)
{
    u8 *p = table;
    u8 sum = 0;
    p[at] = 0;
    for (u32 i = 0; i < size; i++)
        sum = (u8)(sum + p[i]);
    p[at] = (u8)-sum;
}

static void call_post16(u16 what)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    c.eax = what;
    c.ds = 0x40;
    c.flags = 0;
    /* entered like an interrupt, which call_real does through a vector: INT 60h lends its own */
    ivt[0x60].off = (u16)(u32)post_entry16;
    ivt[0x60].seg = 0xf000;
    call_real(&c, 0x60);
    ivt[0x60].off = 0;
    ivt[0x60].seg = 0;
}

static void banner(void)
{
    say("tick86 BIOS " BIOS_VERSION "\n");
    say_number(bda.base_memory_kb);
    say(" KB base, ");
    say_number(resident_flat.memory_above_1m_kb);
    say(" KB extended memory\n");
}

static void show_cmos_faults(void)
{
    u8 status = cmos_read(0x0e);
    cmos_done();
    if (status & CMOS_NO_POWER)
        say("The CMOS battery was empty: set the clock.\n");
    if (status & CMOS_BAD_SUM)
        say("The CMOS checksum was wrong; it is set right.\n");
    if (status & CMOS_BAD_TIME)
        say("The clock shows no time: set it.\n");
}

static void show_drives(void)
{
    static const char *const floppy_names[] = {"",        "360 KB",  "1.2 MB", "720 KB",
                                               "1.44 MB", "2.88 MB", "2.88 MB"};
    for (u32 i = 0; i < 2; i++) {
        if (!resident_flat.floppy_type[i])
            continue;
        say(i ? "B: " : "A: ");
        say(floppy_names[resident_flat.floppy_type[i]]);
        say(" diskette\n");
    }
    for (u32 i = 0; i < DRIVES_MAX; i++) {
        const struct drive *d = &resident_flat.drive[i];
        if (d->type == DRIVE_NONE)
            continue;
        say("IDE ");
        say_number(i);
        say(": ");
        say(d->model);
        if (d->type == DRIVE_ATA) {
            say(", ");
            say_number((u32)(d->sectors >> 11));
            say(" MB, ");
            say_number(d->cylinders);
            say("/");
            say_number(d->heads);
            say("/");
            say_number(d->spt);
        } else {
            say(", CD-ROM");
        }
        say("\n");
    }
}

static void make_tables(void)
{
    table_next = (u32)free_tables_flat;
    checksum8(pnp_header + 0xf0000, 33, 8);
    checksum8(bios32_header + 0xf0000, 16, 10);
    pir_init();
    loader_run();
    mptable_init();
    smbios_init();
    memory_map_finish();
}

static void boot(void)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    call_real(&c, 0x19);
}

void post_main(void)
{
    POST_CODE(0x01);
    chipset_init();
    POST_CODE(0x10);
    pci_init();
    POST_CODE(0x20);
    memory_init();
    cpu_init();
    cpu_init_others();
    POST_CODE(0x30);
    optrom_video();
    screen_init();
    banner();
    POST_CODE(0x40);
    irq_init();
    call_post16(POST16_DEVICES);
    show_cmos_faults();
    POST_CODE(0x50);
    call_post16(POST16_DRIVES);
    show_drives();
    POST_CODE(0x60);
    optrom_others();
    POST_CODE(0x70);
    boot_list_init();
    boot_menu();
    POST_CODE(0x80);
    make_tables();
    optrom_lock();
    POST_CODE(0x00);
    say("\n");
    boot();
}
