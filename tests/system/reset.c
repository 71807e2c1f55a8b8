/* Resets with a resume code in CMOS 0Fh, by each way that a program can reset the processor; then a triple
 * fault without one, which ends the run with exit status 125 (run.sh). */
#include "tests/system/test.h"

extern u8 real_resume[], real_trap[];
extern u32 real_host_esp, real_esp;
extern u16 real_ip, real_cs, real_flags, real_saved_idt[];
void real_reset(void (*how)(void));

/* Leaves the host's registers where real_resume finds them, and resets. */
__asm__(".pushsection .text\n"
        "real_reset:\n"
        "movl 4(%esp), %eax\n"
        "pushal\n"
        "movl %esp, real_host_esp\n"
        "sidtl real_saved_idt\n"
        "call *%eax\n"
        "1: jmp 1b\n"
        ".popsection\n");

static void by_keyboard(void)
{
    while (inb(0x64) & 2)
        ;
    outb(0x64, 0xFE);
    for (;;)
        __asm__ volatile("hlt");
}

static void by_port92(void)
{
    u8 value = inb(0x92) & ~1;
    outb(0x92, value);
    outb(0x92, value | 1);
    for (;;)
        __asm__ volatile("hlt");
}

static void by_triple_fault(void)
{
    static const struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) none = {0, 0};
    __asm__ volatile("lidt %0; ud2" : : "m"(none));
}

static void by_double_fault_gate(void)
{
    /* #GP and #DF have gates, but to a segment that is absent. */
    set_gdt(SEL_FREE, descriptor(0, 0xFFFFF, 0x1B, 12));
    set_idt(GP, gate(14, 0, SEL_FREE, 0, 0));
    set_idt(DF, gate(14, 0, SEL_FREE, 0, 0));
    __asm__ volatile("mov %0, %%fs" : : "r"(0xFFF8));
}

static void by_stack(void)
{
    set_gdt(SEL_FREE, descriptor(0, 0, 0x93, 4));
    __asm__ volatile("mov %0, %%ss; push %%eax" : : "r"((u32)SEL_FREE));
}

/* A task whose CS is no code: its faults find no stack yet, SDM volume 3, 7.3. */
static void by_task(void)
{
    static u32 task[26];
    static const struct {
        u32 offset;
        u16 selector;
    } __attribute__((packed)) pointer = {0, SEL_FREE};
    memset(task, 0, sizeof task);
    task[0x24 / 4] = F_1;
    task[0x38 / 4] = (u32)&task;
    for (unsigned i = 0; i < 6; i++)
        task[0x48 / 4 + i] = DATA_AT(0);
    set_gdt(SEL_FREE, descriptor((u32)task, sizeof task - 1, 0x89, 0));
    __asm__ volatile("ljmp *%0" : : "m"(pointer));
}

/* RSM of a state that it refuses: the handler spoils one word of the save map. SDM volume 3, 31.3. */
extern u8 spoil[], spoil_end[];
extern u16 spoil_offset;
extern u32 spoil_value;
__asm__(".pushsection .data\n.code16\n"
        "spoil: .byte 0x66, 0x2E, 0xC7, 0x06\n" /* movl $..., %cs:... */
        "spoil_offset: .word 0\n"
        "spoil_value: .long 0\n"
        ".byte 0x0F, 0xAA\n"
        "spoil_end:\n.code32\n.popsection\n");

static void by_rsm(u16 offset, u32 value)
{
    spoil_offset = (u16)(0x8000 + offset);
    spoil_value = value;
    memcpy((void *)0x38000, spoil, (unsigned long)(spoil_end - spoil));
    volatile u32 *apic = (u32 *)0xFEE00000;
    apic[0xF0 / 4] = 0x1FF;
    apic[0x310 / 4] = apic[0x20 / 4];
    apic[0x300 / 4] = 0x4200;
    for (;;)
        ;
}

static void by_rsm_paging(void)
{
    by_rsm(0x7FFC, 0x80000010);
}

static void by_rsm_cache(void)
{
    by_rsm(0x7FFC, 0x20000011);
}

static void by_rsm_smbase(void)
{
    by_rsm(0x7EF8, 0x34000);
}

static const struct {
    const char *name;
    void (*how)(void);
    unsigned first, last; /* families; 0: all */
} ways[] = {
    {"keyboard controller", by_keyboard, 0, 0},
    {"port 92h", by_port92, 0, 0},
    {"triple fault without an IDT", by_triple_fault, 0, 0},
    {"#GP, #DF without handlers", by_double_fault_gate, 0, 0},
    {"#SS without a stack", by_stack, 0, 0},
    {"task without a stack", by_task, 0, 0},
    {"RSM to PG without PE", by_rsm_paging, 5, 6},
    {"RSM to NW without CD", by_rsm_cache, 5, 6},
    {"RSM to an SMBASE that is not aligned", by_rsm_smbase, 5, 5},
};

static void set_code(u8 code)
{
    outb(0x70, 0x0F);
    outb(0x71, code);
    outb(0x70, 0x0D);
}

static u8 get_code(void)
{
    outb(0x70, 0x0F);
    u8 code = inb(0x71);
    outb(0x70, 0x0D);
    return code;
}

static void reload(void)
{
    /* The processor forgot its tables; the runtime's code segment came from the boot sector's again. */
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) pointer = {sizeof gdt - 1, (u32)gdt};
    __asm__ volatile("lgdt %0" : : "m"(pointer));
    for (unsigned i = 0; i < 256; i++)
        reset_idt(i);
    load_tr(SEL_TSS);
    outb(0x92, (inb(0x92) | 2) & ~1);
    outb(0x21, 0xFF);
    outb(0xA1, 0xFF);
}

void test_main(void)
{
    volatile u16 *resume = (u16 *)0x467;
    u16 *stack = (u16 *)0x6E00;
    static const u8 codes[] = {5, 9, 0x0A, 0x0B, 0x0C};
    for (unsigned w = 0; w < sizeof ways / sizeof *ways; w++)
        for (unsigned c = 0; c < sizeof codes; c++) {
            if (ways[w].first && (family < ways[w].first || family > ways[w].last))
                continue;
            print("%s, code %x\n", ways[w].name, (u32)codes[c]);
            volatile u32 *memory = (u32 *)0x62000;
            *memory = 0x1234567 * (w * 16 + c);
            /* What the stack forms pop: DS, ES, PUSHA's eight, then IP, CS, flags. */
            unsigned at = 0;
            if (codes[c] == 9)
                for (; at < 10; at++)
                    stack[at] = 0;
            stack[at++] = (u16)(u32)real_resume;
            stack[at++] = 0;
            stack[at++] = 2;
            bool direct = codes[c] == 5 || codes[c] == 0x0A;
            resume[0] = direct ? (u16)(u32)real_resume : (u16)(u32)stack;
            resume[1] = 0;
            set_code(codes[c]);
            __asm__ volatile("fninit");
            real_reset(ways[w].how);
            reload();
            row(*memory == 0x1234567 * (w * 16 + c), "%s, code %x: memory stays", ways[w].name,
                (u32)codes[c]);
            row(get_code() == 0, "%s, code %x: the firmware clears the code", ways[w].name, (u32)codes[c]);
            row((read_dr7() & 0xFFFF) == 0x400 && !(read_cr0() & (C0_PG | C0_TS | C0_EM)),
                "%s: registers as after reset", ways[w].name);
        }
    /* The last one ends the run. */
    if (!rows_failed()) {
        print("all resumed; now a triple fault for good\n");
        set_code(0);
        by_triple_fault();
    }
}
