/* VBE: information, every mode of the list, windows, lines, display start, DAC, palette, state, protected
 * mode interface, EDID. */
#include "test.h"

static u8 info[512];
static u8 mode[256];
static u8 state[2048];

#define INFO16(at) (*(u16 *)(info + (at)))
#define INFO32(at) (*(u32 *)(info + (at)))
#define MODE16(at) (*(u16 *)(mode + (at)))
#define MODE32(at) (*(u32 *)(mode + (at)))

static u16 dispi(u16 index)
{
    outw(0x1CE, index);
    u16 value;
    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"((u16)0x1CF));
    return value;
}

static void check_controller(void)
{
    info[0] = 'V';
    info[1] = 'B';
    info[2] = 'E';
    info[3] = '2';
    CHECK(video_at(0x4F00, 0, 0, 0, info), 0x004F);
    CHECK(INFO32(0), 0x41534556);
    CHECK(INFO16(4), 0x0300);
    CHECK(INFO16(18), 256);
    CHECK(INFO32(14), (u32)info + 0x22);
    CHECK(peek(INFO16(8), INFO16(6)), 't');
    CHECK(INFO32(22), (u32)info + 256); /* strings within the block */
    CHECK(info[256], 'T');
}

/* Sets and describes each mode of the list. */
static void check_modes(void)
{
    u32 count = 0;
    for (u16 *list = (u16 *)(info + 0x22); *list != 0xFFFF; list++, count++) {
        CHECK(count < 111, 1);
        CHECK(video_at(0x4F01, 0, *list, 0, mode), 0x004F);
        CHECK(MODE16(0) & 1, 1);
        u8 graphics = (MODE16(0) & 0x10) != 0, linear = (MODE16(0) & 0x80) != 0;
        CHECK(video(0x4F02, *list | (linear ? 0x4000 : 0), 0, 0), 0x004F);
        CHECK(video(0x4F03, 0, 0, 0), 0x004F);
        CHECK(after.bx & 0xFFFF, *list | (linear ? 0x4000 : 0));
        CHECK(linear, graphics && mode[0x19] != 4);
        if (linear)
            CHECK(MODE32(0x28) >= 0xE0000000u, 1);
        if (graphics) {
            CHECK(dispi(1), MODE16(0x12));
            CHECK(dispi(2), MODE16(0x14));
            CHECK(dispi(3), mode[0x19]);
            CHECK(dispi(4) & 1, 1);
            u32 pitch = mode[0x19] == 4 ? MODE16(0x12) / 8 : MODE16(0x12) * ((mode[0x19] + 7) / 8);
            CHECK(MODE16(0x10), pitch);
            CHECK(peek16(0x40, 0x4A), MODE16(0x12) / 8);
        } else {
            CHECK(dispi(4) & 1, 0);
            CHECK(peek16(0x40, 0x4A), MODE16(0x12));
            CHECK(peek(0x40, 0x84) + 1, MODE16(0x14));
        }
    }
    CHECK(count > 80, 1);
    CHECK(video_at(0x4F01, 0, 0x1FE, 0, mode), 0x014F);
    CHECK(video(0x4F02, 0x1FE, 0, 0), 0x014F);
    CHECK(video(0x4F02, 0x0013, 0, 0), 0x004F);
    CHECK(video(0x4F03, 0, 0, 0) * 0 + (after.bx & 0xFFFF), 0x0013);
    CHECK(dispi(4) & 1, 0);
}

static u16 window_function(u16 bx, u16 dx)
{
    u32 result;
    u32 function = MODE32(0x0C);
    __asm__ volatile("pushl %3\n\tlcallw *(%%esp)\n\taddl $4, %%esp"
                     : "=a"(result), "+d"(dx)
                     : "b"(bx), "r"(function)
                     : "memory");
    after.dx = dx;
    return (u16)result;
}

static void check_window(void)
{
    CHECK(video(0x4F02, 0x105, 0, 0), 0x004F);
    video_at(0x4F01, 0, 0x105, 0, mode);
    CHECK(video(0x4F05, 0, 0, 3), 0x004F);
    poke(0xA000, 5, 0x77);
    CHECK(video(0x4F05, 0, 0, 0), 0x004F);
    CHECK(peek(0xA000, 5), 0);
    CHECK(window_function(0x0000, 3), 0x004F);
    CHECK(peek(0xA000, 5), 0x77);
    CHECK(window_function(0x0100, 0), 0x004F);
    CHECK(after.dx, 3);
    CHECK(video(0x4F05, 0x0100, 0, 0), 0x004F);
    CHECK(after.dx & 0xFFFF, 3);
    CHECK(video(0x4F05, 0, 0, 256), 0x014F);
    CHECK(video(0x4F05, 1, 0, 0), 0x014F);
    /* Kept with bit 15, cleared without. */
    video(0x4F02, 0x8105, 0, 0);
    video(0x4F05, 0, 0, 3);
    CHECK(peek(0xA000, 5), 0x77);
    video(0x4F02, 0x0105, 0, 0);
    video(0x4F05, 0, 0, 3);
    CHECK(peek(0xA000, 5), 0);
}

