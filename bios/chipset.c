/* The AT's own chips: interrupt controllers, timer, DMA, and the vectors. */
#include "bios/bda.h"
#include "bios/post.h"
#include "bios/resident.h"

/* Real-mode handlers, as offsets in segment F000 (entry.S, irq.S). */
extern u8 int08_entry[], int0e_entry[], int70_entry[], int71_entry[], int74_entry[], int75_entry[],
    int76_entry[];
extern u8 int77_entry[], int18_entry[], spare_irq[], dummy_iret[], int17_entry[], int40_entry[];

static void pic_init(void)
{
    outb(0x20, 0x11);
    outb(0xa0, 0x11);
    outb(0x21, 0x08);
    outb(0xa1, 0x70);
    outb(0x21, 0x04);
    outb(0xa1, 0x02);
    outb(0x21, 0x01);
    outb(0xa1, 0x01);
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
}

/* Counter 0: 18.2 Hz; 1: refresh each 15 us; 2: the speaker's, idle. */
static void pit_init(void)
{
    outb(0x43, 0x36);
    outb(0x40, 0);
    outb(0x40, 0);
    outb(0x43, 0x54);
    outb(0x41, 18);
    outb(0x43, 0xb6);
    outb(0x42, 0x33);
    outb(0x42, 0x05);
    outb(0x61, 0x00);
}

static void dma_init(void)
{
    outb(0x0d, 0);
    outb(0xda, 0);
    outb(0xd6, 0xc0); /* channel 4: cascade */
    outb(0x0b, 0x40);
    outb(0x0b, 0x41);
    outb(0x0b, 0x42);
    outb(0x0b, 0x43);
    outb(0xd6, 0x41);
    outb(0xd6, 0x42);
    outb(0xd6, 0x43);
    outb(0xd4, 0x00);
}

static void set_vector(u8 n, u16 offset)
{
    ivt[n].off = offset;
    ivt[n].seg = 0xf000;
}

static u16 real_offset(const u8 *symbol)
{
    return (u16)(u32)symbol;
}

static void vectors_init(void)
{
    for (u32 i = 0; i < 256; i++)
        set_vector((u8)i, 0xff53);
    for (u32 i = 0x60; i < 0x68; i++)
        ivt[i].off = ivt[i].seg = 0;
    for (u32 i = 0x78; i < 256; i++)
        ivt[i].off = ivt[i].seg = 0;
    for (u32 i = 8; i < 16; i++) {
        set_vector((u8)i, real_offset(spare_irq));
        set_vector((u8)(0x68 + i), real_offset(spare_irq));
    }
    set_vector(0x02, 0xe2c3);
    set_vector(0x05, 0xff54);
    set_vector(0x08, 0xfea5);
    set_vector(0x09, 0xe987);
    set_vector(0x0e, 0xef57);
    set_vector(0x10, 0xf065);
    set_vector(0x11, 0xf84d);
    set_vector(0x12, 0xf841);
    set_vector(0x13, 0xe3fe);
    set_vector(0x14, 0xe739);
    set_vector(0x15, 0xf859);
    set_vector(0x16, 0xe82e);
    set_vector(0x17, 0xefd2);
    set_vector(0x18, real_offset(int18_entry));
    set_vector(0x19, 0xe6f2);
    set_vector(0x1a, 0xfe6e);
    set_vector(0x1d, 0xf0a4);
    set_vector(0x1e, 0xefc7);
    set_vector(0x1f, 0);
    ivt[0x1f].seg = 0;
    set_vector(0x40, 0xec59);
    set_vector(0x41, 0xe401);
    set_vector(0x43, 0xfa6e);
    set_vector(0x46, 0xe401);
    set_vector(0x70, real_offset(int70_entry));
    set_vector(0x71, real_offset(int71_entry));
    set_vector(0x74, real_offset(int74_entry));
    set_vector(0x75, real_offset(int75_entry));
    set_vector(0x76, real_offset(int76_entry));
    set_vector(0x77, real_offset(int77_entry));
}

/* The coprocessor, if there is one, stores a clean status word after FNINIT. */
static int fpu_present(void)
{
    u16 status = 0x5a5a;
    __asm__ volatile("fninit\n\tfnstsw %0" : "+m"(status));
    return (status & 0xff) == 0;
}

static void bda_init(void)
{
    u16 kept = bda.reset_flag;
    u8 display = cmos_read(0x14) & 0x30;
    u16 equipment = (u16)(0x0000 | (display ? display : 0x20));
    memset((void *)&bda, 0, 0x100);
    bda.reset_flag = kept;
    bda.print_screen = 0;
    bda.base_memory_kb = (u16)(640 - EBDA_KB);
    bda.ebda_segment = (u16)((640 - EBDA_KB) * 64);
    memset((void *)((640 - EBDA_KB) * 1024), 0, EBDA_KB * 1024);
    *(u8 *)((640 - EBDA_KB) * 1024) = EBDA_KB;
    resident_flat.floppy_type[0] = cmos_read(0x10) >> 4;
    resident_flat.floppy_type[1] = cmos_read(0x10) & 15;
    if (resident_flat.floppy_type[0] > 6)
        resident_flat.floppy_type[0] = 0;
    if (resident_flat.floppy_type[1] > 6)
        resident_flat.floppy_type[1] = 0;
    if (resident_flat.floppy_type[0])
        equipment |= 1;
    if (resident_flat.floppy_type[1])
        equipment |= 0x40;
    if (fpu_present())
        equipment |= 2;
    bda.equipment = equipment;
    bda.video_columns = 80;
    bda.crtc_port = 0x3d4;
    bda.keys_start = bda.keys_head = bda.keys_tail = 0x1e;
    bda.keys_end = 0x3e;
    cmos_done();
}

void chipset_init(void)
{
    pic_init();
    pit_init();
    dma_init();
    vectors_init();
    bda_init();
}

/* Opens the lines that have handlers: timer, keyboard, cascade, diskette; clock, mouse, coprocessor, disks.
 */
void irq_init(void)
{
    outb(0x21, 0xb8);
    outb(0xa1, 0x0e);
}
