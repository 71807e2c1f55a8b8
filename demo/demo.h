/* What the pages of the demonstration share. toolbox.c has the functions; start.S what needs assembly. */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef signed short s16;
typedef signed int s32;

/* ---- talking to the machine ---- */

/* Registers for a BIOS call. The 16-bit BIOS functions look at the lower halves. */
struct registers {
    u32 ax, bx, cx, dx, si, di, bp, es, flags;
};
#define CARRY 1 /* in flags: most BIOS calls report errors so */
void interrupt(u8 number, struct registers *r);

/* Devices are reached through ports: a second address space of 65,536 bytes, with instructions of its own. */
static inline void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}
static inline void out16(u16 port, u16 value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}
static inline u8 in8(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}
static inline void interrupts_off(void)
{
    __asm__ volatile("cli" : : : "memory");
}
static inline void interrupts_on(void)
{
    __asm__ volatile("sti" : : : "memory");
}

/*
 * Memory beyond the first 64 KB needs a segment register. FS is ours for it: select_segment(0xB800), then
 * MEMORY8(2) is the byte at B8002h. Segment * 16 + offset is the address.
 */
static inline void select_segment(u16 segment)
{
    __asm__ volatile("movw %0, %%fs" : : "r"(segment) : "memory");
}
#define MEMORY8(offset)  (*(volatile u8 __seg_fs *)(offset))
#define MEMORY16(offset) (*(volatile u16 __seg_fs *)(offset))
/* The BIOS keeps its variables from 400h on; segment 0 reaches them. */
#define LOW8(address)  (*(volatile u8 *)(address))
#define LOW16(address) (*(volatile u16 *)(address))
#define LOW32(address) (*(volatile u32 *)(address))

void call_32(void (*function)(void *), void *argument);

/* ---- toolbox.c ---- */

#define KEY_ESCAPE 0x011B /* scan code and character, as INT 16h gives them */
#define KEY_UP     0x4800
#define KEY_DOWN   0x5000
#define KEY_LEFT   0x4B00
#define KEY_RIGHT  0x4D00

/* Attributes of text: background * 16 + foreground. */
enum { NORMAL = 0x17, TITLE = 0x1F, BRIGHT = 0x1E, BAR = 0x70, FAINT = 0x13 };

void set_video_mode(u8 mode);
void cursor_off(void);
/* A blank text page with a title bar above and a line of help below. */
void text_page(const char *title, const char *help);
void text_at(u8 row, u8 column, u8 attribute, const char *text);
void fill_at(u8 row, u8 column, u8 attribute, u8 character, u16 count);
/* Numbers in a field of `width` places, filled with `pad`. */
void number_at(u8 row, u8 column, u8 attribute, u32 value, u8 base, u8 width, char pad);
void frame_at(u8 row, u8 column, u8 rows, u8 columns, u8 attribute);
/* Text in graphics modes, through the BIOS. */
void graphics_text(u8 row, u8 column, u8 color, const char *text);

/* The next key, or 0 when there is none yet. */
u16 key_pressed(void);
u16 key_wait(void);
/* Lets `ticks` of the BIOS's clock go by, 55 ms each; returns a key at once when one comes. */
u16 wait_ticks(u32 ticks);
u32 ticks_now(void);
/* Waits for the display to finish a picture, at most about 50 ms. */
void wait_retrace(void);
/* sine(0..255) is -127..127: a turn has 256 steps. */
s32 sine(u8 angle);

/* ---- the pages, one in each file of that name ---- */

void page_mode12(void);
void page_mode13(void);
void page_modex(void);
void page_vbe(void);
void page_keyboard(void);
void page_mouse(void);
void page_speaker(void);
void page_clock(void);
void page_cpu(void);

#endif
