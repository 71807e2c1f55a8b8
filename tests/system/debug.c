/* Single steps, breakpoints, the debug registers. SDM volume 3, chapter 17. */
#include "tests/system/test.h"

#define SEL_NEW  SEL_FREE
#define SEL_GATE (SEL_FREE + 8)
enum { BS = 0x4000, BD = 0x2000, BT = 0x8000, DR6_BITS = 0xE00F };

static u8 data[64] __attribute__((aligned(16)));
static struct {
    u32 offset;
    u16 selector;
} __attribute__((packed)) far_pointer;

/* --- single steps --- */

CODE(nop, "nop");
CODE(mov, "movl $5, %eax");
CODE(load, "movl (%ebx), %eax");
CODE(jump, "jmp 1f; nop; 1: nop");
CODE(call, "call 1f; 1: nop");
CODE(loop, "loop loop");
CODE(ud2, ".byte 0x0F, 0x0B");
CODE(int50, "int $0x50");
CODE(int3, "int3");
CODE(into, "into");
CODE(icebp, ".byte 0xF1");
CODE(rep_movs, "rep movsb; nop");
CODE(rep_scas, "repne scasb; nop");
CODE(mov_ss, "mov %eax, %ss; incl %ecx; incl %ecx");
CODE(pop_ss, "pop %ss; incl %ecx; incl %ecx");
CODE(lss, "lss (%ebx), %esp; incl %ecx");
CODE(mov_ss_int, "mov %eax, %ss; int $0x50");
CODE(mov_ss_load, "mov %eax, %ss; movl (%ebx), %edx; incl %ecx");
CODE(mov_ss_ud, "mov %eax, %ss; .byte 0x0F, 0x0B");
CODE(load_ss, "movl $0x10, %eax; mov %eax, %ss; nop; incl %ecx");
CODE(sti, "sti; nop; nop");
CODE(popf, "popfl; incl %ecx; incl %ecx");
CODE(pushf, "pushfl");
CODE(iret, "iret");
CODE(counted, "incl %ecx; incl %ecx; incl %ecx");
CODE(hlt, "hlt");
CODE(call_far, "lcall *(%ebx)");
CODE(jump_far, "ljmp *(%ebx)");
CODE(in_port, "inb $0x80, %al");
CODE(push_eax, "pushl %eax");
CODE(cli, "cli");
CODE(lgdt, "lgdt (%ebx)");
CODE(mov_cr0, "mov %eax, %cr0");

static void step(const char *title, const void *code, u32 next)
{
    write_dr6(0);
    in.eflags |= F_TF;
    run(code);
    row(ended(DB, 0, next) && (trap_dr6 & DR6_BITS) == BS && (out.eflags & F_TF) && !(trap_eflags & F_TF),
        "single step: %s", title);
}

