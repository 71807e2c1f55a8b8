/* System management mode: SMI by the local APIC, the state save map, RSM, SMBASE relocation.
 * SDM volume 3, chapter 31. And LOADALL, on the 386. */
#include "tests/system/test.h"

#define SMBASE 0x30000u

static volatile u32 *const apic = (u32 *)0xFEE00000;

/* The handler is copied to SMBASE + 8000h: it tells what it sees at 61000h, does what 61100h asks for, RSM.
 */
extern const u8 smm_handler[], smm_handler_end[];
__asm__(".pushsection .text\n.code16\n"
        "smm_handler:\n"
        "movl %eax, %cs:0x9000\n"
        "movw $0x6100, %ax\n"
        "movw %ax, %ds\n"
        "movl %cs:0x9000, %eax\n"
        "movl %eax, (0)\n"
        "movl %cr0, %eax\n"
        "movl %eax, (4)\n"
        "movw %cs, (8)\n"
        "movw %ss, (10)\n"
        "movl %esp, (12)\n"
        "xorw %ax, %ax\n"
        "movw %ax, %es\n"
        "movl $0x200000, %ebx\n"
        "movl %es:(%ebx), %eax\n" /* 4 GB limits */
        "movl %eax, (16)\n"
        "movl %db7, %eax\n"
        "movl %eax, (20)\n"
        "incl (24)\n"
        "movl (0x100), %eax\n" /* new SMBASE, if any */
        "testl %eax, %eax\n"
        "jz 1f\n"
        "movl %eax, %cs:0xFEF8\n"
        "1: movl (0x104), %eax\n" /* new EAX, if any */
        "testl %eax, %eax\n"
        "jz 2f\n"
        "movl %eax, %cs:0xFFD0\n"
        "2: .byte 0x0F, 0xAA\n"
        "smm_handler_end:\n.code32\n.popsection\n");

static struct {
    u32 eax, cr0;
    u16 cs, ss;
    u32 esp, far_read, dr7, count;
} volatile *const told = (void *)0x61000;
static volatile u32 *const asked = (u32 *)0x61100;

static u32 saved(u32 base, u32 offset)
{
    return *(volatile u32 *)(base + 0x8000 + offset);
}

static void put_handler(u32 base)
{
    memcpy((void *)(base + 0x8000), smm_handler, (unsigned long)(smm_handler_end - smm_handler));
    memset((void *)told, 0, 32);
    asked[0] = asked[1] = 0;
}

CODE(send_smi, "movl $0x4200, (%ebx); incl %ecx; incl %ecx; incl %ecx");
CODE(rsm, ".byte 0x0F, 0xAA");

static void smi_rows(u32 base)
{
    for (unsigned level = 0; level < 4; level++) {
        put_handler(base);
        *(u32 *)0x200000 = 0x5A5A1234;
        start_at(level);
        in.ebx = 0xFEE00300;
        in.eflags |= F_CF | F_DF | F_OF;
        run(send_smi);
        row(ended(END, 0, (u32)send_smi_end) && out.ecx == in.ecx + 3 && out.eax == in.eax &&
                out.ebx == in.ebx && out.esp == in.esp && out.ds == in.ds && out.ss == in.ss &&
                out.cs == in.cs && (out.eflags & (F_CF | F_DF)) == (F_CF | F_DF),
            "SMI at level %u and back", level);
        row(told->count == 1 && told->eax == in.eax && !(told->cr0 & 0x8000000D) && told->ss == 0 &&
                told->cs == (u16)(base >> 4) && told->far_read == 0x5A5A1234 && told->dr7 == 0x400,
            "SMM: count %u EAX %x CR0 %x CS %x", told->count, told->eax, told->cr0, (u32)told->cs);
        row(saved(base, 0x7FFC) == read_cr0() && saved(base, 0x7FF8) == read_cr3() &&
                saved(base, 0x7FD0) == in.eax && saved(base, 0x7FE0) == in.esp &&
                saved(base, 0x7FF0) > in.eip && saved(base, 0x7FF0) <= (u32)send_smi_end &&
                (u16)saved(base, 0x7FAC) == in.cs && (u16)saved(base, 0x7FB0) == in.ss &&
                (u16)saved(base, 0x7FB4) == in.ds && (u16)saved(base, 0x7FC4) == SEL_TSS &&
                saved(base, 0x7EF8) == base && (saved(base, 0x7EFC) & 0x20000),
            "state save map: EIP %x CS %x SMBASE %x revision %x", saved(base, 0x7FF0), saved(base, 0x7FAC),
            saved(base, 0x7EF8), saved(base, 0x7EFC));
    }
    /* What the handler changes in the map comes back. */
    put_handler(base);
    asked[1] = 0x77777777;
    start_at(3);
    in.ebx = 0xFEE00300;
    run(send_smi);
    row(trap_vector == END && out.eax == 0x77777777, "RSM loads what the map says: EAX %x", out.eax);
}

