/* Paging: rights, accessed and dirty bits, error codes, CR2, 4 MB pages, PAE, global pages, what a TLB may
 * keep, and faults in the middle of everything. SDM volume 3, chapter 4. */
#include "tests/system/test.h"

#define WINDOW   0x00800000u /* linear: what the tests map */
#define FRAMES   0x00600000u /* physical: the pages behind it */
#define SEL      SEL_FREE
#define SEL_GATE (SEL_FREE + 8)
#define SEL_NEW  (SEL_FREE + 16)
enum { P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80, G = 0x100 };
enum { E_P = 1, E_W = 2, E_U = 4, E_RSVD = 8 };

static u32 directory[1024] __attribute__((aligned(4096))), directory2[1024] __attribute__((aligned(4096)));
static u32 low_table[2][1024] __attribute__((aligned(4096))), table[1024] __attribute__((aligned(4096)));
static u64 pdpt[4] __attribute__((aligned(32)));
static u64 pae_directory[2][512] __attribute__((aligned(4096))),
    pae_table[512] __attribute__((aligned(4096)));

static struct {
    u32 offset;
    u16 selector;
} __attribute__((packed)) far_pointer;

CODE(read4, "movl (%ebx), %eax");
CODE(write4, "movl %eax, (%ebx)");
CODE(add4, "addl %eax, (%ebx)");
CODE(jump, "jmp *%ebx");
CODE(read1, "movb (%ebx), %al");
CODE(pushal, "pushal");
CODE(call_far, "lcall *(%ebx)");
CODE(int50, "int $0x50");
CODE(int90, "int $0x90");
CODE(load_ds, "mov %eax, %ds");
CODE(lar, "lar %eax, %eax");
CODE(rep_movs, "rep movsl");
CODE(xchg, "xchgl %eax, (%ebx)");
CODE(fnsave, "fnsave (%ebx)");
CODE(fstp, "fld1; fstpt (%ebx)");
CODE(fxsave, ".byte 0x0F, 0xAE, 0x03");
CODE(enter, "enter $8, $2");
CODE(target, "nop");
CODE(cmpxchg, ".byte 0x0F, 0xB1, 0x0B");
CODE(bts, "btsl %ecx, (%ebx)");
CODE(invlpg_v, ".byte 0x0F, 0x01, 0x3B");
CODE(jump_far, "ljmp *(%ebx)");
CODE(mov_to_cr0, "mov %eax, %cr0");
CODE(mov_to_cr3, "mov %eax, %cr3");
CODE(mov_to_cr4, "mov %eax, %cr4");
CODE16(v_read, "movw (0), %ax");

static void flush(void)
{
    write_cr3(read_cr3());
}

static void invlpg(u32 linear)
{
    if (family >= 4)
        __asm__ volatile(".byte 0x0F, 0x01, 0x38" : : "a"(linear) : "memory"); /* INVLPG (EAX) */
    else
        flush();
}

static u32 frame(u32 page)
{
    return FRAMES + page * 4096;
}

static void set_page(u32 page, u32 value)
{
    table[page] = value;
    invlpg(WINDOW + page * 4096);
}

static void map_window(u32 rights)
{
    for (u32 i = 0; i < 1024; i++)
        table[i] = i < 512 ? frame(i) | rights : 0;
    directory[WINDOW >> 22] = (u32)table | P | W | U;
    flush();
}

static void build(void)
{
    for (u32 i = 0; i < 2048; i++)
        low_table[i / 1024][i % 1024] = i << 12 | P | W | U;
    directory[0] = directory2[0] = (u32)low_table[0] | P | W | U;
    directory[1] = directory2[1] = (u32)low_table[1] | P | W | U;
    map_window(P | W | U);
    write_cr3((u32)directory);
    write_cr0(read_cr0() | C0_PG);
}

/* --- rights: every combination of the two levels, level, access, WP --- */

enum access { READ, WRITE, MODIFY, FETCH, ACCESSES };
static const char *const access_names[] = {"read", "write", "read-modify-write", "fetch"};

static void run_access(enum access access, unsigned level, u32 linear)
{
    static const u8 *const codes[] = {read4, write4, add4, jump};
    start_at(level);
    in.ebx = linear;
    run(codes[access]);
}

static u32 expected_error(u32 rights, enum access access, unsigned level, bool wp)
{
    bool write = access == WRITE || access == MODIFY, user = level == 3;
    u32 error = (write ? E_W : 0) | (user ? E_U : 0);
    if (!(rights & P))
        return error | 0x100;
    if (user ? !(rights & U) || (write && !(rights & W)) : write && !(rights & W) && wp)
        return error | E_P | 0x100;
    return 0;
}

static void check_access(const char *what, u32 linear, u32 expected, enum access access, unsigned level)
{
    u32 end = access == FETCH ? linear + 2 : in.eip + 4;
    if (expected)
        row((access == FETCH ? trap_vector == PF && out.eip == linear && trap_error == (expected & 0xFF)
                             : faulted(PF, expected & 0xFF, in.eip)) &&
                trap_cr2 == linear,
            "%s: %s at level %u: #PF with error %x expected, CR2 %x", what, access_names[access], level,
            expected & 0xFF, trap_cr2);
    else
        row(ended(END, 0, end), "%s: %s at level %u", what, access_names[access], level);
}

