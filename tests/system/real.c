/* Real mode: its exceptions, single steps, limits, the vector table's limit, "unreal" segments, wrapping
 * addresses. SDM volume 3, 20.1. And NMI, which needs the local APIC to be raised from inside. */
#include "tests/system/test.h"

#define SEL SEL_FREE

void real_call(u32 ip);
extern u8 real_stubs[];
extern u32 real_eax, real_ecx, real_esp;
extern u16 real_ip, real_cs, real_flags, real_flags_after, real_vector;
extern struct {
    u16 limit;
    u32 base;
} __attribute__((packed)) real_idt;

#define CODE_REAL(name, text)                                                                                \
    extern const u8 name[], name##_end[];                                                                    \
    __asm__(".pushsection .text16\n.balign 16\n.code16\n" #name ":\n" text "\nint $0x40\n" #name             \
            "_end:\n.code32\n.popsection\n")

CODE_REAL(r_nop, "nop");
CODE_REAL(r_div, "xorw %cx, %cx; divw %cx");
CODE_REAL(r_int3, "int3");
CODE_REAL(r_into, "movb $0x7F, %al; addb $1, %al; into");
CODE_REAL(r_bound, "movl $0, (0x6000); movw $5, %ax; boundw %ax, (0x6000)");
CODE_REAL(r_ud, ".byte 0x0F, 0x0B");
CODE_REAL(r_icebp, ".byte 0xF1");
CODE_REAL(r_int10, "int $0x10");
CODE_REAL(r_word, "movw $0xFFFF, %bx; movw (%bx), %ax");
CODE_REAL(r_word_write, "movw $0xFFFF, %bx; movw %ax, (%bx)");
CODE_REAL(r_dword, "movw $0xFFFD, %bx; movl (%bx), %eax");
CODE_REAL(r_last, "movw $0xFFFE, %bx; movw (%bx), %ax");
CODE_REAL(r_ss, "movw $0xFFFF, %bp; movw (%bp), %ax");
CODE_REAL(r_push, "movw $1, %sp; pushw %ax");
CODE_REAL(r_push_wrap, "movl $0xABCD0000, %esp; pushw %ax");
CODE_REAL(r_far32, "movl $0x10000, %ebx; movb (%ebx), %al");
CODE_REAL(r_lar, "lar %ax, %ax");
CODE_REAL(r_arpl, "arpl %ax, %ax");
CODE_REAL(r_sldt, "sldt %ax");
CODE_REAL(r_ltr, "ltr %ax");
CODE_REAL(r_verr, "verr %ax");
CODE_REAL(r_smsw, "smsw %ax");
CODE_REAL(r_lock, ".byte 0xF0, 0x90");
CODE_REAL(r_jump_past, "movl $0x10000, %eax; jmpl *%eax");
CODE_REAL(r_popf, "pushw $0x7CD7; popfw; pushfw; popw %ax; pushw $2; popfw");
CODE_REAL(r_popf0, "pushw $0; popfw; pushfw; popw %ax");
CODE_REAL(r_step, "pushw $0x102; popfw; nop; nop; nop");
CODE_REAL(r_step_int, "pushw $0x102; popfw; nop");
CODE_REAL(r_step_ss, "pushw $0x102; movw %ss, %ax; popfw; movw %ax, %ss; nop; nop");
CODE_REAL(r_clts, "clts; movl %cr0, %eax");
CODE_REAL(r_iretd, "pushfl; pushl $0; pushl $1f; iretl; 1: nop");
CODE_REAL(r_iret_past, "pushfl; pushl $0; pushl $0x10000; iretl");
CODE_REAL(r_wrap, "movw $0xFFFF, %ax; movw %ax, %ds; movw (0x10), %ax");
CODE_REAL(r_far_call, "lcallw $0, $1f; 1: popw %ax; popw %cx");
CODE_REAL(r_retf, "pushw $0; pushw $1f; lretw; 1: nop");
/* To protected mode without a far jump, a flat FS, and back. */
CODE_REAL(r_unreal,
          "movl %cr0, %eax; orb $1, %al; movl %eax, %cr0; movw $0x10, %cx; movw %cx, %fs; andb $0xFE, %al; "
          "movl %eax, %cr0;"
          "movl $0x200000, %ebx; movl %fs:(%ebx), %eax; xorw %cx, %cx; movw %cx, %fs; movl %fs:(%ebx), %ecx");
