/*
 * Shutdown codes in CMOS 0Fh: the processor is reset by the keyboard controller and comes back where the code
 * says. The test goes through all of them in turn and keeps its place at 0:600h, which no reset clears.
 */
#include "test.h"

enum { STEP = 0x600, RESULT = 0x602, STACK = 0x7000 };

__asm__(".code16\n"
        "resume_far:\n\t" /* 05h, 0Ah, 0Ch: reached by a jump */
        "xorw %ax, %ax\n\tmovw %ax, %ds\n\tmovw %ax, %es\n\tmovw %ax, %ss\n\tmovl $0x7c00, %esp\n\tcld\n\t"
        "sti\n\tcalll resumed\n"
        "resume_moved:\n\t" /* 09h: with registers from the stack */
        "cli\n\tmovw %bx, %cs:0x602\n\tjmp resume_far\n"
        ".code16gcc\n");
extern u8 resume_far[], resume_moved[];

static void cmos_write(u8 index, u8 value)
{
    outb(0x70, index);
    outb(0x71, value);
}

__attribute__((noreturn)) static void reset_with(u8 code, u16 off, u16 seg)
{
    cmos_write(0x0f, code);
    poke16(0x40, 0x67, off);
    poke16(0x40, 0x69, seg);
    poke16(0, STEP, (u16)(peek16(0, STEP) + 1));
    outb(0x64, 0xfe);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

static void stack_word(u16 n, u16 value)
{
    poke16(0, STACK + n * 2, value);
}

void resumed(void);
void resumed(void)
{
    CHECK(cmos(0x0f), 0); /* the code was taken back */
    switch (peek16(0, STEP)) {
    case 1:
        reset_with(0x0a, (u16)(u32)resume_far, 0);
    case 2: /* DS, ES, PUSHA, then the IRET frame */
        for (u16 i = 0; i < 10; i++)
            stack_word(i, (u16)(0x1000 + i));
        stack_word(10, (u16)(u32)resume_moved);
        stack_word(11, 0);
        stack_word(12, 2);
        reset_with(0x09, STACK, 0);
    case 3: /* BX was the sixth of them */
        CHECK(peek16(0, RESULT), 0x1006);
        stack_word(0, (u16)(u32)resume_far);
        stack_word(1, 0);
        stack_word(2, 2);
        reset_with(0x0b, STACK, 0);
    case 4:
        stack_word(0, (u16)(u32)resume_far);
        stack_word(1, 0);
        reset_with(0x0c, STACK, 0);
    default:
        break;
    }
    put_text("PASS\n");
    outb(0xf4, 0);
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

void test(void)
{
    poke16(0, STEP, 0);
    reset_with(0x05, (u16)(u32)resume_far, 0);
}
