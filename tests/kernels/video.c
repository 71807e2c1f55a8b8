/* VBE's linear frame buffer and window, its protected-mode interface, mode X by registers, the text cursor.
 */
#include "tests/kernels/kernel.h"

static u16 vbe(struct bios *r)
{
    call(0x10, r);
    return (u16)r->eax;
}

static u8 *const info = (u8 *)LOW_BUFFER, *const mode_info = (u8 *)LOW_BUFFER + 0x400;
static u16 *frame_buffer;
static u32 pitch;

/* The number of the mode of WIDTH x HEIGHT in DEPTH bits with a linear frame buffer, or 0. */
static u16 find_mode(u16 width, u16 height, u8 depth)
{
    memcpy(info, "VBE2", 4);
    struct bios r = {.eax = 0x4F00, .es = LOW_BUFFER >> 4};
    if (vbe(&r) != 0x4F || memcmp(info, "VESA", 4))
        return 0;
    const u16 *list = (const u16 *)((u32) * (u16 *)(info + 14) + ((u32) * (u16 *)(info + 16) << 4));
    u16 modes[128];
    unsigned count = 0;
    while (count < 127 && list[count] != 0xFFFF)
        modes[count] = list[count], count++;
    while (count--) {
        r = (struct bios){.eax = 0x4F01, .ecx = modes[count], .edi = 0x400, .es = LOW_BUFFER >> 4};
        if (vbe(&r) == 0x4F && (*(u16 *)mode_info & 0x81) == 0x81 && *(u16 *)(mode_info + 18) == width &&
            *(u16 *)(mode_info + 20) == height && mode_info[25] == depth)
            return modes[count];
    }
    return 0;
}

static void test_linear(void)
{
    u16 mode = find_mode(800, 600, 16);
    row(mode && *(u16 *)(info + 4) >= 0x200,
        "VBE 2.0 or later has 800x600 in 16 bits with a linear frame buffer");
    pitch = *(u16 *)(mode_info + 16);
    frame_buffer = *(u16 **)(mode_info + 40);
    u16 window = *(u16 *)(mode_info + 8), granularity = *(u16 *)(mode_info + 4);
    struct bios r = {.eax = 0x4F02, .ebx = 0x4000u | mode};
    row(vbe(&r) == 0x4F && pitch >= 1600, "it is set");
    row(!frame_buffer[0] && !frame_buffer[599 * pitch / 2 + 799], "and black");
    for (u32 y = 0; y < 600; y++)
        for (u32 x = 0; x < 800; x++)
            frame_buffer[y * pitch / 2 + x] = (u16)(x * 3 + y * 7);
    bool good = true;
    for (u32 y = 0; y < 600; y += 3)
        for (u32 x = 0; x < 800; x += 7)
            good = good && frame_buffer[y * pitch / 2 + x] == (u16)(x * 3 + y * 7);
    row(good, "what is drawn can be read back");
    r = (struct bios){.eax = 0x4F02, .ebx = 0x8000u | mode};
    row(vbe(&r) == 0x4F && window == 0xA000 && granularity,
        "the same mode by its window, with the picture kept");
    u32 at = 300 * pitch;
    r = (struct bios){.eax = 0x4F05, .edx = at / (granularity * 1024u)};
    row(vbe(&r) == 0x4F, "the window moves");
    at %= granularity * 1024u;
    row(*(volatile u16 *)(0xA0000 + at) == (u16)(300 * 7), "and shows the 300th line");
    r = (struct bios){.eax = 0x4F06, .ebx = 0, .ecx = 1024};
    row(vbe(&r) == 0x4F && (r.ecx & 0xFFFF) == 1024 && (r.ebx & 0xFFFF) >= 2048, "lines of 1024 dots");
    r = (struct bios){.eax = 0x4F07, .ebx = 0, .ecx = 100, .edx = 20};
    bool set = vbe(&r) == 0x4F;
    r = (struct bios){.eax = 0x4F07, .ebx = 1};
    row(set && vbe(&r) == 0x4F && (r.ecx & 0xFFFF) == 100 && (r.edx & 0xFFFF) == 20,
        "the display starts at 100, 20");
}