CODE_REAL(r_unreal_off, "movl %cr0, %eax; orb $1, %al; movl %eax, %cr0; movw $0x50, %cx; movw %cx, %fs; andb "
                        "$0xFE, %al; movl %eax, %cr0;"
                        "movl $0x200000, %ebx; movl %fs:(%ebx), %eax");
CODE_REAL(r_base, "movl %cr0, %eax; orb $1, %al; movl %eax, %cr0; movw $0x80, %cx; movw %cx, %gs; andb "
                  "$0xFE, %al; movl %eax, %cr0;"
                  "movl %gs:(0), %eax; movw $0x600, %cx; movw %cx, %gs; movl %gs:(0), %ecx");
/* A null GS from protected mode, loaded in real mode: its limit stayed, so firmware that uses GS goes on. */
CODE_REAL(r_null,
          "movl %cr0, %eax; orb $1, %al; movl %eax, %cr0; xorw %cx, %cx; movw %cx, %gs; andb $0xFE, %al; "
          "movl %eax, %cr0; movw %cx, %gs; movl %gs:(0x6000), %ecx");
CODE_REAL(r_pe_cpl,
          "movl %cr0, %eax; orb $1, %al; movl %eax, %cr0; movw $0x10, %cx; lar %cx, %dx; pushfw; popw %cx;"
          "andb $0xFE, %al; movl %eax, %cr0");
CODE_REAL(r_rep, "movl $0x20000, %ecx; movw $0x6000, %si; movw $0x6100, %di; rep movsb");
CODE_REAL(r_ss_write_cs, "movb %al, %cs:(0x6000)");

static u32 go(const u8 *code)
{
    real_vector = 0xFF;
    real_ip = real_cs = 0xFFFF;
    real_call((u32)code);
    return real_vector;
}

static void expect(const char *title, const u8 *code, u32 vector, u32 ip)
{
    u32 got = go(code);
    row(got == vector && real_ip == ip && real_cs == 0,
        "real mode: %s: vector %u at %x expected, %u at %x came", title, vector, ip, got, (u32)real_ip);
}