static void single_steps(void)
{
    for (unsigned level = 0; level < 4; level += 3) {
        start_at(level);
        step("NOP", nop, (u32)nop + 1);
        start_at(level);
        step("MOV", mov, (u32)mov + 5);
        row(out.eax == 5, "the stepped instruction was executed");
        start_at(level);
        step("JMP", jump, (u32)jump + 3);
        start_at(level);
        step("CALL", call, (u32)call + 5);
        start_at(level);
        in.ecx = 3;
        step("LOOP", loop, (u32)loop);
        start_at(level);
        step("INTO that is not taken", into, (u32)into + 1);
        start_at(level);
        in.eflags |= F_IOPL;
        step("CLI", cli, (u32)cli + 1);
        start_at(level);
        in.eflags |= F_IOPL;
        step("STI", sti, (u32)sti + 1);
        start_at(level);
        in.eflags |= F_IOPL;
        step("IN", in_port, (u32)in_port + 2);
        start_at(level);
        step("PUSHF", pushf, (u32)pushf + 1);
        row(*(u32 *)out.esp & F_TF, "PUSHF pushes TF");
        start_at(level);
        in.esp -= 4;
        *(u32 *)in.esp = F_1;
        write_dr6(0);
        in.eflags |= F_TF;
        run(popf);
        row(ended(DB, 0, (u32)popf + 1) && !(out.eflags & F_TF), "single step: POPF that clears TF");
        start_at(level);
        in.esp -= 4;
        *(u32 *)in.esp = F_1 | F_TF;
        run(popf);
        row(ended(DB, 0, (u32)popf + 2) && out.ecx == in.ecx + 1,
            "POPF sets TF: the trap comes after one more instruction");
        start_at(level);
        in.esp -= 12;
        ((u32 *)in.esp)[0] = (u32)counted;
        ((u32 *)in.esp)[1] = in.cs;
        ((u32 *)in.esp)[2] = F_1 | F_TF;
        run(iret);
        row(ended(DB, 0, (u32)counted + 1) && out.ecx == in.ecx + 1,
            "IRET sets TF: the trap comes after one more instruction");

        /* Faults and interrupts are not followed by a trap; their frames keep TF. */
        start_at(level);
        in.eflags |= F_TF;
        write_dr6(0);
        run(ud2);
        row(faulted(UD, 0, in.eip) && !(trap_dr6 & DR6_BITS), "fault with TF");
        start_at(level);
        in.eflags |= F_TF;
        run(int50);
        row(ended(0x50, 0, in.eip + 2) && (out.eflags & F_TF) && !(trap_dr6 & DR6_BITS), "INT n with TF");
        start_at(level);
        in.eflags |= F_TF;
        run(int3);
        row(ended(BP, 0, in.eip + 1) && !(trap_dr6 & DR6_BITS), "INT3 with TF");
        start_at(level);
        in.eflags |= F_TF | F_OF;
        run(into);
        row(ended(OF, 0, in.eip + 1) && !(trap_dr6 & DR6_BITS), "INTO with TF");
        start_at(level);
        run(icebp);
        row(ended(DB, 0, in.eip + 1) && !(trap_dr6 & DR6_BITS), "F1 leaves DR6 alone: %x", trap_dr6);

        /* Repeated strings: after each element, at the same EIP, with RF until the last. */
        for (u32 count = 0; count < 4; count++) {
            start_at(level);
            in.ecx = count;
            in.esi = (u32)data;
            in.edi = (u32)data + 32;
            step("REP MOVS", rep_movs, count > 1 ? (u32)rep_movs : (u32)rep_movs + 2);
            row(out.ecx == (count ? count - 1 : 0) && out.esi == in.esi + !!count,
                "REP MOVS with TF moves one element");
            row(!!(out.eflags & F_RF) == (count > 1), "REP MOVS with TF: RF %x", out.eflags);
        }
        start_at(level);
        in.ecx = 5;
        in.eax = data[0];
        in.edi = (u32)data;
        step("REPNE SCAS that finds", rep_scas, (u32)rep_scas + 2);
        row(out.ecx == 4, "REPNE SCAS with TF");

        /* MOV SS and POP SS hold the trap back for one instruction, LSS does not. */
        start_at(level);
        in.eax = in.ss;
        step("MOV SS", mov_ss, (u32)mov_ss + 3);
        row(out.ecx == in.ecx + 1, "MOV SS: the trap comes after the next instruction");
        start_at(level);
        in.esp -= 4;
        *(u32 *)in.esp = in.ss;
        step("POP SS", pop_ss, (u32)pop_ss + 2);
        far_pointer.offset = in.esp;
        far_pointer.selector = (u16)in.ss;
        start_at(level);
        in.ebx = (u32)&far_pointer;
        step("LSS", lss, (u32)lss + 3);
        start_at(level);
        in.eax = in.ss;
        in.eflags |= F_TF;
        run(mov_ss_int);
        row(ended(0x50, 0, in.eip + 4), "MOV SS, INT n with TF");
    }
    start_at(0);
    step("HLT", hlt, (u32)hlt + 1);
    start_at(0);
    in.eax = read_cr0();
    step("MOV CR0", mov_cr0, (u32)mov_cr0 + 3);

    /* Across levels: the trap comes at the first instruction of the inner level, whose TF is still set. */
    set_gdt(SEL_GATE, gate(12, 3, CODE_AT(1), (u32)counted, 0));
    far_pointer.selector = SEL_GATE;
    start_at(3);
    in.ebx = (u32)&far_pointer;
    in.eflags |= F_TF;
    write_dr6(0);
    run(call_far);
    row(ended(DB, 0, (u32)counted) && out.cs == CODE_AT(1) && (trap_dr6 & BS),
        "single step: CALL to an inner level");
    /* From an inner level to V86 mode and back is the monitor's way of single stepping: see the V86 tests. */
    write_dr6(0);
}

/* --- instruction breakpoints --- */

static int resume_with_rf(void)
{
    if (trap_vector != DB || trap_count > 100)
        return 0;
    trap_frame[2] |= F_RF;
    return 1;
}

