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
        "2: movw (0x108), %ax\n" /* I/O instruction restart, once */
        "testw %ax, %ax\n"
        "jz 3f\n"
        "movw %ax, %cs:0xFF00\n"
        "movw $0, (0x108)\n"
        "3: .byte 0x0F, 0xAA\n"
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
    asked[0] = asked[1] = asked[2] = 0;
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

/* A trap of the instruction before the SMI comes after RSM. */
static void single_step(void)
{
    put_handler(SMBASE);
    start_at(3);
    in.ebx = 0xFEE00300;
    in.eflags |= F_TF;
    write_dr6(0);
    run(send_smi);
    row(trap_vector == DB && out.eip == (u32)send_smi + 6 && out.ecx == in.ecx &&
            (trap_dr6 & 0xF00F) == 0x4000 && told->count == 1,
        "SMI and single step: EIP %x, %u SMI", out.eip, told->count);
}

/* NMI stays blocked over SMM where it was blocked before, and is taken at IRET. */
static unsigned nmis, nmis_inside;

static int nmi_fixup(void)
{
    if (trap_vector != NMI)
        return 0;
    if (++nmis > 1)
        return 0;
    apic[0x300 / 4] = 0x4200;
    apic[0x300 / 4] = 0x4400;
    for (volatile unsigned i = 0; i < 100; i++)
        ;
    nmis_inside = nmis;
    return 1;
}

CODE(send_nmi, "movl $0x4400, (%ebx); incl %ecx; incl %ecx; incl %ecx");

static void nmi_blocking(void)
{
    put_handler(SMBASE);
    start_at(0);
    in.ebx = 0xFEE00300;
    nmis = nmis_inside = 0;
    trap_fixup = nmi_fixup;
    run(send_nmi);
    row(trap_vector == NMI && nmis == 2 && nmis_inside == 1 && told->count == 1,
        "NMI in an NMI handler with an SMI between: %u, %u, %u SMI", nmis, nmis_inside, told->count);
}

/* --- port B2h raises an SMI; the handler may ask for the instruction once more --- */

static u32 power_management(u32 reg) /* 00:01.3, the PIIX4's */
{
    outl(0xCF8, 0x80000B00 | reg);
    return inl(0xCFC);
}

static bool port_smi(void)
{
    if (power_management(0) != 0x71138086)
        return false;
    u32 base = power_management(0x40), activity = power_management(0x58);
    outl(0xCFC, activity | 1 << 25);
    u16 control = (u16)((base & 0xFFC0) + 0x28);
    outb(control, inb(control) | 1);
    return true;
}

CODE(out_b2, "outb %al, $0xB2; incl %ecx");
CODE(rep_outs_b2, "rep outsb; incl %ebx");

static void io_restart(void)
{
    if (!port_smi())
        return;
    for (u32 restart = 0; restart < 2; restart++) {
        put_handler(SMBASE);
        asked[2] = restart * 0xFF;
        start_at(0);
        run(out_b2);
        row(ended(END, 0, (u32)out_b2_end) && out.ecx == in.ecx + 1 && out.eax == in.eax &&
                told->count == 1 + restart && saved(SMBASE, 0x7FF0) == (u32)out_b2 + 2 &&
                (saved(SMBASE, 0x7EFC) & 0x10000),
            "OUT B2h, I/O restart %u: %u SMI", restart, told->count);
        static const u8 text[3] = {0x11, 0x22, 0x33};
        put_handler(SMBASE);
        asked[2] = restart * 0xFF;
        start_at(0);
        in.ecx = 3;
        in.edx = 0xB2;
        in.esi = (u32)text;
        run(rep_outs_b2);
        row(ended(END, 0, (u32)rep_outs_b2_end) && out.ecx == 0 && out.esi == in.esi + 3 &&
                out.ebx == in.ebx + 1 && told->count == 3 + restart && inb(0xB2) == 0x33,
            "REP OUTS to B2h, I/O restart %u: %u SMI, ECX %x", restart, told->count, out.ecx);
    }
    /* An SMI that no port access raised restarts nothing. */
    put_handler(SMBASE);
    asked[2] = 0xFF;
    start_at(0);
    in.ebx = 0xFEE00300;
    run(send_smi);
    row(trap_vector == END && out.ecx == in.ecx + 3 && told->count == 1, "I/O restart of no I/O");
}

/* --- RSM loads the page-directory pointers anew --- */

static u64 pdpt[4] __attribute__((aligned(32))), directory[512] __attribute__((aligned(4096)));
static u64 other_directory[512] __attribute__((aligned(4096))),
    apic_directory[512] __attribute__((aligned(4096)));
CODE(read_at_1g, "movl (%esi), %eax");
CODE(smi_and_read_at_1g, "movl $0x4200, (%ebx); nop; nop; nop; movl (%esi), %eax");

static void page_directory_pointers(void)
{
    if (!HAS_PAE)
        return;
    for (u32 i = 0; i < 512; i++) {
        directory[i] = (u64)i << 21 | 0x87;
        other_directory[i] = 0x200000 | 0x87;
        apic_directory[i] = (u64)(i + 1536) << 21 | 0x87;
    }
    pdpt[0] = (u32)directory | 1;
    pdpt[1] = pdpt[2] = 0;
    pdpt[3] = (u32)apic_directory | 1;
    *(u32 *)0x200000 = 0x5A5A1234;
    write_cr3((u32)pdpt);
    write_cr4(read_cr4() | C4_PAE);
    write_cr0(read_cr0() | C0_PG);
    pdpt[1] = (u32)other_directory | 1;
    start_at(0);
    in.esi = 0x40000000;
    in.ebx = 0xFEE00300;
    run(read_at_1g);
    row(faulted(PF, 0, in.eip) && trap_cr2 == in.esi, "a page-directory pointer in memory alone");
    put_handler(SMBASE);
    run(smi_and_read_at_1g);
    row(ended(END, 0, (u32)smi_and_read_at_1g_end) && out.eax == 0x5A5A1234,
        "RSM loads the page-directory pointers");
    /* So do changes of CR0.CD and CR4.PGE; with a reserved bit they fault and change nothing. */
    for (unsigned by = 0; by < 2; by++) {
        pdpt[1] = 0;
        write_cr3((u32)pdpt);
        pdpt[1] = (u32)other_directory | 1;
        if (by == 0)
            write_cr0(read_cr0() ^ C0_CD);
        else if (HAS_PGE)
            write_cr4(read_cr4() ^ C4_PGE);
        else
            break;
        start_at(0);
        in.esi = 0x40000000;
        run(read_at_1g);
        row(ended(END, 0, (u32)read_at_1g_end) && out.eax == 0x5A5A1234, "a change of %s loads them",
            by ? "CR4.PGE" : "CR0.CD");
    }
    write_cr0(read_cr0() & ~(C0_PG | C0_CD));
    write_cr4(0);
    write_cr3(0);
}

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
    single_step();
    nmi_blocking();
    io_restart();
    page_directory_pointers();
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