CODE16(v_code, "incw %cx; incw %cx; incw %cx; incw %cx; incw %cx; incw %cx; incw %cx; incw %cx");

static void smm(void)
{
    start_at(0);
    expect_fault("RSM outside SMM", rsm, UD, 0);
    if (!(features & 0x200))
        return;
    apic[0xF0 / 4] = 0x1FF;
    apic[0x310 / 4] = apic[0x20 / 4];
    smi_rows(SMBASE);
    /* Another SMBASE, from the next SMI on, and back. */
    put_handler(0x50000);
    put_handler(SMBASE);
    asked[0] = 0x50000;
    start_at(0);
    in.ebx = 0xFEE00300;
    run(send_smi);
    smi_rows(0x50000);
    asked[0] = SMBASE;
    start_at(0);
    in.ebx = 0xFEE00300;
    run(send_smi);
    smi_rows(SMBASE);
    /* A loop of level 3 with interrupts on stays as it is; so does V86 mode. */
    put_handler(SMBASE);
    start_v86(v_code);
    in.eflags |= F_IOPL;
    apic[0x300 / 4] = 0x4200;
    run(v_code);
    row(trap_vector == END && (u16)out.ecx == (u16)(in.ecx + 8) && told->count == 1 && (out.eflags & F_VM),
        "SMI and V86 mode");
}

/* --- LOADALL of the 386: R. Collins, "The LOADALL Instruction" --- */

CODE(loadall, ".byte 0x0F, 0x07");
CODE(after_loadall, "movl (0x40), %edx; movl %ds:(0x44), %esi");

static void loadall386(void)
{
    if (family != 3)
        return;
    static u32 image[51];
    u32 *at = image;
    *at++ = read_cr0();
    *at++ = F_1 | F_CF | F_OF;
    *at++ = (u32)after_loadall;
    for (u32 i = 0; i < 8; i++) /* EDI ESI EBP ESP EBX EDX ECX EAX */
        *at++ = i == 3 ? (u32)host_stack_top - 4096 : 0x1000 + i;
    *at++ = 0xFFFF0FF0;
    *at++ = 0x400;
    *at++ = SEL_TSS;
    *at++ = 0;
    static const u16 selectors[6] = {0, 0, 0x1234, 0x10, 8, 0x10}; /* GS FS DS SS CS ES */
    for (u32 i = 0; i < 6; i++)
        *at++ = selectors[i];
    const struct {
        u32 access, base, limit;
    } caches[10] = {
        {0x8B00, (u32)&tss, TSS_LIMIT},
        {0, (u32)idt, sizeof idt - 1},
        {0, (u32)gdt, sizeof gdt - 1},
        {0x8200, 0, 0},
        {0, 0, 0},
        {0, 0, 0},
        {0x9300, 0x63000, 0xFFFF},
        {0x409300, 0, 0xFFFFFFFF},
        {0x409B00, 0, 0xFFFFFFFF},
        {0x409300, 0, 0xFFFFFFFF},
    };
    memcpy(at, caches, sizeof caches);
    *(u32 *)0x63040 = 0x40404040;
    *(u32 *)0x63044 = 0x44444444;
    start_at(0);
    in.edi = (u32)image;
    run(loadall);
    row(ended(END, 0, (u32)after_loadall_end) && out.eax == 0x1007 && out.ecx == 0x1006 &&
            out.ebp == 0x1002 && out.edx == 0x40404040 && out.esi == 0x44444444 && out.ds == 0x1234 &&
            (out.eflags & (F_CF | F_OF)) == (F_CF | F_OF),
        "LOADALL: EAX %x EDX %x DS %x", out.eax, out.edx, out.ds);
    start_at(3);
    expect_fault("LOADALL at level 3", loadall, GP, 0);
}

void test_main(void)
{
    smm();
    loadall386();
}
