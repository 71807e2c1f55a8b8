/* Hardware tasks: JMP, CALL, INT and IRET between 32-bit, 16-bit and V86 tasks, and every way that it can
 * fail. SDM volume 3, chapter 7. */
#include "tests/system/test.h"

#define SEL_NEW  SEL_FREE
#define SEL_GATE (SEL_FREE + 8)
#define SEL_CS   (SEL_FREE + 16)
#define SEL_DATA (SEL_FREE + 24)
#define SEL_BAD  (SEL_FREE + 32)

struct tss32 {
    u16 link, r0;
    u32 esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, gpr[8], segment[6], ldt;
    u16 trap, io_base;
};
struct tss16 {
    u16 link, sp0, ss0, sp1, ss1, sp2, ss2, ip, flags, gpr[8], segment[4], ldt;
};
static struct tss32 new32;
static struct tss16 new16;
static u8 task_stack[2][1024] __attribute__((aligned(16)));
static struct {
    u32 offset;
    u16 selector;
} __attribute__((packed)) far_pointer;

CODE(jump_far, "ljmp *(%ebx)");
CODE(call_far, "lcall *(%ebx)");
CODE(int50, "int $0x50");
CODE(hlt, "hlt");
CODE(iret, "iret");
CODE(body, "nop");
CODE(body_iret, "1: incl %eax; iret; jmp 1b");
CODE(nested_call, "movl $0x50, %edx; lcall *(%ebx); movl $0x51, %esi");
CODE16(body16, "nop");

/* A task at LEVEL that starts at CODE. */
static void make_task(unsigned level, const void *code)
{
    memset(&new32, 0, sizeof new32);
    new32.esp0 = (u32)task_stack[0] + 1000;
    new32.ss0 = DATA_AT(0);
    new32.eip = (u32)code;
    new32.eflags = F_1 | F_CF | F_DF;
    for (unsigned i = 0; i < 8; i++)
        new32.gpr[i] = 0x11111111 * (i + 1);
    new32.gpr[4] = (u32)task_stack[1] + 1000;
    for (unsigned i = 0; i < 6; i++)
        new32.segment[i] = DATA_AT(level);
    new32.segment[1] = CODE_AT(level);
    new32.io_base = 0xFFFF;
    set_gdt(SEL_NEW, descriptor((u32)&new32, sizeof new32 - 1, 0xE9, 0));
}

static void make_task16(void)
{
    memset(&new16, 0, sizeof new16);
    new16.sp0 = 0x7000;
    new16.ss0 = SEL_DATA16;
    new16.ip = (u16)(u32)body16;
    new16.flags = F_1 | F_CF | F_DF;
    for (unsigned i = 0; i < 8; i++)
        new16.gpr[i] = (u16)(0x1111 * (i + 1));
    new16.gpr[4] = 0x7000;
    for (unsigned i = 0; i < 4; i++)
        new16.segment[i] = SEL_DATA16;
    new16.segment[1] = SEL_CODE16;
    set_gdt(SEL_NEW, descriptor((u32)&new16, sizeof new16 - 1, 0xE1, 0));
}

/* The main task again, whatever happened. */
static void restore(void)
{
    load_tr(SEL_TSS);
    __asm__ volatile("lldt %0; clts" : : "r"((u16)0));
    trap_fixup = 0;
}

static bool is_busy(u16 selector)
{
    return gdt[selector / 8] >> 41 & 1;
}

static bool task_loaded(void)
{
    const u32 *gpr = &out.eax;
    for (unsigned i = 0; i < 8; i++)
        if (i != 4 && gpr[i] != 0x11111111 * (i + 1))
            return false;
    return out.cs == new32.segment[1] && out.ss == new32.segment[2] && out.ds == new32.segment[3] &&
           out.es == new32.segment[0] && out.fs == new32.segment[4] && out.gs == new32.segment[5];
}

static bool main_saved(u32 eip, u32 eflags)
{
    const u32 *gpr = &in.eax;
    for (unsigned i = 0; i < 8; i++)
        if (tss.gpr[i] != gpr[i])
            return false;
    return tss.eip == eip && tss.eflags == eflags && (u16)tss.cs == in.cs && (u16)tss.ss == in.ss &&
           (u16)tss.ds == in.ds && (u16)tss.es == in.es && (u16)tss.fs == in.fs && (u16)tss.gs == in.gs;
}

