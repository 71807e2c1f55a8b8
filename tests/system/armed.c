/* Breakpoints of DR0-DR3 in code that has run often before, and around it: a processor that decodes, joins
 * and remembers must still stop at the same places. SDM volume 3, 17.2 and 17.3. */
#include "tests/system/test.h"

#define PAGE   4096u
#define FRAMES 0x00600000u /* physical pages that the tests map */
#define WINDOW 0x00800000u /* linear: where */
#define OTHER  0x00C00000u
enum { P = 1, W = 2, U = 4, DR6_BITS = 0xE00F, WARM = 3000 };
enum { ON_EXECUTION, ON_WRITE, ON_PORT, ON_ACCESS };

static u32 directory[2][1024] __attribute__((aligned(4096)));
static u32 low_table[2][1024] __attribute__((aligned(4096)));
static u32 window_table[2][1024] __attribute__((aligned(4096))),
    other_table[1024] __attribute__((aligned(4096)));
static u8 data[3 * PAGE] __attribute__((aligned(4096)));
static u8 more[3 * PAGE] __attribute__((aligned(4096)));

/* --- arming, and what came of it --- */

static void write_dr(unsigned n, u32 value)
{
    n == 0 ? write_dr0(value) : n == 1 ? write_dr1(value) : n == 2 ? write_dr2(value) : write_dr3(value);
}

static void arm(unsigned n, unsigned type, u32 length, u32 address)
{
    u32 others = read_dr7() & ~(0xFu << (16 + 4 * n)) & ~(3u << 2 * n);
    write_dr(n, address);
    write_dr7(others | 2u << 2 * n | (type | (length - 1) << 2) << (16 + 4 * n));
    write_dr6(0);
}

static void disarm(void)
{
    write_dr7(0x400);
    write_dr6(0);
}

static struct {
    u32 eip, dr6, eax, ecx;
} hit[256];
static u32 hits;

static bool on_execution(u32 n)
{
    return (trap_dr6 >> n & 1) && !(trap_dr7 >> (16 + 4 * n) & 3);
}

/* Where it was a fault, by an instruction breakpoint, RF lets that instruction pass. */
static int note_and_resume(void)
{
    if (trap_vector != DB || hits == sizeof hit / sizeof *hit)
        return 0;
    hit[hits].eip = trap_frame[0];
    hit[hits].dr6 = trap_dr6 & DR6_BITS;
    hit[hits].eax = out.eax;
    hit[hits++].ecx = out.ecx;
    write_dr6(0);
    if (on_execution(0) || on_execution(1) || on_execution(2) || on_execution(3))
        trap_frame[2] |= F_RF;
    return 1;
}

static void run_noting(const void *code)
{
    hits = 0;
    trap_fixup = note_and_resume;
    run(code);
}

/* --- instructions of a loop --- */

/* ECX times; all kinds of neighbours that a processor may join: comparison and branch, step and branch, a
 * branch within the loop, a call. */
CODE(loop,
     "1: incl %eax\n"
     ".globl loop_middle, loop_compare, loop_branch, loop_call, loop_test, loop_step, loop_back, loop_fn\n"
     "loop_middle: movl $0x12345678, %edx\n"
     "loop_compare: cmpl $50, %eax\n"
     "loop_branch: jb 2f\n"
     "2: incl %ebx\n"
     "loop_call: call loop_fn\n"
     "loop_test: testl %ebp, %ebp\n"
     "jz 3f\n"
     "3: leal (%esi,%eax), %edi\n"
     "loop_step: decl %ecx\n"
     "loop_back: jnz 1b\n"
     "int $0x40\n"
     "loop_fn: movl (%esp), %edi\n"
     "ret");
extern const u8 loop_middle[], loop_compare[], loop_branch[], loop_call[], loop_test[], loop_step[],
    loop_back[], loop_fn[];

static void run_loop(u32 times, const u8 *code)
{
    start_at(3);
    in.eax = in.ebx = 0;
    in.ecx = times;
    run_noting(code);
}

