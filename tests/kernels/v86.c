/* A monitor of virtual 8086 mode without VME and with IOPL 0: BIOS calls run in it as a task of a kernel
 * would run them. */
#include "tests/kernels/kernel.h"

static struct {
    u32 link, esp0, ss0, unused[22];
    u16 trap, io_base;
    u8 io_map[8193];
} tss __attribute__((aligned(128)));
u32 v86_stack;
static struct bios *caller;
static u32 traps[256], reflected;
enum { TASK = 0x7E00 }; /* where INT n; HLT lies */

void v86_enter(const struct frame *start);
void v86_leave(void) __attribute__((noreturn));
/* Keeps the kernel's stack for the way back, and makes it the task's one for level 0. */
__asm__(".text\n.globl v86_enter, v86_leave\n"
        "v86_enter: pushal; movl 36(%esp), %esi; movl %esp, v86_stack; movl %esp, tss_esp0\n"
        "subl $76, %esp; movl %esp, %edi; movl $19, %ecx; rep movsl; popal; addl $8, %esp; iretl\n"
        "v86_leave: movl v86_stack, %esp; popal; ret\n");
void name_tss(void);
void name_tss(void)
{
    __asm__(".globl tss_esp0\n.set tss_esp0, %c0 + 4" ::"i"(&tss));
}

static u16 *stack_word(struct frame *f)
{
    return (u16 *)(((f->ss & 0xFFFF) << 4) + (f->user_esp & 0xFFFF));
}

static void push(struct frame *f, u32 value)
{
    f->user_esp = (f->user_esp & 0xFFFF0000) | ((f->user_esp - 2) & 0xFFFF);
    *stack_word(f) = (u16)value;
}

static u16 pop(struct frame *f)
{
    u16 value = *stack_word(f);
    f->user_esp = (f->user_esp & 0xFFFF0000) | ((f->user_esp + 2) & 0xFFFF);
    return value;
}

static void reflect(struct frame *f, u32 vector)
{
    const volatile u16 *entry = (const volatile u16 *)(vector * 4);
    push(f, f->eflags);
    push(f, f->cs);
    push(f, f->eip);
    f->eip = entry[0];
    f->cs = entry[1];
    f->eflags &= ~(FLAG_IF | 0x100u);
}

static void set_flags(struct frame *f, u32 flags)
{
    f->eflags = (flags & 0x4FD5 & ~0x3000u) | 2 | FLAG_VM;
    f->eflags |= flags & FLAG_IF;
}

static void end(struct frame *f)
{
    *caller = (struct bios){f->eax, f->ebx,     f->ecx,     f->edx,         f->esi, f->edi,
                            f->ebp, (u16)f->ds, (u16)f->es, (u16)f->eflags, 0};
    v86_leave();
}

/* With an operand size prefix, PUSHFD, POPFD and IRETD. */
static bool wide(struct frame *f, u8 opcode)
{
    u32 low, ip, cs;
    switch (opcode) {
    case 0x9C:
        push(f, 0);
        push(f, f->eflags);
        return true;
    case 0x9D:
        low = pop(f);
        pop(f);
        set_flags(f, low);
        return true;
    case 0xCF:
        ip = pop(f);
        ip |= (u32)pop(f) << 16;
        cs = pop(f);
        pop(f);
        low = pop(f);
        pop(f);
        f->eip = ip;
        f->cs = cs;
        set_flags(f, low);
        return true;
    }
    return false;
}

static void privileged(struct frame *f)
{
    if (!(f->eflags & FLAG_VM)) {
        print("NOT OK: general protection, error %x at %08x\n", f->error, f->eip);
        leave(2);
    }
    const u8 *code = (const u8 *)(((f->cs & 0xFFFF) << 4) + (f->eip & 0xFFFF));
    u8 opcode = *code;
    traps[opcode]++;
    if (opcode == 0xF4 && code == (const u8 *)TASK + 2)
        end(f);
    f->eip = (f->eip + 1) & 0xFFFF;
    switch (opcode) {
    case 0xCD:
        f->eip = (f->eip + 1) & 0xFFFF;
        reflect(f, code[1]);
        return;
    case 0xCF:
        f->eip = pop(f);
        f->cs = pop(f);
        set_flags(f, pop(f));
        return;
    case 0xFA:
        f->eflags &= ~(u32)FLAG_IF;
        return;
    case 0xFB:
        f->eflags |= FLAG_IF;
        return;
    case 0x9C:
        push(f, f->eflags);
        return;
    case 0x9D:
        set_flags(f, pop(f));
        return;
    case 0xF4:
        return;
    case 0x66:
        f->eip = (f->eip + 1) & 0xFFFF;
        if (wide(f, code[1]))
            return;
    }
    print("NOT OK: %02x %02x in V86 mode at %04x:%04x\n", opcode, code[1], f->cs, f->eip);
    leave(2);
}

static void interrupt(struct frame *f)
{
    u32 irq = f->vector - IRQ_BASE;
    if (f->eflags & FLAG_VM) {
        reflected++;
        reflect(f, irq < 8 ? 8 + irq : 0x68 + irq);
        return;
    }
    outb(0x20, 0x20);
}

static void v86_call(u8 vector, struct bios *registers)
{
    u8 *task = (u8 *)TASK;
    task[0] = 0xCD;
    task[1] = vector;
    task[2] = 0xF4;
    caller = registers;
    struct frame start = {.eax = registers->eax,
                          .ebx = registers->ebx,
                          .ecx = registers->ecx,
                          .edx = registers->edx,
                          .esi = registers->esi,
                          .edi = registers->edi,
                          .ebp = registers->ebp,
                          .eip = TASK,
                          .eflags = FLAG_VM | FLAG_IF | 2,
                          .user_esp = 0x7C00,
                          .ds = registers->ds,
                          .es = registers->es};
    v86_enter(&start);
}