enum way { WAY_JUMP, WAY_CALL, WAY_INT, WAY_JUMP_GATE, WAY_CALL_GATE, WAYS };
static const char *const way_names[WAYS] = {"JMP", "CALL", "INT", "JMP by a gate", "CALL by a gate"};

static void go(enum way way)
{
    set_idt(0x50, gate(5, 3, SEL_NEW, 0, 0));
    set_gdt(SEL_GATE, gate(5, 3, SEL_NEW, 0, 0));
    far_pointer.selector = way == WAY_JUMP_GATE || way == WAY_CALL_GATE ? SEL_GATE : SEL_NEW;
    far_pointer.offset = 0xDEADBEEF;
    in.ebx = (u32)&far_pointer;
    run(way == WAY_INT ? int50 : way == WAY_JUMP || way == WAY_JUMP_GATE ? jump_far : call_far);
}

static void switches(void)
{
    for (unsigned from = 0; from < 4; from += 3)
        for (unsigned to = 0; to < 4; to++)
            for (enum way way = 0; way < WAYS; way++) {
                if (to == 1 || to == 2)
                    continue;
                bool nests = way != WAY_JUMP && way != WAY_JUMP_GATE;
                make_task(to, body);
                start_at(from);
                in.eflags |= F_ZF | F_OF;
                go(way);
                row(ended(END, 0, (u32)body_end) && task_loaded(),
                    "%s from level %u to a task of level %u: its registers", way_names[way], from, to);
                row(out.eflags == (new32.eflags | (nests ? F_NT : 0)), "%s to a task: EFLAGS %x",
                    way_names[way], out.eflags);
                row(trap_tr == SEL_NEW && (trap_cr0 & C0_TS), "%s to a task: TR %x, CR0 %x", way_names[way],
                    trap_tr, trap_cr0);
                row(is_busy(SEL_NEW) && is_busy(SEL_TSS) == nests, "%s to a task: busy bits", way_names[way]);
                row(!nests || new32.link == SEL_TSS, "%s to a task: link %x", way_names[way],
                    (u32)new32.link);
                row(main_saved(in.eip + 2, in.eflags), "%s from a task: what is saved, EIP %x EFLAGS %x",
                    way_names[way], tss.eip, tss.eflags);
                restore();

                make_task16();
                start_at(from);
                go(way);
                row(trap_vector == END && out.eip == (u16)(u32)body16_end && out.cs == SEL_CODE16 &&
                        out.ss == SEL_DATA16 && (u16)out.eax == 0x1111 && (u16)out.edi == 0x8888 &&
                        out.fs == 0 && out.gs == 0,
                    "%s to a 16-bit task", way_names[way]);
                row(out.eflags == (new16.flags | (nests ? F_NT : 0u)) && is_busy(SEL_NEW) &&
                        trap_tr == SEL_NEW && (!nests || new16.link == SEL_TSS),
                    "%s to a 16-bit task: EFLAGS %x TR %x", way_names[way], out.eflags, trap_tr);
                restore();
            }
    /* An exception: its error code goes to the new task's stack, EIP is the instruction's, RF is set. */
    make_task(0, body);
    set_idt(GP, gate(5, 0, SEL_NEW, 0, 0));
    start_at(3);
    run(hlt);
    row(trap_vector == END && trap_tr == SEL_NEW && out.esp == new32.gpr[4] - 4 && *(u32 *)out.esp == 0 &&
            main_saved(in.eip, in.eflags | F_RF),
        "#GP by a task gate: ESP %x, saved EFLAGS %x", out.esp, tss.eflags);
    restore();
    make_task16();
    start_at(3);
    run(hlt);
    row(trap_vector == END && trap_tr == SEL_NEW && (u16)out.esp == 0x7000 - 2 && *(u16 *)(0x7000 - 2) == 0,
        "#GP to a 16-bit task");
    restore();
    reset_idt(GP);

    /* There and back, twice: the second time the task goes on where it left. */
    for (enum way way = WAY_CALL; way < WAYS; way++) {
        if (way == WAY_JUMP_GATE)
            continue;
        make_task(0, body_iret);
        for (unsigned time = 0; time < 2; time++) {
            start_at(3);
            go(way);
            row(ended(END, 0, in.eip + 4) && out.cs == in.cs && out.esp == in.esp && out.ebx == in.ebx &&
                    !(out.eflags & F_NT) && trap_tr == SEL_TSS,
                "%s to a task that returns, time %u", way_names[way], time);
            row(!is_busy(SEL_NEW) && is_busy(SEL_TSS) && new32.gpr[0] == 0x11111112 + time &&
                    !(new32.eflags & F_NT) && new32.eip == (u32)body_iret + 2,
                "IRET from a task: EAX %x EIP %x EFLAGS %x", new32.gpr[0], new32.eip, new32.eflags);
            restore();
        }
    }
    /* Back from a 16-bit task to a 32-bit one, and the task's own busy bit. */
    make_task16();
    new16.ip = (u16)(u32)iret;
    start_at(3);
    go(WAY_CALL);
    row(ended(END, 0, in.eip + 4) && trap_tr == SEL_TSS && new16.ip == (u16)((u32)iret + 1),
        "IRET from a 16-bit task");
    restore();
}