static void in_loops(void)
{
    static const u8 *const places[] = {loop,      loop_middle, loop_compare, loop_branch, loop_call,
                                       loop_test, loop_step,   loop_back,    loop_fn};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        disarm();
        run_loop(WARM, loop);
        row(trap_vector == END && !hits && out.eax == WARM && out.ebx == WARM, "loop, not armed");
        arm(i & 3, ON_EXECUTION, 1, (u32)places[i]);
        run_loop(100, loop);
        bool good = trap_vector == END && hits == 100 && out.eax == 100 && out.ebx == 100;
        for (u32 n = 0; n < 100; n++) {
            u32 eax = places[i] == loop ? n : n + 1;
            u32 ecx = 100 - n - (places[i] == loop_back);
            good &= hit[n].eip == (u32)places[i] && hit[n].eax == eax && hit[n].ecx == ecx &&
                    hit[n].dr6 == 1u << (i & 3);
        }
        row(good, "breakpoint on instruction %u of a loop: %u hits, the first at %x", i, hits, hit[0].eip);
    }
    /* In the middle of an instruction nothing is executed. */
    disarm();
    arm(0, ON_EXECUTION, 1, (u32)loop_middle + 1);
    arm(1, ON_EXECUTION, 1, (u32)loop_call + 4);
    arm(2, ON_EXECUTION, 1, (u32)loop_back + 1);
    run_loop(WARM, loop);
    row(trap_vector == END && !hits, "breakpoints in the middle of instructions: %u hits", hits);
    /* All four, two of them at one place. */
    arm(0, ON_EXECUTION, 1, (u32)loop_branch);
    arm(1, ON_EXECUTION, 1, (u32)loop_back);
    arm(2, ON_EXECUTION, 1, (u32)loop_back);
    arm(3, ON_EXECUTION, 1, (u32)data); /* nobody comes there */
    run_loop(60, loop);
    row(trap_vector == END && hits == 120 && hit[0].dr6 == 1 && hit[1].dr6 == 6 && hit[118].dr6 == 1 &&
            hit[119].dr6 == 6,
        "four breakpoints in a loop: %u hits", hits);
    disarm();
    run_loop(WARM, loop);
    row(trap_vector == END && !hits && out.eax == WARM, "the loop after that");
}

/* MOV SS in a loop holds the breakpoint behind it back each time. */
CODE(shadow_loop, "1: mov %eax, %ss\n"
                  "incl %ebx\n"
                  "incl %edx\n"
                  "decl %ecx\n"
                  "jnz 1b");

static void in_shadow(void)
{
    disarm();
    arm(0, ON_EXECUTION, 1, (u32)shadow_loop + 2);
    arm(1, ON_EXECUTION, 1, (u32)shadow_loop + 3);
    start_at(3);
    in.eax = in.ss;
    in.ecx = 40;
    run_noting(shadow_loop);
    row(trap_vector == END && hits == 40 && hit[0].dr6 == 2 && hit[39].eip == (u32)shadow_loop + 3,
        "MOV SS in a loop: %u hits, the first at %x", hits, hit[0].eip);
    disarm();
}

/* With TF too: the step's trap comes before the next instruction's breakpoint. */
static void with_steps(void)
{
    disarm();
    arm(3, ON_EXECUTION, 1, (u32)loop_compare);
    start_at(3);
    in.eax = 0;
    in.ecx = 1;
    in.eflags |= F_TF;
    run_noting(loop);
    /* EAX and EDX, the breakpoint's fault, all others but the last, INT 40h. */
    row(trap_vector == END && hits == 14 && hit[0].dr6 == 0x4000 && hit[1].dr6 == 0x4000 && hit[2].dr6 == 8 &&
            hit[2].eip == (u32)loop_compare && hit[1].eip == (u32)loop_compare && hit[3].dr6 == 0x4000,
        "steps and a breakpoint: %u traps, DR6 of the third %x", hits, hit[2].dr6);
    disarm();
}

/* --- debug registers that the loop itself writes --- */

CODE(arms_loop, "1: incl %eax\n"
                "movl %eax, %edx\n"
                "andl $1, %edx\n"
                "orl $0x400, %edx\n"
                "mov %edx, %db7\n"
                "arms_target: incl %ebx\n"
                "mov %esi, %db7\n"
                "decl %ecx\n"
                "jnz 1b");
extern const u8 arms_target[];

/* DR0 goes from one NOP to the next, armed all the time. */
CODE(moves_loop, "1: mov %ebx, %db0\n"
                 ".globl moves_nops\n"
                 "moves_nops: .fill 40, 1, 0x90\n"
                 "incl %ebx\n"
                 "decl %ecx\n"
                 "jnz 1b");
extern const u8 moves_nops[];

