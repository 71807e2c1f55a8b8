/*
 * Shutdown codes in CMOS 0Fh, interrupts left open in the APICs, a CMOS with a wrong sum, and Ctrl-Alt-Del:
 * the processor is reset by the keyboard controller and comes back where the code says. The test goes through
 * all of them in turn and keeps its place at 0:600h, which no reset clears.
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

__attribute__((noreturn)) static void press_ctrl_alt_del(void)
{
    static const u8 codes[] = {0x1d, 0x38, 0x53};
    for (u32 i = 0; i < sizeof(codes); i++) {
        while (inb(0x64) & 3)
            ;
        outb(0x64, 0xd2);
        while (inb(0x64) & 2)
            ;
        outb(0x60, codes[i]);
    }
    for (;;)
        __asm__ volatile("sti\n\thlt");
}

static const u64 flat_gdt[] = {0, 0x008f93000000ffff};
static struct {
    u16 limit;
    u32 base;
} __attribute__((packed)) flat_gdtr;

/* Beyond 1 MB from real mode, with a segment of 4 GB. */
static void flat_write(u32 address, u32 value)
{
    flat_gdtr.limit = sizeof(flat_gdt) - 1;
    flat_gdtr.base = (u32)flat_gdt;
    __asm__ volatile("pushw %%fs\n\tlgdtl %2\n\tmovl %%cr0, %%edx\n\torb $1, %%dl\n\tmovl %%edx, %%cr0\n\t"
                     "movw $8, %%cx\n\tmovw %%cx, %%fs\n\tandb $0xfe, %%dl\n\tmovl %%edx, %%cr0\n\t"
                     "movl %0, %%fs:(%1)\n\tpopw %%fs"
                     :
                     : "a"(value), "b"(address), "m"(flat_gdtr)
                     : "ecx", "edx", "memory");
}

/* As a system leaves them that restarts in a hurry: the timer open at the I/O APIC, an interrupt waiting at
 * the local one. */
static void leave_apics_open(void)
{
    __asm__ volatile("cli");
    flat_write(0xfec00000, 0x14);
    flat_write(0xfec00010, 0x78);
    flat_write(0xfee00300, 0x000440ec);
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
        leave_apics_open();
        reset_with(0, 0, 0);
    }
}

void test(void)
{
    if (bda(0x72) == 0x1234 && peek16(0, STEP) == 7) { /* a warm start, which the keyboard asked for */
        CHECK(cmos(0x0e) & 0x40, 0x40);
        u16 sum = 0;
        for (u8 i = 0x10; i < 0x2e; i++)
            sum = (u16)(sum + cmos(i));
        CHECK(cmos(0x2e) << 8 | cmos(0x2f), sum);
        return;
    }
    if (peek16(0, STEP) == 6 && peek16(0, RESULT) == 0x1006) { /* with the APICs left open */
        poke16(0, STEP, 7);
        cmos_write(0x2f, (u8)~cmos(0x2f));
        press_ctrl_alt_del();
    }
    poke16(0, STEP, 0);
    poke16(0, RESULT, 0);
    reset_with(0x05, (u16)(u32)resume_far, 0);
}