static void rights(void)
{
    u32 linear = WINDOW + 5 * 4096 + 0x120;
    for (unsigned wp = 0; wp < (family >= 4 ? 2 : 1); wp++) {
        write_cr0((read_cr0() & ~(u32)C0_WP) | (wp ? C0_WP : 0));
        for (u32 pde = 0; pde < 8; pde++)
            for (u32 pte = 0; pte < 8; pte++)
                for (unsigned level = 0; level < 4; level += 1)
                    for (enum access access = 0; access < ACCESSES; access++) {
                        *(u16 *)(frame(5) + 0x120) = 0x40CD; /* INT 40h */
                        directory[WINDOW >> 22] = (u32)table | pde;
                        table[5] = frame(5) | pte;
                        flush();
                        u32 expected = expected_error(pde & pte, access, level, wp);
                        run_access(access, level, linear);
                        bool write = access == WRITE || access == MODIFY;
                        u32 pte_after = table[5];
                        check_access("page", linear, expected, access, level);
                        if (!expected)
                            row((directory[WINDOW >> 22] & (A | D)) == A &&
                                    (pte_after & (A | D)) == (write ? A | D : A),
                                "%s sets A and D: PDE %x PTE %x", access_names[access],
                                directory[WINDOW >> 22], pte_after);
                        else
                            row(!(pte_after & D), "%s that faults sets no D", access_names[access]);
                    }
    }
    write_cr0(read_cr0() & ~(u32)C0_WP);
    map_window(P | W | U);
    /* D after a read that is remembered; A again after INVLPG. */
    set_page(7, frame(7) | P | W | U);
    run_access(READ, 3, WINDOW + 7 * 4096);
    row((table[7] & (A | D)) == A, "read: A alone");
    run_access(WRITE, 3, WINDOW + 7 * 4096);
    row((table[7] & (A | D)) == (A | D), "write after read sets D");
    set_page(7, frame(7) | P | W | U);
    run_access(READ, 3, WINDOW + 7 * 4096);
    row((table[7] & (A | D)) == A, "A after INVLPG");
    set_page(7, frame(7) | P | W | U | D);
    run_access(READ, 3, WINDOW + 7 * 4096);
    row((table[7] & (A | D)) == (A | D), "D is never cleared");
    /* The bits that software may use stay. */
    set_page(7, frame(7) | P | W | U | 0xE00);
    run_access(WRITE, 3, WINDOW + 7 * 4096);
    row(table[7] == (frame(7) | P | W | U | 0xE00 | A | D), "available bits of a PTE: %x", table[7]);
}

/* --- accesses over two pages --- */

static void crossings(void)
{
    for (unsigned first = 0; first < 2; first++)
        for (unsigned second = 0; second < 2; second++)
            for (u32 back = 1; back < 4; back++)
                for (enum access access = READ; access < FETCH; access++) {
                    u32 linear = WINDOW + 0x2000 - back;
                    set_page(1, frame(1) | W | U | first);
                    set_page(2, frame(2) | W | U | second);
                    memset((void *)(frame(2) - 4), 0x11, 8);
                    run_access(access, 3, linear);
                    u32 error = E_U | (access == READ ? 0 : E_W);
                    if (first && second)
                        row(trap_vector == END, "%s over two pages", access_names[access]);
                    else
                        row(faulted(PF, error, in.eip) && trap_cr2 == (first ? WINDOW + 0x2000 : linear) &&
                                *(u32 *)(frame(2) - 4) == 0x11111111 && *(u32 *)frame(2) == 0x11111111,
                            "%s over two pages, present %u %u: CR2 %x", access_names[access], first, second,
                            trap_cr2);
                }
    /* Instructions over two pages: CR2 is the second page's first byte. */
    for (u32 back = 1; back < 5; back++) {
        u8 *code = (u8 *)(frame(2) - back);
        code[0] = 0xB8; /* MOV EAX, imm32 */
        code[5] = 0xCD;
        code[6] = 0x40;
        set_page(1, frame(1) | P | U);
        set_page(2, frame(2) | U);
        start_at(3);
        run((void *)(WINDOW + 0x2000 - back));
        row(faulted(PF, E_U, in.eip) && trap_cr2 == WINDOW + 0x2000,
            "instruction into an absent page: CR2 %x", trap_cr2);
        set_page(2, frame(2) | P | U);
        start_at(3);
        run((void *)(WINDOW + 0x2000 - back));
        row(trap_vector == END, "instruction over two pages");
        /* The pages need not lie next to each other. */
        u8 *far_part = (u8 *)frame(40);
        for (u32 i = 0; i < 8; i++)
            far_part[i] = code[back + i];
        memset((void *)frame(2), 0xF4, 8);
        set_page(2, frame(40) | P | U);
        start_at(3);
        run((void *)(WINDOW + 0x2000 - back));
        row(trap_vector == END, "instruction over two pages that are apart");
    }
    map_window(P | W | U);
}

/* --- instructions with many accesses change nothing when one of them faults --- */