/* --- what makes a switch fail before it begins --- */

static void switch_faults(void)
{
    for (enum way way = 0; way < WAYS; way++) {
        for (unsigned is32 = 0; is32 < 2; is32++) {
            u32 least = is32 ? 0x67 : 0x2B;
            make_task(0, body);
            set_gdt(SEL_NEW, descriptor((u32)&new32, least - 1, is32 ? 0xE9 : 0xE1, 0));
            start_at(3);
            go(way);
            row(faulted(TS, SEL_NEW, in.eip), "%s to a TSS with limit %x", way_names[way], least - 1);
            restore();
            set_gdt(SEL_NEW, descriptor((u32)&new32, least, is32 ? 0x69 : 0x61, 0));
            start_at(3);
            go(way);
            row(faulted(NP, SEL_NEW, in.eip), "%s to an absent TSS", way_names[way]);
            restore();
            set_gdt(SEL_NEW, descriptor((u32)&new32, least, is32 ? 0xEB : 0xE3, 0));
            start_at(3);
            go(way);
            row(faulted(GP, SEL_NEW, in.eip), "%s to a busy TSS", way_names[way]);
            restore();
        }
        /* Types that are no TSS; in a gate any but a free one. */
        if (way >= WAY_INT)
            for (unsigned type = 0; type < 32; type++) {
                if (type == 1 || type == 9)
                    continue;
                make_task(0, body);
                set_gdt(SEL_NEW, descriptor((u32)&new32, 0x67, (u8)(0xE0 | type), 0));
                start_at(3);
                go(way);
                row(faulted(GP, SEL_NEW, in.eip), "%s to descriptor type %x", way_names[way], type);
                restore();
            }
    }
    /* The old TSS must have room for what is saved there. */
    u64 whole = gdt[SEL_TSS / 8];
    for (enum way way = 0; way < WAYS; way++)
        for (unsigned is32 = 0; is32 < 2; is32++)
            for (unsigned room = 0; room < 2; room++) {
                make_task(0, body);
                set_gdt(SEL_TSS, descriptor((u32)&tss, (is32 ? 0x5E : 0x28) + room, is32 ? 0x89 : 0x81, 0));
                load_tr(SEL_TSS);
                start_at(0);
                go(way);
                row(room ? trap_vector == END && trap_tr == SEL_NEW : faulted(TS, SEL_TSS, in.eip),
                    "%s from a %s TSS with %s room", way_names[way], is32 ? "32-bit" : "16-bit",
                    room ? "enough" : "too little");
                set_gdt(SEL_TSS, whole);
                restore();
            }
    /* Privilege: the TSS's DPL for JMP and CALL, the gate's for gates. */
    for (unsigned level = 0; level < 4; level++)
        for (unsigned dpl = 0; dpl < 4; dpl++)
            for (unsigned rpl = 0; rpl < 4; rpl++)
                for (unsigned call = 0; call < 2; call++) {
                    bool good = dpl >= level && dpl >= rpl;
                    make_task(0, body);
                    set_gdt(SEL_NEW, descriptor((u32)&new32, 0x67, (u8)(0x89 | dpl << 5), 0));
                    far_pointer.selector = (u16)(SEL_NEW | rpl);
                    start_at(level);
                    in.ebx = (u32)&far_pointer;
                    run(call ? call_far : jump_far);
                    row(good ? trap_vector == END && (trap_tr & ~3u) == SEL_NEW
                             : faulted(GP, SEL_NEW, in.eip),
                        "TSS of DPL %u, RPL %u at level %u", dpl, rpl, level);
                    restore();
                    make_task(0, body);
                    set_gdt(SEL_NEW, descriptor((u32)&new32, 0x67, 0x89, 0));
                    set_gdt(SEL_GATE, gate(5, dpl, SEL_NEW | 3, 0, 0));
                    far_pointer.selector = (u16)(SEL_GATE | rpl);
                    start_at(level);
                    in.ebx = (u32)&far_pointer;
                    run(call ? call_far : jump_far);
                    row(good ? trap_vector == END : faulted(GP, SEL_GATE, in.eip),
                        "task gate of DPL %u, RPL %u at level %u", dpl, rpl, level);
                    restore();
                }
    for (unsigned call = 0; call < 2; call++) {
        make_task(0, body);
        ldt[3] = descriptor((u32)&new32, 0x67, 0xE9, 0);
        __asm__ volatile("lldt %0" : : "r"((u16)SEL_LDT));
        far_pointer.selector = 0x1C;
        start_at(0);
        in.ebx = (u32)&far_pointer;
        run(call ? call_far : jump_far);
        row(faulted(GP, 0x1C, in.eip), "%s to a TSS in the LDT", call ? "CALL" : "JMP");
        restore();
    }
    make_task(0, body);
    for (enum way way = WAY_INT; way < WAYS; way++) {
        static const struct {
            u16 selector, error;
        } bad[] = {{0, 0}, {3, 0}, {GDT_ENTRIES * 8, GDT_ENTRIES * 8}, {0xC, 0xC}, {SEL_TSS, SEL_TSS}};
        for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
            set_idt(0x50, gate(5, 3, bad[i].selector, 0, 0));
            set_gdt(SEL_GATE, gate(5, 3, bad[i].selector, 0, 0));
            far_pointer.selector = SEL_GATE;
            start_at(3);
            in.ebx = (u32)&far_pointer;
            run(way == WAY_INT ? int50 : way == WAY_JUMP_GATE ? jump_far : call_far);
            row(faulted(GP, bad[i].error, in.eip), "%s to selector %x", way_names[way], (u32)bad[i].selector);
            restore();
        }
        set_idt(0x50, gate(5, 3, SEL_NEW, 0, 0) & ~(1ull << 47));
        set_gdt(SEL_GATE, gate(5, 3, SEL_NEW, 0, 0) & ~(1ull << 47));
        start_at(3);
        in.ebx = (u32)&far_pointer;
        run(way == WAY_INT ? int50 : way == WAY_JUMP_GATE ? jump_far : call_far);
        row(faulted(NP, way == WAY_INT ? 0x50 * 8 + 2 : SEL_GATE, in.eip), "%s by an absent gate",
            way_names[way]);
    }
    /* IRET with NT set. */
    static const struct {
        u16 link;
        u8 access;
        u32 vector, error;
    } links[] = {
        {0, 0xEB, TS, 0},
        {GDT_ENTRIES * 8, 0xEB, TS, GDT_ENTRIES * 8},
        {SEL_NEW | 4, 0xEB, TS, SEL_NEW | 4},
        {SEL_NEW, 0xE9, TS, SEL_NEW},
        {SEL_NEW, 0x6B, NP, SEL_NEW},
        {SEL_NEW, 0xF3, TS, SEL_NEW},
        {SEL_NEW, 0xE2, TS, SEL_NEW},
    };
    for (unsigned i = 0; i < sizeof links / sizeof *links; i++) {
        make_task(0, body);
        set_gdt(SEL_NEW, descriptor((u32)&new32, 0x67, links[i].access, 0));
        tss.link = links[i].link;
        start_at(3);
        in.eflags |= F_NT;
        run(iret);
        row(faulted(links[i].vector, links[i].error, in.eip), "IRET with NT to link %x, access %x",
            (u32)links[i].link, (u32)links[i].access);
    }
    make_task(3, body);
    set_gdt(SEL_NEW, descriptor((u32)&new32, 0x67, 0x8B, 0));
    tss.link = SEL_NEW;
    start_at(3);
    in.eflags |= F_NT;
    run(iret);
    row(ended(END, 0, (u32)body_end) && trap_tr == SEL_NEW && !is_busy(SEL_TSS) && !(tss.eflags & F_NT) &&
            !(out.eflags & F_NT),
        "IRET with NT at level 3");
    restore();
}