static void written_in_loops(void)
{
    disarm();
    write_dr0((u32)arms_target);
    start_at(0);
    in.eax = in.ebx = 0;
    in.esi = 0x400;
    in.ecx = 200;
    run_noting(arms_loop);
    row(trap_vector == END && hits == 100 && hit[0].eax == 1 && hit[99].eax == 199 && out.ebx == 200,
        "a loop that arms every other time: %u hits", hits);

    for (unsigned pass = 0; pass < 3; pass++) {
        disarm();
        write_dr7(0x400 | 2);
        start_at(0);
        in.ecx = 40;
        in.ebx = (u32)moves_nops;
        run_noting(moves_loop);
        bool good = trap_vector == END && hits == 40;
        for (u32 n = 0; n < 40; n++)
            good &= hit[n].eip == (u32)moves_nops + n && hit[n].ecx == 40 - n;
        row(good, "a breakpoint that wanders: %u hits", hits);
        /* Off, and often by all those places; then on again. */
        disarm();
        start_at(0);
        in.ecx = 100;
        in.ebx = 0;
        run_noting(moves_loop);
        row(trap_vector == END && !hits, "the same, off");
    }
    /* Moved to data and back by the same register. */
    arm(0, ON_EXECUTION, 1, (u32)loop_compare);
    run_loop(10, loop);
    row(hits == 10, "on execution: %u hits", hits);
    arm(0, ON_ACCESS, 1, (u32)loop_compare);
    run_loop(10, loop);
    row(trap_vector == END && !hits, "the same for data: fetching is no access: %u hits", hits);
    arm(0, ON_EXECUTION, 4, (u32)loop_compare);
    run_loop(10, loop);
    row(family > 6 || (trap_vector == END && !hits), "on execution with a length: %u hits", hits);
    disarm();
}

/* --- code that changes --- */

/* The loop counts in the immediate of MOV $n,%edx, whose breakpoint must hit each time. */
CODE(patch_loop, "1: incb patched + 1\n"
                 ".globl patched\n"
                 "patched: movb $0, %dl\n"
                 "addl %edx, %ebx\n"
                 "decl %ecx\n"
                 "jnz 1b");
extern u8 patched[];

static void changing_code(void)
{
    disarm();
    for (unsigned pass = 0; pass < 2; pass++) {
        patched[1] = 0;
        start_at(3);
        in.edx = in.ebx = 0;
        in.ecx = 100;
        run_noting(patch_loop);
        row(trap_vector == END && hits == pass * 100 && out.ebx == 5050, "code that changes itself: %u hits",
            hits);
        arm(2, ON_EXECUTION, 1, (u32)patched);
    }
    /* In the middle of the instruction, until that becomes two. */
    disarm();
    arm(1, ON_EXECUTION, 1, (u32)patched + 1);
    patched[1] = 0;
    start_at(3);
    in.ecx = 100;
    run_noting(patch_loop);
    row(trap_vector == END && !hits, "in the middle of code that changes itself: %u hits", hits);
    *(volatile u8 *)patched = 0x90;
    patched[1] = 0x3F; /* the first INC makes INC EAX of it, the second INC ECX: one time more */
    start_at(3);
    in.eax = 0;
    in.ecx = 1;
    run_noting(patch_loop);
    row(trap_vector == END && hits == 1 && hit[0].eip == (u32)patched + 1 && out.eax == 1,
        "the middle has become an instruction: %u hits", hits);
    *(volatile u8 *)patched = 0xB2;
    disarm();
}

/* --- data: pages, sizes, kinds of accesses --- */

CODE(warm, "1: movl (%ebx), %eax\n"
           "movl %eax, (%ebx)\n"
           "movl %eax, (%edx)\n"
           "decl %ecx\n"
           "jnz 1b");
CODE(read1, "movb (%ebx), %al; nop");
CODE(read2, "movw (%ebx), %ax; nop");
CODE(read4, "movl (%ebx), %eax; nop");
CODE(write1, "movb %al, (%ebx); nop");
CODE(write2, "movw %ax, (%ebx); nop");
CODE(write4, "movl %eax, (%ebx); nop");
CODE(add1, "addb %al, (%ebx); nop");
CODE(add2, "addw %ax, (%ebx); nop");
CODE(add4, "addl %eax, (%ebx); nop");
CODE(xchg4, "xchgl %eax, (%ebx); nop");
CODE(cmp4, "cmpl %eax, (%ebx); nop");

/* So that the pages are known as ones that may be read and written. */
static void warm_up(u32 a, u32 b)
{
    start_at(3);
    in.ebx = a;
    in.edx = b;
    in.ecx = 20;
    run(warm);
}