static void real_mode(void)
{
    for (u32 vector = 0; vector <= 64; vector++)
        ((volatile u32 *)0)[vector] = (u32)real_stubs + 16 * vector;
    expect("NOP", r_nop, END, (u32)r_nop_end);
    expect("division by 0", r_div, DE, (u32)r_div + 2);
    expect("INT3", r_int3, BP, (u32)r_int3 + 1);
    expect("INTO", r_into, OF, (u32)r_into + 5);
    expect("BOUND", r_bound, BR, (u32)r_bound_end - 6);
    expect("UD2", r_ud, UD, (u32)r_ud);
    expect("F1", r_icebp, DB, (u32)r_icebp + 1);
    expect("word at FFFF", r_word, GP, (u32)r_word + 3);
    row(real_esp == 0x7000, "no error code in real mode: ESP %x", real_esp);
    expect("write of a word at FFFF", r_word_write, GP, (u32)r_word_write + 3);
    expect("dword at FFFD", r_dword, GP, (u32)r_dword + 3);
    expect("word at FFFE", r_last, END, (u32)r_last_end);
    expect("word at SS:FFFF", r_ss, SS, (u32)r_ss + 3);
    expect("address past 64 KB", r_far32, GP, (u32)r_far32 + 6);
    expect("PUSH with SP 0", r_push_wrap, END, (u32)r_push_wrap_end);
    row(real_esp == 0xABCDFFFE, "PUSH with SP 0 wraps: ESP %x", real_esp);
    expect("LAR", r_lar, UD, (u32)r_lar);
    expect("ARPL", r_arpl, UD, (u32)r_arpl);
    expect("SLDT", r_sldt, UD, (u32)r_sldt);
    expect("LTR", r_ltr, UD, (u32)r_ltr);
    expect("VERR", r_verr, UD, (u32)r_verr);
    expect("LOCK NOP", r_lock, UD, (u32)r_lock);
    expect("jump past 64 KB", r_jump_past, GP, (u32)r_jump_past + 6);
    expect("IRETD past 64 KB", r_iret_past, GP, (u32)r_iret_past_end - 4);
    expect("write through CS", r_ss_write_cs, END, (u32)r_ss_write_cs_end);
    expect("SMSW", r_smsw, END, (u32)r_smsw_end);
    row(!(real_eax & 1), "SMSW in real mode: PE");
    go(r_popf);
    row((u16)real_eax == 0x7CD7, "POPF writes NT and IOPL: %x", real_eax);
    go(r_popf0);
    row((u16)real_eax == 2, "POPF of 0: %x", real_eax);
    expect("IRETD", r_iretd, END, (u32)r_iretd_end);
    expect("far CALL", r_far_call, END, (u32)r_far_call_end);
    row((u16)real_eax == (u16)((u32)r_far_call + 5) && (u16)real_ecx == 0, "what far CALL pushes: %x %x",
        real_eax, real_ecx);
    expect("RETF", r_retf, END, (u32)r_retf_end);
    /* Single steps. */
    expect("single step after POPF", r_step, DB, (u32)r_step + 5);
    row((real_flags & F_TF) && !(real_flags_after & (F_TF | F_IF)), "single step: flags %x, then %x",
        (u32)real_flags, (u32)real_flags_after);
    expect("single step past MOV SS", r_step_ss, DB, (u32)r_step_ss + 9);
    write_dr6(0);
    /* The vector table's limit. */
    real_idt.limit = 0x41;
    u32 vector = go(r_int10);
    row(vector == DF || vector == GP, "INT past the table's limit: vector %u", vector);
    row(real_ip == (u32)r_int10, "INT past the table's limit is a fault");
    real_idt.limit = 0x3FF;
    /* Another table. */
    u32 *other = (u32 *)0x6800;
    for (u32 i = 0; i <= 64; i++)
        other[i] = (u32)real_stubs + 16 * (i == 0x10 ? 5 : i);
    real_idt.base = 0x6800;
    row(go(r_int10) == 5, "vector table elsewhere");
    real_idt.base = 0;
    /* Limits and bases stay when protected mode is left. */
    *(u32 *)0x200000 = 0x13572468;
    expect("4 GB limit from protected mode", r_unreal, END, (u32)r_unreal_end);
    row(real_eax == 0x13572468 && real_ecx == 0x13572468, "unreal mode: %x %x", real_eax, real_ecx);
    expect("64 KB limit again", r_unreal_off, GP, (u32)r_unreal_off_end - 2 - 5);
    set_gdt(SEL, descriptor(0x200000, 0xFFFF, 0x93, 0));
    *(u32 *)0x6000 = 0x24681357;
    expect("null GS loaded in real mode", r_null, END, (u32)r_null_end);
    expect("base from protected mode", r_base, END, (u32)r_base_end);
    row(real_eax == 0x13572468 && real_ecx == 0x24681357, "base stays until the next load: %x %x", real_eax,
        real_ecx);
    expect("PE without a far jump", r_pe_cpl, END, (u32)r_pe_cpl_end);
    row(real_ecx & F_ZF, "LAR at once after PE");
    *(u16 *)0x100000 = 0x9876;
    go(r_wrap);
    row((u16)real_eax == 0x9876, "FFFF:0010 with A20 open: %x", real_eax);
    expect("REP with a 16-bit count", r_rep, END, (u32)r_rep_end);
    row(real_ecx == 0x20000, "REP leaves the upper half of ECX: %x", real_ecx);
}

/* --- NMI --- */

static volatile u32 *const apic = (u32 *)0xFEE00000;
static volatile bool in_handler;
static u32 nested, nmis;

static void send_nmi(void)
{
    apic[0x310 / 4] = apic[0x20 / 4];
    apic[0x300 / 4] = 0x4400; /* NMI to myself by ID */
}

static int nmi_handler(void)
{
    if (trap_vector != NMI)
        return 0;
    nested += in_handler;
    in_handler = true;
    nmis++;
    if (nmis == 1) {
        send_nmi();
        for (volatile int i = 0; i < 100; i++)
            ;
    }
    in_handler = false;
    return 1;
}

CODE(send_it, "movl $0x4400, (%ebx); incl %ecx; incl %ecx");

static void nmi(void)
{
    if (!(features & 0x200))
        return;
    apic[0xF0 / 4] = 0x1FF;
    apic[0x310 / 4] = apic[0x20 / 4];
    start_at(0);
    in.ebx = 0xFEE00300;
    run(send_it);
    row(trap_vector == NMI && !(out.eflags & F_IF) && out.eip > in.eip, "NMI with IF clear");
    start_at(0);
    in.ebx = 0xFEE00300;
    nested = nmis = 0;
    trap_fixup = nmi_handler;
    run(send_it);
    row(trap_vector == END && nmis == 2 && !nested && out.ecx == in.ecx + 2,
        "the second NMI waits for IRET: %u NMIs, %u within", nmis, nested);
    trap_fixup = 0;
}

void test_main(void)
{
    real_mode();
    nmi();
}