/* --- what fails within the new task --- */

static void task_fault(const char *title, u32 vector, u32 error)
{
    start_at(0);
    go(WAY_JUMP);
    row(trap_vector == vector && trap_error == error && trap_tr == SEL_NEW && out.eip == new32.eip,
        "new task: %s: vector %u error %x expected", title, vector, error);
    row(main_saved(in.eip + 2, in.eflags), "new task: %s: the old one is saved", title);
    restore();
}

static void new_task_faults(void)
{
    static const char *const names[6] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    make_task(3, body);
    new32.ldt = SEL_DATA;
    set_gdt(SEL_DATA, descriptor(0, 0xFFFFF, 0xF3, 12));
    task_fault("LDT that is data", TS, SEL_DATA);
    make_task(3, body);
    new32.ldt = SEL_BAD;
    set_gdt(SEL_BAD, descriptor(0, 0xFFFFF, 0x02, 12));
    task_fault("absent LDT", TS, SEL_BAD);
    make_task(3, body);
    new32.ldt = GDT_ENTRIES * 8;
    task_fault("LDT past the GDT", TS, GDT_ENTRIES * 8);
    make_task(3, body);
    new32.ldt = 0xC;
    task_fault("LDT in the LDT", TS, 0xC);

    for (unsigned seg = 0; seg < 6; seg++) {
        for (unsigned type = 0; type < 32; type++)
            for (unsigned rest = 0; rest < 8; rest++) {
                unsigned dpl = rest & 3;
                bool present = rest >> 2;
                bool code = (type & 0x18) == 0x18, conforming = (type & 0x1C) == 0x1C;
                u32 vector = TS;
                if (seg == 1) {
                    if (code && (conforming ? dpl <= 3 : dpl == 3))
                        vector = present ? 0 : NP;
                } else if (seg == 2) {
                    if ((type & 0x1A) == 0x12 && dpl == 3)
                        vector = present ? 0 : SS;
                } else if ((type & 0x10) && (!code || (type & 2)) && (conforming || dpl == 3)) {
                    vector = present ? 0 : NP;
                }
                if (!vector)
                    continue;
                make_task(3, body);
                set_gdt(SEL_BAD, descriptor(0, 0xFFFFF, (u8)(type | dpl << 5 | present << 7), 12));
                new32.segment[seg] = SEL_BAD | 3;
                start_at(0);
                go(WAY_JUMP);
                row(trap_vector == vector && trap_error == SEL_BAD && trap_tr == SEL_NEW,
                    "new task: %s of type %x DPL %u P %u: vector %u expected", names[seg], type, dpl,
                    (u32)present, vector);
                restore();
            }
        make_task(3, body);
        new32.segment[seg] = GDT_ENTRIES * 8 | 3;
        task_fault(names[seg], TS, GDT_ENTRIES * 8);
        make_task(3, body);
        new32.segment[seg] = 7;
        task_fault(names[seg], TS, 4);
        make_task(3, body);
        new32.segment[seg] = 3;
        if (seg == 1 || seg == 2) {
            task_fault(names[seg], TS, 0);
        } else {
            start_at(0);
            go(WAY_JUMP);
            row(trap_vector == END, "new task: null %s", names[seg]);
            restore();
        }
    }
    make_task(3, body);
    set_gdt(SEL_CS, descriptor(0, 0xFF, 0xFB, 4));
    new32.segment[1] = SEL_CS | 3;
    task_fault("EIP past the limit of CS", GP, 0);

    /* Segments from the new task's LDT. */
    make_task(3, body);
    ldt[1] = descriptor(0, 0xFFFFF, 0xFB, 12);
    ldt[2] = descriptor(0, 0xFFFFF, 0xF3, 12);
    new32.ldt = SEL_LDT;
    new32.segment[1] = 0xF;
    new32.segment[2] = new32.segment[3] = 0x17;
    start_at(0);
    go(WAY_JUMP);
    row(ended(END, 0, (u32)body_end) && task_loaded() && trap_ldtr == SEL_LDT,
        "segments from the new task's LDT");
    restore();
}