static void across_pages(void)
{
    static const struct {
        const u8 *code;
        u32 size, next;
        bool writes;
    } accesses[] = {
        {read1, 1, 2, false}, {read2, 2, 3, false}, {read4, 4, 2, false}, {write1, 1, 2, true},
        {write2, 2, 3, true}, {write4, 4, 2, true}, {add1, 1, 2, true},   {add2, 2, 3, true},
        {add4, 4, 2, true},   {xchg4, 4, 2, true},  {cmp4, 4, 2, false},
    };
    u32 edge = (u32)data + PAGE;
    for (unsigned type = ON_WRITE; type <= ON_ACCESS; type += 2)
        for (u32 length = 1; length <= 4; length *= 2)
            for (unsigned side = 0; side < 2; side++) {
                u32 base = side ? edge : edge - length;
                disarm();
                warm_up(edge - 8, edge + 8);
                arm(1, type, length, base);
                for (unsigned a = 0; a < sizeof accesses / sizeof *accesses; a++)
                    for (u32 at = edge - 9; at < edge + 6; at++) {
                        start_at(3);
                        in.ebx = at;
                        run_noting(accesses[a].code);
                        bool hit_it = at < base + length && base < at + accesses[a].size &&
                                      (accesses[a].writes || type == ON_ACCESS);
                        row(trap_vector == END && hits == hit_it &&
                                (!hits || (hit[0].dr6 == 2 && hit[0].eip == in.eip + accesses[a].next)),
                            "type %u, %u bytes at %x, access %u at %x: %u hits", type, length, base, a, at,
                            hits);
                    }
            }
    disarm();
}

CODE(push, "pushl %eax; nop");
CODE(pushal, "pushal; nop");
CODE(popal, "popal; nop");
CODE(pop, "popl %eax; nop");
CODE(call, "call 1f; nop; 1: nop");
CODE(ret, "ret");
CODE(enter8, "enter $8, $0; nop");
CODE(leave, "leave; nop");
CODE(fstp, "fld1; fstpl (%ebx); nop");
CODE(bts, "btsl %ecx, (%ebx); nop");
CODE(sgdt, "sgdt (%ebx); nop");
CODE(bound, "boundl %eax, (%ebx); nop");
CODE(xlat, "xlatb; nop");
CODE(lods, "lodsl; nop");
CODE(stos, "stosl; nop");

/* Watches the N bytes at ADDRESS; the trap comes LENGTH bytes behind the start of the code. */
static void expect_hit(const char *title, const void *code, unsigned type, u32 address, u32 next)
{
    disarm();
    arm(2, type, 1, address);
    run_noting(code);
    row(trap_vector == END && hits == 1 && hit[0].eip == next && hit[0].dr6 == 4, "%s: %u hits, EIP %x",
        title, hits, hit[0].eip);
    disarm();
}

static void kinds_of_accesses(void)
{
    for (unsigned round = 0; round < 2; round++) { /* the second time all is known */
        start_at(3);
        expect_hit("PUSH", push, ON_WRITE, in.esp - 4, (u32)push + 1);
        start_at(3);
        expect_hit("PUSHA", pushal, ON_WRITE, in.esp - 17, (u32)pushal + 1);
        start_at(3);
        in.esp -= 64;
        expect_hit("POP", pop, ON_ACCESS, in.esp + 3, (u32)pop + 1);
        start_at(3);
        in.esp -= 64;
        *(u32 *)(in.esp + 12) = 0;
        expect_hit("POPA", popal, ON_ACCESS, in.esp + 20, (u32)popal + 1);
        start_at(3);
        expect_hit("CALL", call, ON_WRITE, in.esp - 1, (u32)call + 6);
        start_at(3);
        in.esp -= 8;
        *(u32 *)in.esp = (u32)call + 6;
        expect_hit("RET", ret, ON_ACCESS, in.esp, (u32)call + 6);
        start_at(3);
        expect_hit("ENTER", enter8, ON_WRITE, in.esp - 4, (u32)enter8 + 4);
        start_at(3);
        in.ebp = in.esp - 16;
        expect_hit("LEAVE", leave, ON_ACCESS, in.ebp + 2, (u32)leave + 1);
        start_at(3);
        in.ebx = (u32)data + 64;
        expect_hit("FSTP", fstp, ON_WRITE, in.ebx + 5, (u32)fstp + 4);
        start_at(3);
        in.ebx = (u32)data + 64;
        in.ecx = 0x105;
        expect_hit("BTS", bts, ON_WRITE, in.ebx + 32, (u32)bts + 3);
        start_at(3);
        in.ebx = (u32)data + 64;
        expect_hit("SGDT", sgdt, ON_WRITE, in.ebx + 5, (u32)sgdt + 3);
        start_at(3);
        in.ebx = (u32)data + 64;
        in.eax = 5;
        *(u32 *)in.ebx = 0;
        *(u32 *)(in.ebx + 4) = 9;
        expect_hit("BOUND", bound, ON_ACCESS, in.ebx + 6, (u32)bound + 2);
        start_at(3);
        in.ebx = (u32)data + 64;
        in.eax = 7;
        expect_hit("XLAT", xlat, ON_ACCESS, in.ebx + 7, (u32)xlat + 1);
        start_at(3);
        in.esi = (u32)data + 64;
        expect_hit("LODS", lods, ON_ACCESS, in.esi + 1, (u32)lods + 1);
        start_at(3);
        in.edi = (u32)data + 64;
        expect_hit("STOS", stos, ON_WRITE, in.edi + 3, (u32)stos + 1);
    }
}