static void many(void)
{
    set_page(1, 0);
    start_at(3);
    in.esp = WINDOW + 0x2010;
    expect_fault("PUSHA into an absent page", pushal, PF, E_U | E_W);
    row(trap_cr2 < WINDOW + 0x2000 && trap_cr2 >= WINDOW + 0x1FF0, "PUSHA: CR2 %x", trap_cr2);
    start_at(3);
    in.esp = WINDOW + 0x2008;
    in.ebp = WINDOW + 0x2100;
    expect_fault("ENTER into an absent page", enter, PF, E_U | E_W);
    far_pointer.selector = CODE_AT(3);
    far_pointer.offset = (u32)target;
    start_at(3);
    in.esp = WINDOW + 0x2004;
    in.ebx = (u32)&far_pointer;
    expect_fault("far CALL into an absent page", call_far, PF, E_U | E_W);
    start_at(3);
    in.ebx = WINDOW + 0x0FF0;
    *(u32 *)(frame(0) + 0xFF0) = 0x5A5A5A5A;
    expect_fault("FNSAVE into an absent page", fnsave, PF, E_U | E_W);
    start_at(3);
    in.ebx = WINDOW + 0x0FFA;
    run(fstp);
    row(ended(PF, E_U | E_W, in.eip + 2) && trap_cr2 == WINDOW + 0x1000,
        "FSTP m80 into an absent page: CR2 %x", trap_cr2);
    if (features & 1 << 24)
        for (u32 at = WINDOW + 0xF80; at <= WINDOW + 0x1000; at += 0x80) {
            start_at(3);
            in.ebx = at;
            expect_fault("FXSAVE into an absent page", fxsave, PF, E_U | E_W);
        }
    set_page(1, frame(1) | P | U);
    start_at(3);
    in.ebx = WINDOW + 0x1000;
    expect_fault("XCHG with a read-only page", xchg, PF, E_P | E_U | E_W);
    start_at(3);
    in.ebx = WINDOW + 0x1000;
    in.ecx = 64;
    expect_fault("BTS in a read-only page", bts, PF, E_P | E_U | E_W);
    if (family >= 4) {
        /* CMPXCHG writes in any case. */
        *(u32 *)frame(1) = 1;
        start_at(3);
        in.ebx = WINDOW + 0x1000;
        expect_fault("CMPXCHG that differs, in a read-only page", cmpxchg, PF, E_P | E_U | E_W);
    }
    map_window(P | W | U);
}

/* --- restart of REP MOVS with every page brought in by the handler --- */

static u32 brought_in;

static int bring_in(void)
{
    if (trap_vector != PF || trap_cr2 < WINDOW || trap_cr2 >= WINDOW + 0x200000)
        return 0;
    u32 page = (trap_cr2 - WINDOW) >> 12;
    table[page] = frame(page) | P | W | U;
    brought_in++;
    return 2;
}

static void restart(void)
{
    for (u32 i = 0; i < 0x8000; i++)
        ((u32 *)FRAMES)[i] = i * 0x01234567;
    for (u32 shift = 0; shift < 4; shift += 3) {
        for (u32 i = 0; i < 512; i++)
            table[i] = 0;
        flush();
        brought_in = 0;
        start_at(3);
        in.esi = WINDOW + shift;
        in.edi = WINDOW + 0x40000 + 2 * shift;
        in.ecx = 0x4000;
        trap_fixup = bring_in;
        run(rep_movs);
        bool good = trap_vector == END && out.ecx == 0 && brought_in == (shift ? 34 : 32);
        for (u32 i = 0; good && i < 0x10000; i++)
            good = ((u8 *)FRAMES)[shift + i] == ((u8 *)FRAMES)[0x40000 + 2 * shift + i];
        row(good, "REP MOVS with pages brought in: %u faults", brought_in);
    }
    trap_fixup = 0;
    map_window(P | W | U);
}

/* --- the system's own accesses --- */