/* The address packet of INT 13h 42h and 43h, as boot loaders that run the BIOS in V86 mode pass it. */
static bool packet_call(u8 function, u8 drive, u32 sector, u8 count, u16 offset)
{
    struct {
        u8 size, zero, count, zero_2;
        u16 offset, segment;
        u32 sector, sector_high;
    } *packet = (void *)(LOW_BUFFER + 0x200);
    packet->size = sizeof *packet;
    packet->zero = packet->zero_2 = 0;
    packet->count = count;
    packet->offset = offset;
    packet->segment = LOW_BUFFER >> 4;
    packet->sector = sector;
    packet->sector_high = 0;
    struct bios r = {
        .eax = (u32)function << 8, .edx = drive, .esi = 0x200, .ds = LOW_BUFFER >> 4, .es = LOW_BUFFER >> 4};
    v86_call(0x13, &r);
    return !(r.flags & FLAG_CF) && !(r.eax & 0xFF00) && packet->count == count;
}

static void test_packets(void)
{
    u8 *to = (u8 *)LOW_BUFFER + 0x6000;
    struct bios r = {.eax = 0x4100, .ebx = 0x55AA, .edx = 0x80};
    v86_call(0x13, &r);
    row(!(r.flags & FLAG_CF) && (r.ebx & 0xFFFF) == 0xAA55 && r.ecx & 1,
        "the disk takes packets in V86 mode");
    for (u32 i = 0; i < 4096; i++)
        to[i] = (u8)(i * 11 + (i >> 8));
    bool good = packet_call(0x43, 0x80, 3000, 8, 0x6000);
    memset(to + 4096, 0, 4096);
    row(good && packet_call(0x42, 0x80, 3000, 8, 0x7000) && !memcmp(to, to + 4096, 4096),
        "eight sectors are written and read by them");
    row(!packet_call(0x42, 0x80, 4096, 1, 0x7000), "none behind the disk's end");
    r = (struct bios){.eax = 0x4800, .edx = 0x80, .esi = 0x300, .ds = LOW_BUFFER >> 4};
    *(u16 *)(LOW_BUFFER + 0x300) = 26;
    v86_call(0x13, &r);
    row(!(r.flags & FLAG_CF) && *(u32 *)(LOW_BUFFER + 0x310) == 4096 && *(u16 *)(LOW_BUFFER + 0x318) == 512,
        "its parameters by 48h");
    row(traps[0xCD] > 8 && reflected, "all by traps and interrupts that the monitor handed on");
}

void test_v86(void)
{
    allow_user();
    tss.ss0 = DATA;
    tss.io_base = (u16)((u32)tss.io_map - (u32)&tss);
    tss.io_map[8192] = 0xFF;
    set_descriptor(TSS, (u32)&tss, sizeof tss - 1, 0x89, 0);
    __asm__ volatile("cli; ltr %w0" ::"r"(TSS));
    vector_hook[13] = privileged;
    for (unsigned irq = 0; irq < 16; irq++)
        vector_hook[IRQ_BASE + irq] = interrupt;
    remap_pics(IRQ_BASE, IRQ_BASE + 8, 0x8EB8);
    set_timer(0);
    struct bios r = {.eax = 0x0300};
    v86_call(0x10, &r);
    row((r.edx & 0xFF00) < 0x1900, "the cursor's place by INT 10h in V86 mode");
    r = (struct bios){.eax = 0x0E41, .ebx = 7};
    v86_call(0x10, &r);
    r = (struct bios){.eax = 0x0800};
    v86_call(0x10, &r);
    row(traps[0xCD] && traps[0xCF], "its interrupts and returns trap");
    r = (struct bios){.eax = 0x0000, .edx = 0};
    v86_call(0x13, &r);
    row(!(r.flags & FLAG_CF) && reflected,
        "INT 13h resets the floppy with interrupts that the monitor hands on");
    ((u8 *)LOW_BUFFER)[0x3001] = 0;
    r = (struct bios){.eax = 0x0201, .ecx = 0x0503, .ebx = 0x3000, .edx = 0x0100, .es = LOW_BUFFER >> 4};
    v86_call(0x13, &r);
    row(!(r.flags & FLAG_CF) && ((u8 *)LOW_BUFFER)[0x3001] == 3, "and reads it");
    r = (struct bios){.eax = 0x0201, .ecx = 0x0001, .ebx = 0x4000, .edx = 0x80, .es = LOW_BUFFER >> 4};
    v86_call(0x13, &r);
    row(!(r.flags & FLAG_CF), "and the disk");
    test_packets();
    r = (struct bios){.eax = 0x4F00, .edi = 0x5000, .es = LOW_BUFFER >> 4};
    v86_call(0x10, &r);
    row((r.eax & 0xFFFF) == 0x4F && !memcmp((void *)(LOW_BUFFER + 0x5000), "VESA", 4), "VBE's information");
    r = (struct bios){.eax = 0x4F02, .ebx = 0x101};
    v86_call(0x10, &r);
    bool good = (r.eax & 0xFFFF) == 0x4F;
    r = (struct bios){.eax = 0x4F03};
    v86_call(0x10, &r);
    row(good && (r.ebx & 0x3FFF) == 0x101, "VBE mode 101h is set");
    r = (struct bios){.eax = 3};
    v86_call(0x10, &r);
    row(*(volatile u8 *)0x449 == 3, "and text mode again");
    for (unsigned irq = 0; irq < 16; irq++)
        vector_hook[IRQ_BASE + irq] = 0;
    remap_pics(IRQ_BASE, IRQ_BASE + 8, 0xFFFF);
    start_ticks();
}