/* --- repetitions --- */

CODE(rep_movs1, "rep movsb; nop");
CODE(rep_movs2, "rep movsw; nop");
CODE(rep_movs4, "rep movsl; nop");
CODE(rep_stos1, "rep stosb; nop");
CODE(rep_stos4, "rep stosl; nop");
CODE(rep_lods1, "rep lodsb; nop");
CODE(repe_cmps1, "repe cmpsb; nop");
CODE(repne_scas1, "repne scasb; nop");

/* Elements 0, 1, ... of a repetition lie at FIRST, FIRST +- SIZE, ...; the one with ADDRESS in it traps
 * behind itself. */
static void expect_element(const char *title, const u8 *code, u32 size, unsigned type, u32 first, bool down,
                           u32 address)
{
    u32 count = in.ecx, length = size == 1 ? 3 : size == 2 ? 4 : 3;
    length -= 1; /* REP and the operation; with 16 bits a prefix more */
    u32 element = down ? (first + size - 1 - address) / size : (address - first) / size;
    bool last = element + 1 == count;
    disarm();
    arm(0, type, 1, address);
    run_noting(code);
    u32 next = (u32)code + (last ? length : 0);
    row(trap_vector == END && hits == 1 && hit[0].eip == next && hit[0].ecx == count - element - 1 &&
            out.ecx == 0,
        "%s%s, element %u of %u: %u hits, ECX %u", title, down ? " down" : "", element, count, hits,
        hit[0].ecx);
    disarm();
}

static void repetitions(void)
{
    static const u32 at[] = {0, 1, 700, PAGE - 101, PAGE - 100, PAGE - 99, PAGE + 777, 2 * PAGE - 201};
    for (unsigned i = 0; i < sizeof at / sizeof *at; i++)
        for (unsigned down = 0; down < 2; down++) {
            struct {
                const char *title;
                const u8 *code;
                u32 size;
                bool writes, reads;
            } const kinds[] = {
                {"MOVSB", rep_movs1, 1, true, true},   {"MOVSW", rep_movs2, 2, true, true},
                {"MOVSD", rep_movs4, 4, true, true},   {"STOSB", rep_stos1, 1, true, false},
                {"STOSD", rep_stos4, 4, true, false},  {"LODSB", rep_lods1, 1, false, true},
                {"CMPSB", repe_cmps1, 1, false, true}, {"SCASB", repne_scas1, 1, false, false},
            };
            for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
                u32 bytes = 2 * PAGE - 200, count = bytes / kinds[k].size, last = bytes - kinds[k].size;
                for (unsigned side = 0; side < 2; side++) {
                    u32 low = (side ? (u32)more : (u32)data) + 100;
                    if (side
                            ? !kinds[k].reads
                            : !kinds[k].writes && kinds[k].code != repne_scas1 && kinds[k].code != repe_cmps1)
                        continue;
                    u32 offset = at[i] < bytes ? at[i] : bytes - 1;
                    if (kinds[k].code == repe_cmps1 || kinds[k].code == repne_scas1) {
                        memset(data, 0, sizeof data);
                        memset(more, 0, sizeof more);
                    }
                    start_at(3);
                    in.eax = 0x55555555;
                    in.ecx = count;
                    in.eflags |= down ? F_DF : 0;
                    in.esi = (u32)more + 100 + (down ? last : 0);
                    in.edi = (u32)data + 100 + (down ? last : 0);
                    bool writes = !side && kinds[k].writes;
                    expect_element(kinds[k].title, kinds[k].code, kinds[k].size,
                                   writes ? ON_WRITE : ON_ACCESS, low + (down ? last : 0), down,
                                   low + offset);
                }
            }
        }
}

/* --- what the processor itself reads and writes --- */

CODE(load_ds, "mov %eax, %ds; nop");
CODE(load_ds_warm, "1: mov %eax, %ds; decl %ecx; jnz 1b");
CODE(int50, "int $0x50; nop");
CODE(in_port, "inb $0x84, %al; nop");
CODE(lret, "lret");