static void system_accesses(void)
{
    /* Tables that only the supervisor may see serve level 3 all the same. */
    u32 pages[] = {(u32)gdt, (u32)idt, (u32)&tss};
    for (unsigned i = 0; i < 3; i++)
        low_table[pages[i] >> 22][pages[i] >> 12 & 1023] &= ~(u32)U;
    flush();
    start_at(3);
    in.eax = DATA_AT(3);
    run(load_ds);
    row(trap_vector == END, "segment load at level 3 with the GDT in a supervisor page");
    run_access(READ, 3, (u32)gdt);
    row(faulted(PF, E_P | E_U, in.eip) && trap_cr2 == (u32)gdt, "the GDT itself is hidden from level 3");
    run_access(READ, 2, (u32)gdt);
    row(trap_vector == END, "level 2 is supervisor");
    for (unsigned i = 0; i < 3; i++)
        low_table[pages[i] >> 22][pages[i] >> 12 & 1023] |= U;
    flush();

    /* Descriptors in an absent or read-only page: the LDT lies in the window. */
    u64 *window_ldt = (u64 *)frame(3);
    window_ldt[1] = descriptor(0, 0xFFFFF, 0xF2, 12);
    set_gdt(SEL, descriptor(WINDOW + 0x3000, 0xFFF, 0x82, 0));
    __asm__ volatile("lldt %0" : : "r"((u16)SEL));
    set_page(3, 0);
    start_at(3);
    in.eax = 0xF;
    expect_fault("descriptor in an absent page", load_ds, PF, 0);
    row(trap_cr2 == WINDOW + 0x3008, "descriptor in an absent page: CR2 %x", trap_cr2);
    start_at(3);
    in.eax = 0xF;
    expect_fault("LAR of a descriptor in an absent page", lar, PF, 0);
    set_page(3, frame(3) | P);
    if (family >= 4) {
        write_cr0(read_cr0() | C0_WP);
        start_at(3);
        in.eax = 0xF;
        run(load_ds);
        row(faulted(PF, E_P | E_W, in.eip), "accessed bit in a read-only page with WP");
        write_cr0(read_cr0() & ~(u32)C0_WP);
    }
    start_at(3);
    in.eax = 0xF;
    run(load_ds);
    row(trap_vector == END && (window_ldt[1] >> 40 & 1), "accessed bit in a read-only page without WP");
    __asm__ volatile("lldt %0" : : "r"((u16)0));

    /* The IDT, half of it absent. */
    memcpy((void *)(frame(5) - 0x400), idt, sizeof idt);
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) pointer = {sizeof idt - 1, WINDOW + 0x4C00};
    set_page(5, 0);
    __asm__ volatile("lidt %0" : : "m"(pointer));
    start_at(3);
    expect_fault("gate in an absent page", int90, PF, 0);
    row(trap_cr2 == WINDOW + 0x4C00 + 0x90 * 8, "gate in an absent page: CR2 %x", trap_cr2);
    pointer.base = (u32)idt;
    __asm__ volatile("lidt %0" : : "m"(pointer));

    /* The inner stack. */
    set_page(6, 0);
    u32 esp1 = tss.esp1;
    tss.esp1 = WINDOW + 0x7008;
    set_gdt(SEL_GATE, gate(12, 3, CODE_AT(1), (u32)target, 0));
    set_idt(0x50, gate(14, 3, CODE_AT(1), (u32)target, 0));
    far_pointer.selector = SEL_GATE;
    start_at(3);
    in.ebx = (u32)&far_pointer;
    expect_fault("inner stack in an absent page, CALL", call_far, PF, E_W);
    start_at(3);
    expect_fault("inner stack in an absent page, INT", int50, PF, E_W);
    set_page(6, frame(6) | P | W);
    set_page(7, frame(7) | P | W);
    start_at(3);
    expect_end("inner stack in supervisor pages", int50, target_end);
    tss.esp1 = esp1;
    reset_idt(0x50);

    /* V86 mode is user. */
    low_table[0][0x51] &= ~(u32)U;
    flush();
    start_v86(v_read);
    run(v_read);
    row(faulted(PF, E_P | E_U, in.eip) && trap_cr2 == 0x51000, "V86 mode reads a supervisor page: CR2 %x",
        trap_cr2);
    low_table[0][0x51] |= U;
    map_window(P | W | U);
}

/* --- what the TLB may keep and what it must drop --- */

static void tlb(void)
{
    *(u32 *)frame(8) = 0x88888888;
    *(u32 *)frame(9) = 0x99999999;
    set_page(8, frame(8) | P | W | U);
    run_access(READ, 3, WINDOW + 0x8000);
    row(out.eax == 0x88888888, "first mapping");
    set_page(8, frame(9) | P | W | U);
    run_access(READ, 3, WINDOW + 0x8000);
    row(out.eax == 0x99999999, "INVLPG shows the new mapping");
    table[8] = frame(8) | P | W | U;
    flush();
    run_access(READ, 3, WINDOW + 0x8000);
    row(out.eax == 0x88888888, "MOV CR3 shows the new mapping");
    /* An absent page is not remembered. */
    set_page(8, 0);
    run_access(READ, 3, WINDOW + 0x8000);
    table[8] = frame(9) | P | W | U;
    run_access(READ, 3, WINDOW + 0x8000);
    row(trap_vector == END && out.eax == 0x99999999, "from absent to present needs no flush");
    /* Code by another page. */
    *(u32 *)frame(8) = 0x9040CD40; /* INC EAX; INT 40h */
    *(u32 *)frame(9) = 0x40CD4040; /* INC EAX; INC EAX; INT 40h */
    set_page(8, frame(8) | P | U);
    start_at(3);
    run((void *)(WINDOW + 0x8000));
    row(out.eax == in.eax + 1, "code of the first mapping");
    set_page(8, frame(9) | P | U);
    start_at(3);
    run((void *)(WINDOW + 0x8000));
    row(out.eax == in.eax + 2, "code of the new mapping after INVLPG");
    table[8] = frame(8) | P | U;
    flush();
    start_at(3);
    run((void *)(WINDOW + 0x8000));
    row(out.eax == in.eax + 1, "code of the new mapping after MOV CR3");
    /* Two addresses, one page. */
    set_page(8, frame(8) | P | W | U);
    set_page(9, frame(8) | P | W | U);
    run_access(WRITE, 3, WINDOW + 0x9100);
    run_access(READ, 3, WINDOW + 0x8100);
    row(out.eax == 0xA0A1A2A3, "two addresses of one page");
    if (family >= 4) {
        start_v86(v_read);
        start_at(3);
        expect_fault("INVLPG at level 3", invlpg_v, GP, 0);
    }
    /* Another directory. */
    memcpy(directory2, directory, sizeof directory);
    directory2[WINDOW >> 22] = 0;
    write_cr3((u32)directory2);
    run_access(READ, 3, WINDOW + 0x8000);
    row(faulted(PF, E_U, in.eip), "the other directory");
    write_cr3((u32)directory);
    run_access(READ, 3, WINDOW + 0x8000);
    row(trap_vector == END, "the first directory again");
    /* Paging off and on. */
    table[8] = frame(10) | P | W | U;
    *(u32 *)frame(10) = 0x10101010;
    write_cr0(read_cr0() & ~(u32)C0_PG);
    write_cr0(read_cr0() | C0_PG);
    flush();
    run_access(READ, 3, WINDOW + 0x8000);
    row(out.eax == 0x10101010, "paging off and on");

    if (HAS_PGE) {
        write_cr4(read_cr4() | C4_PGE);
        *(u32 *)frame(11) = 0x11111111;
        *(u32 *)frame(12) = 0x12121212;
        set_page(11, frame(11) | P | W | U | G);
        run_access(READ, 3, WINDOW + 0xB000);
        table[11] = frame(12) | P | W | U | G;
        invlpg(WINDOW + 0xB000);
        run_access(READ, 3, WINDOW + 0xB000);
        row(out.eax == 0x12121212, "INVLPG drops a global page");
        table[11] = frame(11) | P | W | U | G;
        write_cr4(read_cr4() & ~(u32)C4_PGE);
        run_access(READ, 3, WINDOW + 0xB000);
        row(out.eax == 0x11111111, "CR4.PGE drops global pages");
    }
    map_window(P | W | U);
}