static void check_lines(void)
{
    video(0x4F02, 0x111, 0, 0); /* 640x480x16 */
    CHECK(video(0x4F06, 1, 0, 0), 0x004F);
    CHECK(after.bx & 0xFFFF, 1280);
    CHECK(after.cx & 0xFFFF, 640);
    CHECK(after.dx & 0xFFFF, 16 * 1024 * 1024 / 1280);
    CHECK(video(0x4F06, 0, 1024, 0), 0x004F);
    CHECK(after.bx & 0xFFFF, 2048);
    CHECK(video(0x4F06, 2, 4096, 0), 0x004F);
    CHECK(after.cx & 0xFFFF, 2048);
    CHECK(video(0x4F06, 3, 0, 0), 0x004F);
    CHECK((after.cx & 0xFFFF) >= 2048, 1);
    CHECK(video(0x4F06, 0, 100, 0), 0x014F);
    CHECK(video(0x4F07, 0, 64, 100), 0x004F);
    CHECK(video(0x4F07, 1, 0, 0), 0x004F);
    CHECK(after.cx & 0xFFFF, 64);
    CHECK(after.dx & 0xFFFF, 100);
    CHECK(video(0x4F07, 0x80, 0, 7), 0x004F);
    CHECK(dispi(9), 7);
    CHECK(dispi(8), 0);
    struct regs r = {0x4F07, 2, 4096 * 9 + 20, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x10, &r);
    CHECK(r.ax & 0xFFFF, 0x004F);
    CHECK(dispi(9), 9);
    CHECK(dispi(8), 10);
    CHECK(video(0x4F07, 0, 0, 0xFFF0), 0x014F);
}

static void check_palette(void)
{
    static u8 colors[8] = {1, 2, 3, 0, 0x80, 0x90, 0xA0, 0};
    video(0x4F02, 0x101, 0, 0);
    CHECK(video(0x4F08, 1, 0, 0), 0x004F);
    CHECK(after.bx >> 8 & 0xFF, 6);
    CHECK(video(0x4F08, 0x0800, 0, 0), 0x004F);
    CHECK(after.bx >> 8 & 0xFF, 8);
    CHECK(video_at(0x4F09, 0, 2, 20, colors), 0x004F);
    colors[0] = colors[4] = 0;
    CHECK(video_at(0x4F09, 1, 2, 20, colors), 0x004F);
    CHECK(*(u32 *)colors, 0x00030201);
    CHECK(*(u32 *)(colors + 4), 0x00A09080);
    CHECK(video_at(0x4F09, 2, 2, 20, colors), 0x024F);
    video(0x4F02, 0x112, 0, 0);
    CHECK(video(0x4F08, 1, 0, 0), 0x034F);
    CHECK(video_at(0x4F09, 0, 2, 20, colors), 0x034F);
}

/* Starts to the right of where whole lines fit, and in the last lines that memory has. */
static void check_starts(void)
{
    video(0x4F02, 0x4101, 0, 0);
    CHECK(video(0x4F07, 0, 40, 5), 0x004F);
    CHECK(dispi(8), 40);
    CHECK(dispi(9), 5);
    CHECK(video(0x4F07, 0, 640, 0), 0x014F);
    if (on_qemu()) /* whose adapter has fewer lines than memory */
        return;
    video(0x4F06, 1, 0, 0);
    u16 last = (u16)(after.dx - 480);
    CHECK(video(0x4F07, 0, 0, last), 0x004F);
    CHECK(dispi(9), last);
    CHECK(video(0x4F07, 0, 1, last), 0x014F);
    CHECK(video(0x4F07, 0, 1, last - 1), 0x004F);
    CHECK(dispi(8), 1);
    CHECK(video(0x4F07, 0, 0, last + 1), 0x014F);
    CHECK(video(0x4F07, 1, 0, 0), 0x004F);
    CHECK(after.cx & 0xFFFF, 1);
    CHECK(after.dx & 0xFFFF, last - 1);
}