static void by_the_processor(void)
{
    for (unsigned round = 0; round < 2; round++) {
        set_gdt(SEL_FREE, descriptor(0, 0xFFFFF, 0xF3, 12));
        start_at(3);
        in.eax = SEL_FREE | 3;
        in.ecx = 20;
        run(load_ds_warm);
        start_at(3);
        in.eax = SEL_FREE | 3;
        arm(2, ON_ACCESS, 1, (u32)&gdt[SEL_FREE / 8] + 5);
        run(load_ds);
        row(ended(DB, 0, (u32)load_ds + 2) && (trap_dr6 & DR6_BITS) == 4, "descriptor");
        disarm();
        /* Only with its accessed bit to be set it is written. */
        start_at(3);
        in.eax = SEL_FREE | 3;
        arm(2, ON_WRITE, 1, (u32)&gdt[SEL_FREE / 8] + 5);
        run_noting(load_ds);
        row(trap_vector == END && !hits, "descriptor that was accessed: %u writes", hits);
        disarm();
    }
    set_gdt(SEL_FREE, descriptor(0, 0xFFFFF, 0xF2, 12));
    start_at(3);
    in.eax = SEL_FREE | 3;
    expect_hit("accessed bit", load_ds, ON_WRITE, (u32)&gdt[SEL_FREE / 8] + 5, (u32)load_ds + 2);

    /* INT n from level 3: gate, new stack in the TSS, frame. The trap comes at the handler's first
     * instruction. */
    for (unsigned what = 0; what < 3; what++) {
        u32 address = what == 0 ? (u32)&idt[0x50] + 4 : what == 1 ? (u32)&tss.esp0 : tss.esp0 - 8;
        disarm();
        start_at(3);
        run(int50);
        arm(3, what == 2 ? ON_WRITE : ON_ACCESS, 1, address);
        start_at(3);
        run(int50);
        row(ended(DB, 0, stub_of(0x50)) && (trap_dr6 & DR6_BITS) == 8, "INT 50h, access %u of its delivery",
            what);
        disarm();
    }
    /* The I/O map. */
    tss.io_map[0x84 / 8] = 0;
    start_at(3);
    expect_hit("I/O map", in_port, ON_ACCESS, (u32)&tss.io_map[0x84 / 8], (u32)in_port + 2);
    tss.io_map[0x84 / 8] = 0xFF;
    /* Far return to level 3 pops four words. */
    start_at(0);
    in.esp -= 32;
    ((u32 *)in.esp)[0] = (u32)call + 6;
    ((u32 *)in.esp)[1] = CODE_AT(3);
    ((u32 *)in.esp)[2] = (u32)data + 2048;
    ((u32 *)in.esp)[3] = DATA_AT(3);
    expect_hit("RETF", lret, ON_ACCESS, in.esp + 12, (u32)call + 6);
}

/* --- paging --- */

static u8 *frame(u32 page)
{
    return (u8 *)(FRAMES + page * PAGE);
}

static void build(void)
{
    for (u32 i = 0; i < 2048; i++)
        low_table[i / 1024][i % 1024] = i << 12 | P | W | U;
    for (u32 space = 0; space < 2; space++) {
        directory[space][0] = (u32)low_table[0] | P | W | U;
        directory[space][1] = (u32)low_table[1] | P | W | U;
        directory[space][WINDOW >> 22] = (u32)window_table[space] | P | W | U;
        directory[space][OTHER >> 22] = (u32)other_table | P | W | U;
        for (u32 i = 0; i < 1024; i++)
            window_table[space][i] = (u32)frame((i + 4 * space) & 63) | P | W | U;
    }
    for (u32 i = 0; i < 1024; i++)
        other_table[i] = (u32)frame(i & 63) | P | W | U;
    write_cr3((u32)directory[0]);
    write_cr0(read_cr0() | C0_PG);
}

/* For any page: no absolute addresses. */
CODE(anywhere, "1: incl %eax\n"
               ".globl anywhere_middle\n"
               "anywhere_middle: addl %eax, %ebx\n"
               "decl %ecx\n"
               "jnz 1b");
extern const u8 anywhere_middle[];

static void copy_code(u8 *to)
{
    for (u32 i = 0; i < (u32)(anywhere_end - anywhere); i++)
        to[i] = anywhere[i];
}

static void run_at(u32 linear, u32 times)
{
    start_at(3);
    in.eax = 0;
    in.ecx = times;
    run_noting((const void *)linear);
}