CODE(steps_and_jump, "nop; rep movsb; nop; jmp 1f; nop; 1: nop");
CODE(jump_next, "nop; jmp 1f; 1: nop; nop");
CODE(branch_not_taken, "nop; test %esp, %esp; jz 1f; 1: nop; jnz 1f; 1: nop");

static void write_debugctl(u32 value)
{
    __asm__ volatile("wrmsr" : : "a"(value), "d"(0), "c"(0x1D9));
}

static u32 read_branch(u32 which)
{
    u64 value;
    __asm__ volatile("rdmsr" : "=A"(value) : "c"(0x1DB + which));
    return (u32)value;
}

CODE(branch_then_fault, "jmp 1f; nop; 1: nop; ud2");

/* DEBUGCTL.LBR: SDM volume 3, 17.16. */
static void branch_records(void)
{
    if (family < 6)
        return;
    for (unsigned level = 0; level < 4; level += 3) {
        start_at(level);
        write_debugctl(1);
        run(branch_then_fault);
        u32 handler = read_branch(1);
        write_debugctl(0);
        row(faulted(UD, 0, (u32)branch_then_fault + 4), "#UD with LBR set");
        row(read_branch(2) == (u32)branch_then_fault && read_branch(3) == (u32)branch_then_fault + 3,
            "last branch before the exception: %x to %x", read_branch(2), read_branch(3));
        row(handler, "the records go on in the handler: %x", handler);

        write_dr6(0);
        start_at(level);
        in.eflags |= F_TF;
        write_debugctl(3);
        run(jump_next);
        row(ended(DB, 0, (u32)jump_next + 3) && (trap_dr6 & DR6_BITS) == BS,
            "single step on a branch to the next instruction");
        row(read_branch(0) == (u32)jump_next + 1 && read_branch(1) == (u32)jump_next + 3,
            "#DB keeps the last branch: %x to %x", read_branch(0), read_branch(1));
        start_at(level);
        in.eflags |= F_TF;
        write_debugctl(2);
        run(branch_not_taken);
        row(ended(DB, 0, (u32)branch_not_taken + 8), "single step on branches: only one that is taken: %x",
            out.eip - (u32)branch_not_taken);
    }
}

/* DEBUGCTL.BTF: SDM volume 3, 17.4.3. */
static void branch_steps(void)
{
    if (family < 6)
        return;
    for (unsigned level = 0; level < 4; level += 3) {
        write_dr6(0);
        write_debugctl(3);
        start_at(level);
        in.eflags |= F_TF;
        in.ecx = 3;
        in.esi = in.edi = in.esp - 64;
        run(steps_and_jump);
        u64 debugctl;
        __asm__ volatile("rdmsr" : "=A"(debugctl) : "c"(0x1D9));
        row(ended(DB, 0, (u32)steps_and_jump + 7) && (trap_dr6 & DR6_BITS) == BS && !out.ecx,
            "single step on branches at level %u: DR6 %x", level, trap_dr6);
        row(!debugctl, "#DB clears LBR and BTF: %x", (u32)debugctl);
    }
}