static void check_state(void)
{
    video(0x4F02, 0x4111, 0, 0);
    video(0x4F06, 0, 800, 0);
    video(0x4F07, 0, 8, 5);
    CHECK(video(0x4F04, 0, 0x0F, 0), 0x004F);
    CHECK((after.bx & 0xFFFF) * 64 <= sizeof state, 1);
    CHECK(video(0x4F04, (u16)(u32)state, 0x0F, 1), 0x004F);
    video(0x0003, 0, 0, 0);
    CHECK(video(0x4F04, (u16)(u32)state, 0x0F, 2), 0x004F);
    CHECK(dispi(4) & 1, 1);
    CHECK(dispi(1), 640);
    CHECK(dispi(6), 800);
    CHECK(dispi(8), 8);
    CHECK(dispi(9), 5);
    video(0x4F03, 0, 0, 0);
    CHECK(after.bx & 0xFFFF, 0x4111);
}

/* The protected mode interface, run from a copy as the specification lets programs do. */
static u8 copy[1024];

static u16 protected_function(u8 function, u32 bx, u32 cx, u32 dx, u32 di)
{
    struct regs r = {.bx = bx, .cx = cx, .dx = dx, .di = di};
    call_protected_near((u32)copy + *(u16 *)(copy + 2 * function), &r);
    after = r;
    return (u16)r.ax;
}

static void check_protected(void)
{
    static const u8 colors[8] = {0x0A, 0x0B, 0x0C, 0, 0x1A, 0x1B, 0x1C, 0};
    video(0x4F02, 0x101, 0, 0);
    video(0x4F0A, 0, 0, 0);
    CHECK((after.cx & 0xFFFF) <= sizeof copy, 1);
    for (u32 i = 0; i < (after.cx & 0xFFFF); i++)
        copy[i] = peek((u16)after.es, (u16)(after.di + i));
    CHECK(protected_function(0, 0x0000, 0, 5, 0), 0x004F);
    CHECK(dispi(5), 5);
    CHECK(protected_function(0, 0x0100, 0, 0, 0), 0x004F);
    CHECK(after.dx & 0xFFFF, 5);
    /* Line 100, column 40 of 640 bytes each, in units of four bytes. */
    u32 start = (100 * 640 + 40) / 4;
    CHECK(protected_function(1, 0x0000, start & 0xFFFF, start >> 16, 0), 0x004F);
    CHECK(dispi(8), 40);
    CHECK(dispi(9), 100);
    CHECK(protected_function(1, 0x0080, 160, 0, 0), 0x004F);
    CHECK(dispi(8), 0);
    CHECK(dispi(9), 1);
    CHECK(protected_function(1, 0x0001, 0, 0, 0), 0x014F);
    CHECK(protected_function(2, 0x0080, 2, 77, (u32)colors), 0x004F);
    video(0x1015, 78, 0, 0);
    CHECK(after.dx >> 8 & 0xFF, 0x1C);
    CHECK(after.cx & 0xFFFF, 0x1B1A);
    video(0x4F02, 0x112, 0, 0); /* three bytes a pixel */
    start = (3 * 1920 + 30) / 4 * 4;
    CHECK(protected_function(1, 0x0000, start / 4, 0, 0), 0x004F);
    CHECK(dispi(9), 3);
}

static void check_rest(void)
{
    CHECK(video(0x4F0A, 0, 0, 0), 0x004F);
    u16 table = (u16)after.di, segment = (u16)after.es, length = (u16)after.cx;
    for (u16 i = 0; i < 4; i++)
        CHECK(peek16(segment, table + 2 * i) < length, 1);
    CHECK(peek16(segment, table + peek16(segment, table + 6)), 0x1CE);
    CHECK(video(0x4F15, 0, 0, 0), 0x004F);
    CHECK(video_at(0x4F15, 1, 0, 0, info), 0x004F);
    u8 sum = 0;
    for (u32 i = 0; i < 128; i++)
        sum += info[i];
    CHECK(sum, 0);
    CHECK(INFO32(0), 0xFFFFFF00);
    CHECK(info[126], 0);
    CHECK(video(0x4F10, 0, 0, 0), 0x004F);
    CHECK(video(0x4F10, 0x0401, 0, 0), 0x004F);
    CHECK(video(0x4F10, 0x0002, 0, 0), 0x004F);
    CHECK(after.bx >> 8 & 0xFF, 4);
    video(0x4F10, 0x0001, 0, 0);
    CHECK(video(0x4F99, 0, 0, 0) & 0xFF, 0);
}

void test(void)
{
    check_controller();
    check_modes();
    check_window();
    check_lines();
    check_palette();
    check_starts();
    check_state();
    check_protected();
    check_rest();
}