static void aliases(void)
{
    u32 offset = 0x340, middle = offset + (u32)(anywhere_middle - anywhere);
    copy_code(frame(1) + offset);
    copy_code(frame(5) + offset);
    u32 a = WINDOW + PAGE, b = OTHER + PAGE;
    disarm();
    run_at(a + offset, WARM);
    run_at(b + offset, WARM);
    arm(0, ON_EXECUTION, 1, a + middle);
    for (unsigned round = 0; round < 3; round++) {
        run_at(b + offset, WARM);
        row(trap_vector == END && !hits && out.eax == WARM, "the same page at another address: %u hits",
            hits);
        run_at(a + offset, 50);
        row(trap_vector == END && hits == 50 && hit[49].eip == a + middle && hit[49].eax == 50,
            "the page at the armed address: %u hits", hits);
        /* In the other space another page lies there; then this one. */
        write_cr3((u32)directory[1]);
        run_at(a + offset, 50);
        row(trap_vector == END && hits == 50, "another space's page at that address: %u hits", hits);
        run_at(WINDOW + PAGE + 60 * PAGE + offset, WARM); /* frame 1 too */
        row(trap_vector == END && !hits, "the page elsewhere in another space: %u hits", hits);
        write_cr3((u32)directory[0]);
    }
    disarm();
    run_at(a + offset, WARM);
    row(trap_vector == END && !hits && out.eax == WARM, "disarmed");

    /* Data: by linear addresses too. */
    arm(1, ON_WRITE, 4, a + 0x800);
    for (unsigned round = 0; round < 2; round++) {
        start_at(3);
        in.ebx = b + 0x800;
        run_noting(write4);
        row(trap_vector == END && !hits, "data at another address: %u hits", hits);
        start_at(3);
        in.ebx = a + 0x802;
        run_noting(write1);
        row(trap_vector == END && hits == 1, "data at the armed address: %u hits", hits);
    }
    disarm();
}

/* An instruction across two pages, a breakpoint at its start, and one at the first byte of the second page.
 */
static void across_code_pages(void)
{
    u32 edge = WINDOW + 9 * PAGE;
    u8 *to = frame(9) - 7;
    static const u8 code[] = {0x40, 0x90, 0x90, 0x90, 0xBA, 1, 2, 3, 4, 0x49, 0x75, 0xF4, 0xCD, 0x40};
    for (u32 i = 0; i < sizeof code; i++) /* INC EAX, NOPs, MOV EDX, DEC ECX, JNZ, INT 40h */
        to[i] = code[i];
    disarm();
    run_at(edge - 7, WARM);
    row(trap_vector == END && out.eax == WARM, "a loop across two pages");
    static const struct {
        u32 at, times;
    } places[] = {{3, 30}, {4, 0}, {7, 0}, {9, 30}, {10, 30}, {0, 30}};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        disarm();
        arm(i & 3, ON_EXECUTION, 1, edge - 7 + places[i].at + (places[i].at == 3));
        if (places[i].at == 4)
            arm(i & 3, ON_EXECUTION, 1, edge - 2);
        run_at(edge - 7, 30);
        row(trap_vector == END && hits == places[i].times && out.eax == 30,
            "a loop across two pages, breakpoint at %u: %u hits", places[i].at, hits);
    }
    disarm();
}

CODE(jump, "1: decl %ecx; jnz 1b; jmp *%ebx");

/* A breakpoint comes before the fault of the fetch, and before the page is looked up. */
static void on_absent_pages(void)
{
    u32 page = 20, linear = WINDOW + page * PAGE;
    frame(page)[0] = 0x90;
    frame(page)[1] = 0xCD;
    frame(page)[2] = 0x40;
    window_table[0][page] = (u32)frame(page) | W | U;
    write_cr3((u32)directory[0]);
    disarm();
    start_at(3);
    run((void *)linear);
    row(ended(PF, 4, linear), "a page that is not there");
    arm(0, ON_EXECUTION, 1, linear);
    static const struct {
        const char *title;
        const u8 *code;
    } ways[] = {{"IRET", 0}, {"a jump", jump}};
    for (unsigned i = 0; i < 2; i++) {
        start_at(3);
        in.ebx = linear;
        in.ecx = WARM;
        run_noting(ways[i].code ? ways[i].code : (const u8 *)linear);
        row(ended(PF, 4, linear) && hits == 1 && hit[0].eip == linear,
            "breakpoint before #PF, by %s: %u hits", ways[i].title, hits);
    }
    /* Page tables are read and written by the processor without a word. */
    window_table[0][page] = (u32)frame(page) | P | W | U;
    write_cr3((u32)directory[0]);
    disarm();
    warm_up((u32)&window_table[0][page], (u32)data);
    arm(0, ON_ACCESS, 4, (u32)&window_table[0][page]);
    write_cr3((u32)directory[0]);
    start_at(3);
    in.ebx = linear + 128;
    run_noting(write4);
    disarm();
    row(trap_vector == END && !hits && (window_table[0][page] & 0x60) == 0x60, "page tables: %u hits", hits);
}