static void code_breakpoints(void)
{
    for (unsigned n = 0; n < 4; n++)
        for (unsigned global = 0; global < 2; global++) {
            u32 address = (u32)counted + 1;
            write_dr6(0);
            n == 0   ? write_dr0(address)
            : n == 1 ? write_dr1(address)
            : n == 2 ? write_dr2(address)
                     : write_dr3(address);
            write_dr7(0x400 | 1u << (2 * n + global));
            start_at(3);
            run(counted);
            row(ended(DB, 0, address) && out.ecx == in.ecx + 1 && (trap_dr6 & DR6_BITS) == 1u << n &&
                    !(out.eflags & F_RF),
                "instruction breakpoint %u: DR6 %x", n, trap_dr6);
            start_at(3);
            in.eflags |= F_RF;
            in.eip = address;
            run((void *)address);
            row(trap_vector == END && out.ecx == in.ecx + 2 && !(out.eflags & F_RF),
                "RF passes instruction breakpoint %u once", n);
            start_at(3);
            trap_fixup = resume_with_rf;
            trap_count = 0;
            run(counted);
            row(trap_vector == END && trap_count == 2 && out.ecx == in.ecx + 3,
                "a handler that sets RF goes on");
            write_dr7(0);
            start_at(3);
            run(counted);
            row(trap_vector == END, "breakpoint %u switched off", n);
        }
    /* RF lasts for one instruction: the next breakpoint hits. */
    write_dr0((u32)counted);
    write_dr1((u32)counted + 1);
    write_dr7(0x400 | 5);
    write_dr6(0);
    start_at(3);
    in.eflags |= F_RF;
    run(counted);
    row(ended(DB, 0, (u32)counted + 1) && (trap_dr6 & DR6_BITS) == 2, "RF lasts for one instruction");
    /* On a repeated instruction it hits once, before the first element. */
    write_dr0((u32)rep_movs);
    write_dr7(0x400 | 1);
    start_at(3);
    in.ecx = 20000;
    in.esi = (u32)data;
    in.edi = 0x60000;
    trap_fixup = resume_with_rf;
    trap_count = 0;
    run(rep_movs);
    row(trap_vector == END && trap_count == 2 && out.ecx == 0, "instruction breakpoint on REP MOVS: %u traps",
        trap_count);
    start_at(3);
    in.ecx = 3;
    in.esi = (u32)data;
    in.edi = 0x60000;
    run(rep_movs);
    row(faulted(DB, 0, in.eip), "instruction breakpoint on REP MOVS is a fault");
    /* All that match are told. */
    write_dr0((u32)nop);
    write_dr1((u32)nop);
    write_dr3((u32)nop);
    write_dr7(0x400 | 0x45);
    write_dr6(0);
    start_at(3);
    run(nop);
    row(faulted(DB, 0, in.eip) && (trap_dr6 & DR6_BITS) == 11, "three instruction breakpoints in one: DR6 %x",
        trap_dr6);
    /* A fault at the same place comes later: #DB first. */
    write_dr0((u32)ud2);
    write_dr7(0x400 | 1);
    start_at(3);
    run(ud2);
    row(faulted(DB, 0, in.eip), "instruction breakpoint before #UD");
    /* The target of a jump, of IRET. */
    write_dr0((u32)jump + 3);
    start_at(3);
    run(jump);
    row(ended(DB, 0, (u32)jump + 3), "instruction breakpoint at a jump's target");
    /* DR6 collects. */
    write_dr6(0);
    start_at(3);
    in.eflags |= F_TF;
    run(jump);
    row(ended(DB, 0, (u32)jump + 3) && (trap_dr6 & DR6_BITS) == BS,
        "trap before the breakpoint of the next instruction: DR6 %x", trap_dr6);
    start_at(3);
    run((void *)((u32)jump + 3));
    row((trap_dr6 & DR6_BITS) == (BS | 1), "DR6 is not cleared by the processor: %x", trap_dr6);
    /* Behind MOV SS it is suppressed. */
    write_dr0((u32)mov_ss + 2);
    write_dr6(0);
    start_at(0);
    in.eax = in.ss;
    run(mov_ss);
    row(trap_vector == END, "MOV SS suppresses the breakpoint of what follows");
    write_dr7(0);
}

/* --- data breakpoints --- */

CODE(read1, "movb (%ebx), %al");
CODE(read2, "movw (%ebx), %ax");
CODE(read4, "movl (%ebx), %eax");
CODE(write1, "movb %al, (%ebx)");
CODE(write2, "movw %ax, (%ebx)");
CODE(write4, "movl %eax, (%ebx)");
CODE(add1, "addb %al, (%ebx)");
CODE(add4, "addl %eax, (%ebx)");
CODE(movs, "movsl");
CODE(rep_stos, "rep stosl; nop");
CODE(cmpl_faults, "movl (%ebx), %eax; push %eax");
CODE(read_two, "cmpsl");