/* --- the rest --- */

CODE(bad_push, "movl $0x100, %esp; movl %eax, %ss; pushl %eax");
CODE16(v86_body, "nop");

static void specials(void)
{
    /* The T bit: #DB before the task's first instruction. */
    make_task(3, body);
    new32.trap = 1;
    write_dr6(0);
    start_at(0);
    go(WAY_JUMP);
    row(ended(DB, 0, (u32)body) && (trap_dr6 & 0xE00F) == 0x8000 && trap_tr == SEL_NEW,
        "T bit of the TSS: DR6 %x", trap_dr6);
    restore();
    write_dr6(0);

    /* Local breakpoints are switched off, global ones stay. */
    write_dr0(0x90000000);
    write_dr7(0x700 | 0x3);
    make_task(3, body);
    start_at(0);
    go(WAY_JUMP);
    row(trap_vector == END && (trap_dr7 & 0x3FF) == 0x202, "a task switch clears L bits and LE: DR7 %x",
        trap_dr7);
    restore();
    write_dr7(0);

    /* A V86 task. */
    make_task(3, body);
    new32.eflags = F_1 | F_VM | F_IOPL | F_CF;
    new32.segment[1] = (u32)v86_body >> 4;
    new32.eip = (u32)v86_body & 15;
    new32.segment[0] = 0x1234;
    new32.segment[2] = 0x5000;
    new32.segment[3] = 0xFFFF;
    new32.segment[4] = 3;
    new32.segment[5] = 0;
    new32.gpr[4] = 0x1000;
    start_at(0);
    go(WAY_JUMP);
    row(trap_vector == END && (out.eflags & F_VM) && task_loaded() && out.eip == ((u32)v86_body & 15) + 3 &&
            out.esp == 0x1000,
        "JMP to a V86 task");
    restore();
    /* A fault on the way into it is one of V86 mode, with whatever bits its CS ends. */
    for (u32 cs = 0x5000; cs < 0x5004; cs++) {
        make_task(3, body);
        new32.eflags = F_1 | F_VM;
        new32.segment[1] = cs;
        new32.eip = 0;
        new32.ldt = SEL_BAD;
        set_gdt(SEL_BAD, descriptor(0, 0xFFFFF, 0x02, 12));
        start_at(0);
        go(WAY_JUMP);
        row(trap_vector == TS && trap_error == SEL_BAD && trap_tr == SEL_NEW && (out.eflags & F_VM) &&
                out.cs == cs,
            "V86 task with CS %x and an absent LDT: vector %u", cs, trap_vector);
        restore();
    }
    /* And back from it: its EFLAGS are saved with VM. */
    make_task(3, body);
    new32.eflags = F_1 | F_VM | F_IOPL;
    new32.segment[1] = (u32)v86_body >> 4;
    new32.eip = (u32)v86_body & 15;
    new32.segment[2] = new32.segment[3] = 0x5000;
    start_at(0);
    go(WAY_CALL);
    row(trap_vector == END && (out.eflags & (F_VM | F_NT)) == (F_VM | F_NT), "CALL to a V86 task: EFLAGS %x",
        out.eflags);
    restore();

    /* A stack that cannot take the frame of #SS: a double fault, to a task of its own. */
    make_task(0, body);
    set_gdt(SEL_DATA, descriptor(0, 0x0F, 0x93, 4));
    set_idt(DF, gate(5, 0, SEL_NEW, 0, 0));
    start_at(0);
    in.eax = SEL_DATA;
    run(bad_push);
    row(ended(END, 0, (u32)body_end) && trap_tr == SEL_NEW && out.esp == new32.gpr[4] - 4 &&
            *(u32 *)out.esp == 0 && tss.eip == in.eip + 7 && (u16)tss.ss == SEL_DATA && tss.esp == 0x100,
        "#SS without a stack becomes #DF: EIP %x", tss.eip);
    restore();
    /* #GP whose gate is absent: contributory after contributory. */
    make_task(0, body);
    set_idt(GP, 0);
    start_at(3);
    run(hlt);
    row(ended(END, 0, (u32)body_end) && trap_tr == SEL_NEW && tss.eip == in.eip,
        "#GP without a gate becomes #DF");
    restore();
    reset_idt(GP);
    reset_idt(DF);

    /* A task that was left goes on: 32-bit back and forth by CALL from within a nested task. */
    make_task(3, nested_call);
    new32.gpr[3] = (u32)&far_pointer;
    start_at(0);
    go(WAY_JUMP);
    /* far_pointer leads to the task itself, which is busy. */
    row(trap_vector == GP && trap_error == SEL_NEW && out.edx == 0x50, "CALL of a task to itself");
    restore();
    reset_idt(0x50);
}

void test_main(void)
{
    switches();
    switch_faults();
    new_task_faults();
    specials();
}
