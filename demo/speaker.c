/*
 * The PC's speaker: channel 2 of the 8254 interval timer divides 1,193,182 Hz and drives the speaker with the
 * square wave, as long as bits 0 and 1 of port 61h are set. The tune is the theme from the last movement of
 * Beethoven's ninth symphony.
 */
#include "demo.h"

#define TIMER_HZ 1193182

/* Frequencies of a scale in 1/10 Hz, from the G below middle C. */
enum note { REST, G3, A3, B3, C4, D4, E4, F4, G4, A4, NOTES };
static const u16 frequency[NOTES] = {0, 1960, 2200, 2469, 2616, 2937, 3296, 3492, 3920, 4400};
static const char *const name[NOTES] = {"-", "G", "A", "B", "c", "d", "e", "f", "g", "a"};

/* Note and length in eighths. */
static const u8 tune[][2] = {
    {E4, 2}, {E4, 2}, {F4, 2}, {G4, 2}, {G4, 2}, {F4, 2}, {E4, 2}, {D4, 2},   {C4, 2}, {C4, 2}, {D4, 2},
    {E4, 2}, {E4, 3}, {D4, 1}, {D4, 4}, {E4, 2}, {E4, 2}, {F4, 2}, {G4, 2},   {G4, 2}, {F4, 2}, {E4, 2},
    {D4, 2}, {C4, 2}, {C4, 2}, {D4, 2}, {E4, 2}, {D4, 3}, {C4, 1}, {C4, 4},   {D4, 2}, {D4, 2}, {E4, 2},
    {C4, 2}, {D4, 2}, {E4, 1}, {F4, 1}, {E4, 2}, {C4, 2}, {D4, 2}, {E4, 1},   {F4, 1}, {E4, 2}, {D4, 2},
    {C4, 2}, {D4, 2}, {G3, 4}, {E4, 2}, {E4, 2}, {F4, 2}, {G4, 2}, {G4, 2},   {F4, 2}, {E4, 2}, {D4, 2},
    {C4, 2}, {C4, 2}, {D4, 2}, {E4, 2}, {D4, 3}, {C4, 1}, {C4, 4}, {REST, 8},
};
#define TUNE_LENGTH (sizeof tune / sizeof tune[0])

static void sound(u8 note)
{
    u32 divisor = TIMER_HZ * 10u / frequency[note];
    out8(0x43, 0xB6); /* channel 2, both bytes, square wave */
    out8(0x42, (u8)divisor);
    out8(0x42, (u8)(divisor >> 8));
    out8(0x61, in8(0x61) | 0x03);
}

static void silence(void)
{
    out8(0x61, in8(0x61) & 0xFC);
}

/* A row of keys; the one that sounds is lit. */
static void show_keys(u8 note)
{
    for (u8 i = 1; i < NOTES; i++) {
        u8 attribute = i == note ? 0x4F : 0x70;
        for (u8 row = 8; row < 15; row++)
            fill_at(row, 10 + (i - 1) * 7, attribute, ' ', 6);
        text_at(13, 12 + (i - 1) * 7, attribute, name[i]);
    }
}

static void show_numbers(u8 note)
{
    fill_at(17, 10, NORMAL, ' ', 60);
    if (note == REST)
        return;
    text_at(17, 10, NORMAL, "frequency        Hz     timer divisor");
    number_at(17, 21, TITLE, frequency[note] / 10u, 10, 4, ' ');
    number_at(17, 48, TITLE, TIMER_HZ * 10u / frequency[note], 10, 5, ' ');
}

void page_speaker(void)
{
    text_page("Speaker", "Esc: back to the menu    any other key: from the beginning");
    text_at(3, 10, NORMAL, "Channel 2 of the timer divides 1,193,182 Hz, and the note comes out.");
    text_at(5, 10, BRIGHT, "Beethoven, symphony no. 9");
    u16 key = 0;
    for (u32 i = 0; key != KEY_ESCAPE; i = key ? 0 : (i + 1) % TUNE_LENGTH) {
        u8 note = tune[i][0];
        show_keys(note);
        show_numbers(note);
        if (note != REST)
            sound(note);
        key = wait_ticks(tune[i][1] * 3u - 1);
        silence(); /* a little gap, so that equal notes are two */
        if (!key)
            key = wait_ticks(1);
    }
}