static void data_breakpoints(void)
{
    static const struct {
        const u8 *code;
        u32 size;
        bool reads, writes;
    } accesses[] = {
        {read1, 1, true, false},  {read2, 2, true, false},  {read4, 4, true, false}, {write1, 1, false, true},
        {write2, 2, false, true}, {write4, 4, false, true}, {add1, 1, true, true},   {add4, 4, true, true},
    };
    for (unsigned type = 1; type < 4; type += 2)
        for (unsigned length = 1; length <= 4; length *= 2)
            for (u32 base = 8; base < 16; base += length)
                for (unsigned a = 0; a < sizeof accesses / sizeof *accesses; a++)
                    for (u32 offset = 4; offset < 20; offset++) {
                        write_dr6(0);
                        write_dr2((u32)data + base);
                        write_dr7(0x400 | 0x10 | type << 24 | (length - 1) << 26);
                        start_at(3);
                        in.ebx = (u32)data + offset;
                        u32 size = accesses[a].size;
                        bool hit = offset < base + length && base < offset + size &&
                                   (accesses[a].writes || type == 3);
                        run(accesses[a].code);
                        u32 next = in.eip + (size == 2 ? 3 : 2);
                        row(hit ? ended(DB, 0, next) && (trap_dr6 & DR6_BITS) == 4 && !(out.eflags & F_RF)
                                : trap_vector == END,
                            "data breakpoint type %u, %u bytes at %x: access of %u at %x", type, length, base,
                            size, offset);
                    }
    /* Implicit accesses: the stack, both sides of a string. */
    write_dr6(0);
    start_at(3);
    write_dr0(in.esp - 4);
    write_dr7(0x400 | 1 | 1 << 16 | 3 << 18);
    run(push_eax);
    row(ended(DB, 0, in.eip + 1) && (trap_dr6 & DR6_BITS) == 1, "data breakpoint on the stack");
    write_dr0((u32)data);
    write_dr1((u32)data + 32);
    write_dr7(0x400 | 5 | 0xFu << 16 | 0xDu << 20);
    write_dr6(0);
    start_at(3);
    in.esi = (u32)data;
    in.edi = (u32)data + 32;
    run(movs);
    row(ended(DB, 0, in.eip + 1) && (trap_dr6 & DR6_BITS) == 3, "both sides of MOVS: DR6 %x", trap_dr6);
    /* Within a repetition: after the element that hit. */
    write_dr0((u32)data + 16);
    write_dr7(0x400 | 1 | 0xDu << 16);
    write_dr6(0);
    start_at(3);
    in.edi = (u32)data;
    in.ecx = 8;
    run(rep_stos);
    row(ended(DB, 0, in.eip) && out.ecx == 3 && out.edi == (u32)data + 20 && (trap_dr6 & DR6_BITS) == 1,
        "REP STOS stops behind the element: ECX %u", out.ecx);
    row(out.eflags & F_RF, "REP STOS that was stopped: RF");
    /* MOV SS holds it back. */
    write_dr0((u32)data);
    write_dr7(0x400 | 1 | 0xFu << 16);
    write_dr6(0);
    start_at(0);
    in.eax = in.ss;
    in.ebx = (u32)data;
    run(mov_ss_load);
    row(ended(DB, 0, in.eip + 4) && out.ecx == in.ecx, "data breakpoint behind MOV SS");
    /* With TF both are told at once. */
    write_dr6(0);
    start_at(3);
    in.ebx = (u32)data;
    in.eflags |= F_TF;
    run(load);
    row(ended(DB, 0, in.eip + 2) && (trap_dr6 & DR6_BITS) == (BS | 1),
        "data breakpoint and single step: DR6 %x", trap_dr6);
    /* The last bytes of the address space. */
    write_dr0(0xFFFFFFFC);
    write_dr7(0x400 | 1 | 0xFu << 16);
    write_dr6(0);
    start_at(0);
    in.ebx = 0xFFFFFFFC;
    run(load);
    row(ended(DB, 0, in.eip + 2) && (trap_dr6 & DR6_BITS) == 1, "data breakpoint at the end of 4 GB");
    write_dr0((u32)data);
    /* Switched off, or matched by address but of instruction type. */
    write_dr7(0x400 | 0xFu << 16);
    start_at(3);
    in.ebx = (u32)data;
    run(load);
    row(trap_vector == END, "data breakpoint that is off");
    write_dr7(0x400 | 1);
    start_at(3);
    in.ebx = (u32)data;
    run(load);
    row(trap_vector == END, "an instruction breakpoint does not look at data");
    write_dr7(0);
    write_dr6(0);
}

/* --- the registers --- */

CODE(mov_dr7, "mov %eax, %db7; nop");
CODE(mov_from_dr0, "mov %db0, %eax");
CODE(mov_dr4, ".byte 0x0F, 0x21, 0xE0");
CODE(mov_to_dr5, ".byte 0x0F, 0x23, 0xE8");
CODE(in_84, "inb $0x84, %al");
CODE(in_83w, "inw $0x83, %ax");