/* A task switch to another address space. */
static void task(void)
{
    static struct {
        u16 link, r0;
        u32 esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, gpr[8], segment[6], ldt;
        u16 trap, io_base;
    } new;
    new.esp0 = tss.esp0;
    new.ss0 = DATA_AT(0);
    new.cr3 = (u32)directory2;
    new.eip = (u32)read4;
    new.eflags = F_1;
    new.gpr[3] = WINDOW;
    new.gpr[4] = in.esp - 512;
    for (unsigned i = 0; i < 6; i++)
        new.segment[i] = DATA_AT(3);
    new.segment[1] = CODE_AT(3);
    static u32 table2[1024] __attribute__((aligned(4096)));
    memcpy(directory2, directory, sizeof directory);
    directory2[WINDOW >> 22] = (u32)table2 | P | W | U;
    table2[0] = frame(20) | P | W | U;
    *(u32 *)frame(20) = 0x20202020;
    *(u32 *)frame(0) = 0;
    run_access(READ, 3, WINDOW);
    set_gdt(SEL_NEW, descriptor((u32) & new, sizeof new - 1, 0x89, 0));
    far_pointer.selector = SEL_NEW;
    start_at(0);
    in.ebx = (u32)&far_pointer;
    run(jump_far);
    row(trap_vector == END && out.eax == 0x20202020 && read_cr3() == (u32)directory2,
        "a task switch loads CR3: EAX %x", out.eax);
    load_tr(SEL_TSS);
    write_cr3((u32)directory);
    __asm__ volatile("clts");
}

/* What fails in the middle of a switch or a transfer has changed nothing. */
CODE(iret_at, "movl %ebx, %esp; iret");