/* At the end of 4 GB an access goes on at 0 (SDM volume 3, 5.3, leaves it to the processor whether it may).
 */
static void at_the_end(void)
{
    u32 last = 0xFFFFF000, old = low_table[0][0];
    directory[0][1023] = (u32)window_table[0] | P | W | U;
    window_table[0][1023] = (u32)frame(40) | P | W | U;
    low_table[0][0] = (u32)frame(41) | P | W | U;
    write_cr3((u32)directory[0]);
    disarm();
    warm_up(last + 0xFF0, 0x10);
    static const struct {
        u32 base, length;
    } places[] = {{0xFFFFFFFF, 1}, {0xFFFFFFFE, 2}, {0xFFFFFFFC, 4}, {0, 1}, {0, 2}, {0, 4}, {1, 1}, {4, 4}};
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
        for (u32 at = 0xFFFFFFF8; at != 8; at++) {
            u32 base = places[i].base, length = places[i].length;
            arm(3, ON_WRITE, length, base);
            start_at(3);
            in.ebx = at;
            run_noting(write4);
            bool hit_it = at - base < length || base - at < 4;
            row(trap_vector == GP || (trap_vector == END && hits == hit_it),
                "end of 4 GB: %u bytes at %x, write at %x: %u hits", length, base, at, hits);
        }
    disarm();
    low_table[0][0] = old;
    write_cr3((u32)directory[0]);
}

/* --- tasks --- */

CODE(to_task, "ljmp *(%ebx)");
CODE(in_task, "1: movl %eax, (%ebx); incl %edx; decl %ecx; jnz 1b");

/* A task switch leaves global breakpoints alone (SDM volume 3, 17.2.4). */
static void across_tasks(void)
{
    static struct tss task;
    static struct {
        u32 offset;
        u16 selector;
    } __attribute__((packed)) far_pointer = {0, SEL_FREE};
    for (unsigned global = 0; global < 2; global++) {
        memset(&task, 0, 104);
        task.cr3 = read_cr3();
        task.eip = (u32)in_task;
        task.eflags = F_1;
        task.ecx = 30;
        task.ebx = (u32)data + 0x80;
        task.esp = (u32)data + 0x1800;
        task.cs = CODE_AT(0);
        task.es = task.ss = task.ds = task.fs = task.gs = DATA_AT(0);
        set_gdt(SEL_FREE, descriptor((u32)&task, 0x67, 0x89, 0));
        disarm();
        write_dr0((u32)data + 0x80);
        write_dr1((u32)in_task + 2);
        write_dr7(0x400 | (global ? 0xA : 5) | 0xD << 16); /* a write of 4 bytes, an instruction */
        start_at(0);
        in.ebx = (u32)&far_pointer;
        run_noting(to_task);
        row(trap_vector == END && hits == (global ? 60 : 0) && out.edx == 30,
            "%s breakpoints in another task: %u hits", global ? "global" : "local", hits);
        load_tr(SEL_TSS);
        disarm();
    }
}

/* --- ports --- */

CODE(out_loop, "1: outb %al, $0x84\n"
               "decl %ecx\n"
               "jnz 1b");

static void ports(void)
{
    if (!HAS_DE)
        return;
    write_cr4(read_cr4() | C4_DE);
    disarm();
    start_at(0);
    in.ecx = WARM;
    run_noting(out_loop);
    arm(3, ON_PORT, 1, 0x84);
    start_at(0);
    in.ecx = 50;
    run_noting(out_loop);
    row(trap_vector == END && hits == 50 && hit[0].eip == (u32)out_loop + 2 && hit[0].dr6 == 8,
        "port in a loop: %u hits", hits);
    arm(3, ON_PORT, 1, 0x85);
    start_at(0);
    in.ecx = WARM;
    run_noting(out_loop);
    row(trap_vector == END && !hits, "another port: %u hits", hits);
    write_cr4(read_cr4() & ~(u32)C4_DE);
    disarm();
}

void test_main(void)
{
    in_loops();
    in_shadow();
    with_steps();
    written_in_loops();
    changing_code();
    across_pages();
    kinds_of_accesses();
    repetitions();
    by_the_processor();
    ports();
    build();
    in_loops();
    across_pages();
    kinds_of_accesses();
    aliases();
    across_code_pages();
    on_absent_pages();
    at_the_end();
    across_tasks();
}