static void registers(void)
{
    write_dr6(0);
    row((read_dr6() & 0xFFFF1FF0) == 0xFFFF0FF0 || family < 5, "DR6 fixed bits: %x", read_dr6());
    write_dr6(0xFFFFFFFF);
    row((read_dr6() & DR6_BITS) == DR6_BITS, "DR6 takes its bits: %x", read_dr6());
    write_dr6(0);
    write_dr7(0x400);
    row((read_dr7() & 0xFFFF) == 0x400, "DR7 fixed bits: %x", read_dr7());
    for (u32 bit = 0; bit < 32; bit++) {
        write_dr3(1u << bit);
        row(read_dr3() == 1u << bit, "DR3 bit %u", bit);
    }
    /* GD: the next access to a debug register is a fault; the handler finds GD clear. */
    write_dr7(0x2400);
    start_at(0);
    run(mov_from_dr0);
    row(faulted(DB, 0, in.eip) && (trap_dr6 & DR6_BITS) == BD && !(trap_dr7 & 0x2000), "GD: DR6 %x DR7 %x",
        trap_dr6, trap_dr7);
    row(out.eflags & F_RF, "the fault by GD pushes RF");
    /* BD stays; the next fault is by a breakpoint, though GD is set. */
    write_dr0((u32)nop);
    write_dr7(0x2402);
    start_at(0);
    run(nop);
    row(faulted(DB, 0, in.eip) && !(out.eflags & F_RF) && (trap_dr6 & DR6_BITS) == (BD | 1),
        "a breakpoint with BD left over: DR6 %x EFLAGS %x", trap_dr6, out.eflags);
    write_dr7(0x400);
    write_dr6(0);
    start_at(0);
    in.eax = 0x2400;
    run(mov_dr7);
    row(trap_vector == DB || trap_vector == END, "MOV DR7 that sets GD does not trap itself");
    /* The recorder itself ran into GD there: that is #DB within the row's end. */
    write_dr7(0x400);
    write_dr6(0);
    /* DR4 and DR5 are others' names until CR4.DE. */
    start_at(0);
    run(mov_dr4);
    row(trap_vector == END && out.eax == read_dr6(), "DR4 is DR6");
    start_at(0);
    in.eax = 0x400;
    run(mov_to_dr5);
    row(trap_vector == END, "DR5 is DR7");
    if (!HAS_DE)
        return;
    write_cr4(read_cr4() | C4_DE);
    start_at(0);
    expect_fault("DR4 with CR4.DE", mov_dr4, UD, 0);
    start_at(0);
    expect_fault("DR5 with CR4.DE", mov_to_dr5, UD, 0);
    write_dr0(0x84);
    write_dr7(0x400 | 1 | 2 << 16);
    start_at(0);
    run(in_84);
    row(ended(DB, 0, in.eip + 2) && (trap_dr6 & DR6_BITS) == 1, "I/O breakpoint");
    write_dr6(0);
    start_at(0);
    run(in_83w);
    row(ended(DB, 0, in.eip + 3) && (trap_dr6 & DR6_BITS) == 1, "I/O breakpoint within a word");
    write_dr0(0x85);
    start_at(0);
    run(in_84);
    row(trap_vector == END, "I/O breakpoint of another port");
    write_dr7(0);
    write_cr4(read_cr4() & ~(u32)C4_DE);
    write_dr6(0);
}

/* --- in V86 mode --- */

CODE16(v_count, "incw %cx; incw %cx; incw %cx");
CODE16(v_int, "int $0x50");

static void v86(void)
{
    start_v86(v_count);
    in.eflags |= F_TF;
    run(v_count);
    row(ended(DB, 0, in.eip + 1) && (trap_dr6 & BS) && (out.eflags & F_VM), "single step in V86 mode");
    write_dr6(0);
    start_v86(v_int);
    in.eflags |= F_TF;
    run(v_int);
    row(faulted(GP, 0, in.eip) && !(trap_dr6 & BS), "INT n with TF in V86 mode at IOPL 0");
    write_dr0((u32)v_count + 1);
    write_dr7(0x400 | 1);
    start_v86(v_count);
    run(v_count);
    row(ended(DB, 0, in.eip + 1) && (trap_dr6 & DR6_BITS) == 1, "instruction breakpoint in V86 mode");
    write_dr7(0);
    write_dr6(0);
}

void test_main(void)
{
    single_steps();
    branch_steps();
    branch_records();
    code_breakpoints();
    data_breakpoints();
    registers();
    v86();
}