static void halfway(void)
{
    static u8 new_bytes[0x68] __attribute__((aligned(16)));
    static u64 own_gdt[512] __attribute__((aligned(4096)));
    static const u32 segments[6] = {DATA_AT(3), CODE_AT(3), DATA_AT(3), DATA_AT(3), DATA_AT(3), DATA_AT(3)};
    u32 *new = (u32 *)new_bytes;
    /* The busy bit of the new TSS cannot be written: the old one has not been saved. */
    new[0x1C / 4] = (u32)directory;
    new[0x20 / 4] = (u32)target;
    new[0x24 / 4] = F_1;
    new[0x38 / 4] = in.esp - 512;
    new[1] = tss.esp0;
    new[2] = DATA_AT(0);
    for (unsigned i = 0; i < 6; i++)
        new[0x48 / 4 + i] = segments[i];
    set_gdt(SEL_NEW, descriptor((u32)new_bytes, sizeof new_bytes - 1, 0x89, 0));
    memcpy(own_gdt, gdt, sizeof gdt);
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) own = {sizeof gdt - 1, (u32)own_gdt}, old = {sizeof gdt - 1, (u32)gdt};
    u32 *entry = &low_table[(u32)own_gdt >> 22][(u32)own_gdt >> 12 & 1023];
    far_pointer.selector = SEL_NEW;
    if (family >= 4) {
        __asm__ volatile("lgdt %0" : : "m"(own));
        *entry &= ~(u32)W;
        flush();
        write_cr0(read_cr0() | C0_WP);
        tss.eip = 0x12345678;
        start_at(0);
        in.ebx = (u32)&far_pointer;
        run(call_far);
        write_cr0(read_cr0() & ~C0_WP);
        *entry |= W;
        flush();
        __asm__ volatile("lgdt %0" : : "m"(old));
        row(faulted(PF, E_P | E_W, in.eip) && trap_cr2 == (u32)own_gdt + SEL_NEW + 5 && tss.eip == 0x12345678,
            "CALL to a TSS whose busy bit cannot be written: CR2 %x, saved EIP %x", trap_cr2, tss.eip);
        load_tr(SEL_TSS);
    }
    /* Of the old TSS only what is written need be there. */
    u64 whole = gdt[SEL_TSS / 8];
    set_page(0, frame(0) | P | W | U);
    set_page(1, 0);
    memcpy((void *)(WINDOW + 0x1000 - 0x60), &tss, 0x60);
    set_gdt(SEL_TSS, descriptor(WINDOW + 0x1000 - 0x60, 0x67, 0x89, 0));
    load_tr(SEL_TSS);
    start_at(0);
    in.ebx = (u32)&far_pointer;
    run(jump_far);
    row(trap_vector == END && trap_tr == SEL_NEW, "JMP from a TSS whose end is absent: CR2 %x", trap_cr2);
    set_gdt(SEL_TSS, whole);
    load_tr(SEL_TSS);
    __asm__ volatile("clts");
    /* Parameters of a call gate of which only half are there. */
    set_gdt(SEL_NEW, gate(12, 3, CODE_AT(0), (u32)target, 4));
    start_at(3);
    in.ebx = (u32)&far_pointer;
    in.esp = WINDOW + 0x1000 - 8;
    run(call_far);
    row(faulted(PF, E_U, in.eip) && trap_cr2 == WINDOW + 0x1000,
        "CALL with parameters on an absent page: CR2 %x", trap_cr2);
    set_page(1, frame(1) | P | W | U);
    run(call_far);
    row(trap_vector == END && out.cs == CODE_AT(0), "CALL with parameters on two pages");
    /* IRET to level 3 with the outer stack's pointer on an absent page. */
    start_at(1);
    in.ebx = WINDOW + 0x1000 - 12;
    u32 *stack = (u32 *)in.ebx;
    stack[0] = (u32)target;
    stack[1] = CODE_AT(3);
    stack[2] = F_1 | F_CF;
    stack[3] = WINDOW + 0x800;
    stack[4] = DATA_AT(3);
    set_page(1, 0);
    run(iret_at);
    row(ended(PF, 0, in.eip + 2) && out.cs == CODE_AT(1) && out.esp == in.ebx && trap_cr2 == WINDOW + 0x1000,
        "IRET from two pages: CR2 %x", trap_cr2);
    set_page(1, frame(1) | P | W | U);
    start_at(1);
    in.ebx = WINDOW + 0x1000 - 12;
    run(iret_at);
    row(ended(END, 0, (u32)target_end) && out.cs == CODE_AT(3) && out.esp == WINDOW + 0x800,
        "IRET from two pages that are there");
}

/* Code that is written at another linear address than it runs at. */
static void aliases(void)
{
    /* movb $0x41 (INC ECX), (%ebx); nop; nop; int $0x40 */
    static const u8 writer[] = {0xC6, 0x03, 0x41, 0x90, 0x90, 0xCD, 0x40};
    /* movl $0x11111111, %eax; int $0x40, the last bytes on the next page */
    static const u8 crosser[] = {0xB8, 0x11, 0x11, 0x11, 0x11, 0xCD, 0x40};
    u8 *code = (u8 *)(WINDOW + 5 * 4096), *crossing = (u8 *)(WINDOW + 0x6FFD);
    set_page(5, frame(5) | P | W | U);
    set_page(6, frame(6) | P | W | U);
    set_page(7, frame(7) | P | W | U);
    set_page(8, frame(5) | P | W | U);
    set_page(9, frame(7) | P | W | U);
    memcpy(code, writer, sizeof writer);
    memcpy(crossing, crosser, sizeof crosser);
    for (unsigned time = 0; time < 3; time++)
        for (unsigned i = 0; i < 2; i++) {
            *(u8 *)(frame(5) + 3) = *(u8 *)(frame(5) + 4) = 0x90;
            start_at(3);
            in.ebx = WINDOW + 8 * 4096 + 3 + i;
            run(code);
            row(trap_vector == END && out.ecx == in.ecx + 1,
                "code written at another address, %u bytes on: ECX %x", i, out.ecx);
        }
    for (unsigned time = 0; time < 4; time++) {
        start_at(3);
        run(crossing);
        row(trap_vector == END && out.eax == (time ? time * 0x01010000 + 0x1111 : 0x11111111),
            "code on two pages, the second written at another address: EAX %x", out.eax);
        *(u16 *)(WINDOW + 9 * 4096) = (u16)((time + 1) * 0x101);
    }
    /* The second page becomes another one. */
    memcpy((void *)frame(10), (void *)frame(7), 16);
    *(u16 *)frame(10) = 0x5555;
    set_page(7, frame(10) | P | W | U);
    start_at(3);
    run(crossing);
    row(trap_vector == END && out.eax == 0x55551111, "code on two pages, the second replaced: EAX %x",
        out.eax);
    set_page(7, 0);
    start_at(3);
    run(crossing);
    row(faulted(PF, E_U, (u32)crossing) && trap_cr2 == WINDOW + 0x7000,
        "code on two pages, the second gone: CR2 %x", trap_cr2);
    map_window(P | W | U);
}

