/* The welcome page: what there is, and the number keys that lead to it. */
#include "demo.h"

static const struct page {
    const char *name, *about;
    void (*run)(void);
} pages[] = {
    {"Sixteen colours", "VGA mode 12h, 640 by 480 in four planes", page_mode12},
    {"256 colours", "VGA mode 13h, 320 by 200, palette in motion", page_mode13},
    {"Mode X", "a picture larger than the screen, split screen", page_modex},
    {"True colour", "VESA, drawn by 32-bit code in protected mode", page_vbe},
    {"Keyboard", "scan codes, and the characters made of them", page_keyboard},
    {"Mouse", "through the BIOS; draw something", page_mouse},
    {"Speaker", "a tune from the interval timer", page_speaker},
    {"Clock", "real-time clock, tick, and the timer behind it", page_clock},
    {"Processor", "which one this is, and how fast it runs", page_cpu},
};
#define PAGES (sizeof pages / sizeof pages[0])

void demo_main(void);

static void welcome(void)
{
    text_page("tick86 demonstration", "1-9 choose a page    Esc comes back here from everywhere");
    frame_at(2, 8, 5, 64, TITLE);
    text_at(3, 14, TITLE, "Welcome. This machine started from a floppy disk that");
    text_at(4, 14, TITLE, "was made for you to read: each page is one small file");
    text_at(5, 14, TITLE, "in demo/, and demo/boot.S is where it all begins.");
    for (u8 i = 0; i < PAGES; i++) {
        u8 row = 8 + i + i / 3; /* pictures, devices, the machine itself */
        fill_at(row, 8, BRIGHT, '1' + i, 1);
        text_at(row, 11, TITLE, pages[i].name);
        text_at(row, 29, NORMAL, pages[i].about);
    }
    for (u8 i = 0; i < 16; i++)
        fill_at(21, 8 + i * 4, (u8)(i << 4 | i), ' ', 4);
    for (u8 i = 0; i < 64; i++)
        fill_at(22, 8 + i, FAINT, (u8) "\xB0\xB1\xB2\xDB"[i / 4 % 4], 1);
}

void demo_main(void)
{
    for (;;) {
        welcome();
        u16 key = key_wait();
        u8 choice = (u8)((key & 0xFF) - '1');
        if (choice < PAGES)
            pages[choice].run();
    }
}