/* VBE 2.0, 4.14: offsets of three functions from the table's start; called with near calls. */
static void test_protected_interface(void)
{
    struct bios r = {.eax = 0x4F0A};
    u16 result = vbe(&r);
    if (result != 0x4F) {
        print("note: no VBE protected-mode interface\n");
        return;
    }
    u8 *from = (u8 *)((u32)r.es * 16 + (r.edi & 0xFFFF)), *copy = (u8 *)LOW_BUFFER + 0x8000;
    memcpy(copy, from, r.ecx & 0xFFFF);
    u8 *start = copy + ((u16 *)copy)[1];
    row((r.ecx & 0xFFFF) > 8 && ((u16 *)copy)[1] < (r.ecx & 0xFFFF), "VBE's protected-mode interface");
    u32 eax = 0x4F07, ebx = 0, ecx = 10, edx = 0;
    __asm__ volatile("call *%4"
                     : "+a"(eax), "+b"(ebx), "+c"(ecx), "+d"(edx)
                     : "r"(start)
                     : "esi", "edi", "memory", "cc");
    r = (struct bios){.eax = 0x4F07, .ebx = 1};
    row(vbe(&r) == 0x4F && (r.ecx & 0xFFFF) == 20 && !(r.edx & 0xFFFF),
        "its display start of 10 double words is 20 dots of 16 bits");
}

static void indexed(u16 port, u8 index, u8 value)
{
    outw(port, (u16)(index | value << 8));
}

static void test_mode_x(void)
{
    struct bios r = {.eax = 0x13};
    call(0x10, &r);
    volatile u8 *memory = (volatile u8 *)0xA0000;
    memory[5] = 99;
    indexed(0x3C4, 4, 6);
    indexed(0x3D4, 0x14, 0);
    indexed(0x3D4, 0x17, 0xE3);
    indexed(0x3CE, 4, 1);
    row(memory[1] == 99 || memory[4] == 99, "a dot of mode 13h lies in plane 1 when the planes are apart");
    indexed(0x3C4, 2, 15);
    memory[100] = 0x77;
    indexed(0x3C4, 2, 4);
    memory[100] = 0x22;
    bool good = true;
    for (u8 plane = 0; plane < 4; plane++) {
        indexed(0x3CE, 4, plane);
        good = good && memory[100] == (plane == 2 ? 0x22 : 0x77);
    }
    row(good, "the map mask writes planes, the read map reads them");
    indexed(0x3C4, 2, 15);
    indexed(0x3CE, 5, 0x41); /* write mode 1: the latches */
    (void)memory[100];
    memory[200] = 0;
    indexed(0x3CE, 5, 0x40);
    for (u8 plane = 0; plane < 4; plane++) {
        indexed(0x3CE, 4, plane);
        good = good && memory[200] == (plane == 2 ? 0x22 : 0x77);
    }
    row(good, "four planes are copied by the latches");
    u32 lines = 0;
    for (u32 start = ticks; !(inb(0x3DA) & 8) && ticks - start < 50;)
        ;
    u32 begin = ticks;
    while (ticks - begin < 100) {
        while (inb(0x3DA) & 8 && ticks - begin < 100)
            ;
        while (!(inb(0x3DA) & 8) && ticks - begin < 100)
            ;
        lines++;
    }
    row(lines >= 6 && lines <= 8, "70 pictures a second by the retrace's bit");
    outb(0x3C8, 7);
    outb(0x3C9, 1);
    outb(0x3C9, 2);
    outb(0x3C9, 3);
    outb(0x3C7, 7);
    row(inb(0x3C9) == 1 && inb(0x3C9) == 2 && inb(0x3C9) == 3, "a colour of the palette is read back");
}

static void test_text(void)
{
    struct bios r = {.eax = 3};
    call(0x10, &r);
    volatile u16 *screen = (volatile u16 *)0xB8000;
    screen[0] = 0x1F41;
    row(screen[0] == 0x1F41 && screen[1] == 0x0720, "text mode is clear and takes a letter");
    outb(0x3D4, 0x0E);
    outb(0x3D5, 0x01);
    outb(0x3D4, 0x0F);
    outb(0x3D5, 0x42);
    outb(0x3D4, 0x0E);
    row(inb(0x3D5) == 1, "the cursor goes where the CRTC says");
    outb(0x3D4, 0x0A);
    outb(0x3D5, 0x20);
    row(inb(0x3D5) == 0x20, "and can be off");
    row((inb(0x3CC) & 1) == 1, "the registers are at 3Dxh");
}

void test_video(void)
{
    test_linear();
    test_protected_interface();
    test_mode_x();
    test_text();
}