/* --- 4 MB pages --- */

static void large(void)
{
    /* Without CR4.PSE the bit means nothing. */
    directory[WINDOW >> 22] = (u32)table | P | W | U | PS;
    flush();
    run_access(READ, 3, WINDOW + 0x8000);
    row(trap_vector == END && out.eax == *(u32 *)frame(8), "PS without CR4.PSE");
    if (!HAS_PSE)
        return;
    u32 cr4 = read_cr4();
    write_cr4(cr4 | C4_PSE);
    for (unsigned wp = 0; wp < 2; wp++) {
        write_cr0((read_cr0() & ~(u32)C0_WP) | (wp ? C0_WP : 0));
        for (u32 pde = 0; pde < 8; pde++)
            for (unsigned level = 0; level < 4; level += 3)
                for (enum access access = 0; access < ACCESSES; access++) {
                    u32 linear = WINDOW + 0x201234;
                    *(u16 *)0x601234 = 0x40CD;
                    directory[WINDOW >> 22] = 0x400000 | PS | pde;
                    flush();
                    run_access(access, level, linear);
                    check_access("large page", linear, expected_error(pde, access, level, wp), access, level);
                    if (!expected_error(pde, access, level, wp))
                        row((directory[WINDOW >> 22] & (A | D)) ==
                                (access == WRITE || access == MODIFY ? A | D : A),
                            "large page: %s: A and D", access_names[access]);
                }
    }
    write_cr0(read_cr0() & ~(u32)C0_WP);
    /* Reserved bits: 21 always; 13 to 20 where there is no PSE-36, 17 to 20 where there is. */
    for (u32 bit = 12; bit < 22; bit++) {
        bool pse36 = features & 1 << 17;
        if (pse36 && bit >= 13 && bit < 17)
            continue; /* addresses above 4 GB: nothing is there */
        directory[WINDOW >> 22] = 0x400000 | PS | P | W | U | 1u << bit;
        flush();
        run_access(READ, 3, WINDOW + 0x8000);
        row(bit == 12 ? trap_vector == END : faulted(PF, E_RSVD | E_P | E_U, in.eip),
            "large page with bit %u", bit);
    }
    /* INVLPG of any address in it drops all of it. */
    directory[WINDOW >> 22] = 0x400000 | PS | P | W | U;
    flush();
    *(u32 *)0x680000 = 0x68686868;
    run_access(READ, 3, WINDOW + 0x280000);
    row(out.eax == 0x68686868, "large page");
    map_window(P | W | U);
    directory[WINDOW >> 22] = 0x400000 | PS | P | W | U;
    flush();
    run_access(READ, 3, WINDOW + 0x280000);
    run_access(READ, 3, WINDOW + 0x100000);
    directory[WINDOW >> 22] = 0xC00000 | PS | P | W | U;
    directory[3] = 0xC00000 | PS | P | W;
    *(u32 *)0xE80000 = 0xE8E8E8E8;
    invlpg(WINDOW + 0x3000);
    run_access(READ, 3, WINDOW + 0x280000);
    row(out.eax == 0xE8E8E8E8, "INVLPG drops all of a large page");
    write_cr4(cr4);
    map_window(P | W | U);
}

/* --- PAE --- */

static void pae_flush(void)
{
    write_cr3((u32)pdpt);
}

static void pae(void)
{
    u32 cr4 = read_cr4();
    for (u32 i = 0; i < 512; i++)
        pae_directory[0][i] = (u64)i << 21 | P | W | U | PS;
    for (u32 i = 0; i < 512; i++)
        pae_table[i] = frame(i) | P | W | U;
    pae_directory[0][WINDOW >> 21] = (u32)pae_table | P | W | U;
    pdpt[0] = (u32)pae_directory[0] | P;
    pdpt[1] = (u32)pae_directory[1] | P;
    write_cr0(read_cr0() & ~(u32)C0_PG);
    write_cr4(cr4 | C4_PAE);
    write_cr3((u32)pdpt);
    write_cr0(read_cr0() | C0_PG);

    u32 linear = WINDOW + 5 * 4096 + 0x120;
    for (unsigned wp = 0; wp < 2; wp++) {
        write_cr0((read_cr0() & ~(u32)C0_WP) | (wp ? C0_WP : 0));
        for (u32 pde = 0; pde < 8; pde++)
            for (u32 pte = 0; pte < 8; pte++)
                for (unsigned level = 0; level < 4; level += 3)
                    for (enum access access = 0; access < ACCESSES; access++) {
                        *(u16 *)(frame(5) + 0x120) = 0x40CD;
                        pae_directory[0][WINDOW >> 21] = (u32)pae_table | pde;
                        pae_table[5] = frame(5) | pte;
                        pae_flush();
                        u32 expected = expected_error(pde & pte, access, level, wp);
                        run_access(access, level, linear);
                        check_access("PAE page", linear, expected, access, level);
                        bool write = access == WRITE || access == MODIFY;
                        if (!expected)
                            row((pae_table[5] & (A | D)) == (write ? A | D : A) &&
                                    (pae_directory[0][WINDOW >> 21] & (A | D)) == A,
                                "PAE: %s sets A and D", access_names[access]);
                    }
        /* 2 MB */
        for (u32 pde = 0; pde < 8; pde++)
            for (enum access access = 0; access < ACCESSES; access++) {
                *(u16 *)(FRAMES + 0x5120) = 0x40CD;
                pae_directory[0][WINDOW >> 21] = FRAMES | PS | pde;
                pae_flush();
                run_access(access, 3, linear);
                check_access("2 MB page", linear, expected_error(pde, access, 3, wp), access, 3);
            }
    }
    write_cr0(read_cr0() & ~(u32)C0_WP);
    /* Reserved bits: addresses have 36 bits. */
    for (u32 bit = 36; bit < 64; bit++) {
        pae_directory[0][WINDOW >> 21] = (u32)pae_table | P | W | U;
        pae_table[5] = (frame(5) | P | W | U) | 1ull << bit;
        pae_flush();
        run_access(READ, 3, linear);
        row(faulted(PF, E_RSVD | E_P | E_U, in.eip), "PTE with bit %u", bit);
        pae_table[5] = frame(5) | P | W | U;
        pae_directory[0][WINDOW >> 21] |= 1ull << bit;
        pae_flush();
        run_access(WRITE, 0, linear);
        row(faulted(PF, E_RSVD | E_P | E_W, in.eip), "PDE with bit %u", bit);
    }
    for (u32 bit = 13; bit < 21; bit++) {
        pae_directory[0][WINDOW >> 21] = FRAMES | PS | P | W | U | 1u << bit;
        pae_flush();
        run_access(READ, 3, linear);
        row(faulted(PF, E_RSVD | E_P | E_U, in.eip), "2 MB page with bit %u", bit);
    }
    pae_directory[0][WINDOW >> 21] = (u32)pae_table | P | W | U;
    pae_flush();
    /* PDPTEs are loaded with CR3, and checked there. */
    for (u32 bit = 1; bit < 64; bit++) {
        bool reserved = bit == 1 || bit == 2 || (bit >= 5 && bit <= 8) || bit >= 36;
        if (!reserved && bit >= 12)
            continue;
        pdpt[3] = (u32)pae_directory[1] | P | 1ull << bit;
        start_at(0);
        in.eax = (u32)pdpt;
        run(mov_to_cr3);
        row(reserved ? faulted(GP, 0, in.eip) : trap_vector == END, "PDPTE with bit %u", bit);
        pdpt[3] &= ~1ull;
        start_at(0);
        in.eax = (u32)pdpt;
        run(mov_to_cr3);
        row(trap_vector == END, "absent PDPTE with bit %u", bit);
        pdpt[3] = 0;
        pae_flush();
    }
    run_access(READ, 3, 0xC0000000);
    row(faulted(PF, E_U, in.eip), "absent PDPTE");
    write_cr0(read_cr0() & ~(u32)C0_PG);
    write_cr4(cr4);
    write_cr3((u32)directory);
    write_cr0(read_cr0() | C0_PG);
}

/* --- control registers --- */

static void control(void)
{
    u32 cr0 = read_cr0();
    start_at(0);
    in.eax = cr0 & ~(u32)C0_PE;
    expect_fault("MOV CR0: PG without PE", mov_to_cr0, GP, 0);
    if (family >= 4) {
        start_at(0);
        in.eax = (cr0 | C0_NW) & ~(u32)C0_CD;
        expect_fault("MOV CR0: NW without CD", mov_to_cr0, GP, 0);
    }
    for (u32 bit = 0; bit < 32; bit++) {
        u32 known = (HAS_VME ? 3 : 0) | (HAS_TSC ? 4 : 0) | (HAS_DE ? 8 : 0) | (HAS_PSE ? 0x10 : 0) |
                    (HAS_PAE ? 0x20 : 0) | (features & 0x80 ? 0x40 : 0) | (HAS_PGE ? 0x80 : 0) |
                    (family >= 6 ? 0x100 : 0) | (features & 1 << 24 ? 0x200 : 0) |
                    (features & 1 << 25 ? 0x400 : 0);
        if (bit == 5 || (1u << bit & 0x3FF800))
            continue; /* PAE has its own test; later processors know more */
        start_at(0);
        if (!features) {
            in.eax = 1u << bit;
            expect_fault("MOV CR4 where there is none", mov_to_cr4, UD, 0);
            continue;
        }
        u32 cr4 = read_cr4();
        in.eax = 1u << bit;
        run(mov_to_cr4);
        row(known >> bit & 1 ? trap_vector == END && read_cr4() == 1u << bit : faulted(GP, 0, in.eip),
            "CR4 bit %u", bit);
        write_cr4(cr4);
    }
    write_cr2(0x12345678);
    row(read_cr2() == 0x12345678, "CR2 can be written");
}

void test_main(void)
{
    build();
    rights();
    crossings();
    many();
    restart();
    system_accesses();
    tlb();
    task();
    halfway();
    aliases();
    large();
    control();
    if (HAS_PAE)
        pae();
}
