/* What fits nowhere else: interrupts and their shadows, invalid opcodes by model, LOCK, instruction length,
 * CPUID, MSRs, SYSENTER, the time stamp, alignment checks, x87 exceptions by #MF and IRQ 13, code that
 * writes itself, A20. */
#include "tests/system/test.h"

#define SEL SEL_FREE
enum { IRQ0 = 0x50, IRQ8 = 0x58 };

/* --- interrupts from the PIC --- */

static void pic_setup(u8 mask_master, u8 mask_slave)
{
    outb(0x20, 0x11);
    outb(0x21, IRQ0);
    outb(0x21, 4);
    outb(0x21, 1);
    outb(0xA0, 0x11);
    outb(0xA1, IRQ8);
    outb(0xA1, 2);
    outb(0xA1, 1);
    outb(0x21, mask_master);
    outb(0xA1, mask_slave);
}

/* IRQ 0 is raised COUNT PIT cycles from now, once. */
static void one_shot(u16 count)
{
    outb(0x43, 0x30);
    outb(0x40, (u8)count);
    outb(0x40, (u8)(count >> 8));
}

/* IRQ 0 stands at the PIC: the timer ran out while IF was clear. */
static void pending_irq0(void)
{
    pic_setup(0xFE, 0xFF);
    one_shot(2);
    u8 irr;
    do {
        outb(0x20, 0x0A);
        irr = inb(0x20);
    } while (!(irr & 1));
}

CODE(sti_nops, "sti; incl %ecx; incl %ecx; incl %ecx");
CODE(sti_cli, "sti; cli; incl %ecx");
CODE(sti_hlt, "sti; hlt; incl %ecx");
CODE(sti_sti, "incl %ecx; sti; sti; incl %ecx; incl %ecx");
CODE(sti_mov_ss, "sti; mov %eax, %ss; incl %ecx; incl %ecx");
CODE(mov_ss, "mov %eax, %ss; incl %ecx; incl %ecx");
CODE(popf_if, "popfl; incl %ecx; incl %ecx");
CODE(hlt_if, "hlt; incl %ecx");
CODE(spin, "1: incl %ecx; jmp 1b");
CODE(rep_movs, "rep movsb; nop");
CODE(iret_if, "iret");
CODE(counted, "incl %ecx; incl %ecx; incl %ecx");

static void irq_row(const char *title, const void *code, u32 eip, u32 ecx)
{
    run(code);
    outb(0x20, 0x20);
    row(ended(IRQ0, 0, eip) && out.ecx == ecx && (out.eflags & F_IF) && !(trap_eflags & F_IF),
        "interrupt: %s: ECX %x", title, out.ecx - in.ecx);
}

static void interrupts(void)
{
    pending_irq0();
    start_at(0);
    irq_row("STI lets one more instruction by", sti_nops, (u32)sti_nops + 2, in.ecx + 1);
    pending_irq0();
    start_at(0);
    run(sti_cli);
    row(trap_vector == END, "STI, CLI lets nothing in");
    start_at(0);
    irq_row("IF set again", sti_nops, (u32)sti_nops + 2, in.ecx + 1);
    pending_irq0();
    start_at(0);
    irq_row("STI, HLT", sti_hlt, (u32)sti_hlt + 2, in.ecx);
    pending_irq0();
    start_at(0);
    irq_row("STI, STI: the first counts", sti_sti, (u32)sti_sti + 3, in.ecx + 1);
    pending_irq0();
    start_at(0);
    in.eax = in.ss;
    irq_row("POPF has no shadow", (in.esp -= 4, *(u32 *)in.esp = F_1 | F_IF, popf_if), (u32)popf_if + 1,
            in.ecx);
    pending_irq0();
    start_at(3);
    in.eflags |= F_IF;
    irq_row("at once by IRET that sets IF", counted, (u32)counted, in.ecx);
    pending_irq0();
    start_at(0);
    in.eax = in.ss;
    run(sti_mov_ss);
    outb(0x20, 0x20);
    row(trap_vector == IRQ0 && (out.eip == (u32)sti_mov_ss + 3 || out.eip == (u32)sti_mov_ss + 4),
        "STI, MOV SS");
    pic_setup(0xFE, 0xFF);
    one_shot(100);
    start_at(0);
    in.eflags |= F_IF;
    irq_row("HLT wakes", hlt_if, (u32)hlt_if + 1, in.ecx);
    one_shot(200);
    start_at(3);
    in.eflags |= F_IF;
    run(spin);
    outb(0x20, 0x20);
    row(trap_vector == IRQ0 && out.cs == CODE_AT(3) && out.ecx != in.ecx &&
            (out.eip == (u32)spin || out.eip == (u32)spin + 1),
        "a loop is interrupted");
    /* A string is interrupted between elements, and says so by RF. */
    one_shot(150);
    start_at(3);
    in.eflags |= F_IF;
    in.esi = 0x60000;
    in.edi = 0x60000;
    in.ecx = 0x800000;
    run(rep_movs);
    outb(0x20, 0x20);
    row(ended(IRQ0, 0, in.eip) && out.ecx < in.ecx && out.ecx && out.esi == in.esi + (in.ecx - out.ecx) &&
            out.edi == out.esi && (out.eflags & F_RF),
        "REP MOVS is interrupted: ECX %x EFLAGS %x", out.ecx, out.eflags);
    /* The interrupt gate's DPL does not matter; an error of it has EXT. */
    set_idt(IRQ0, gate(14, 0, CODE_AT(0), stub_of(IRQ0), 0));
    pending_irq0();
    start_at(3);
    in.eflags |= F_IF;
    irq_row("a gate of DPL 0", counted, (u32)counted, in.ecx);
    set_idt(IRQ0, 0);
    pending_irq0();
    start_at(3);
    in.eflags |= F_IF;
    run(counted);
    outb(0x20, 0x20);
    row(ended(GP, IRQ0 * 8 + 3, (u32)counted), "interrupt without a gate: EXT");
    reset_idt(IRQ0);
    outb(0x21, 0xFF);
}

/* --- invalid opcodes, by model; LOCK; length --- */

static u8 code_buffer[64] __attribute__((aligned(32)));

static u32 run_bytes(const u8 *bytes, unsigned length)
{
    memcpy(code_buffer, bytes, length);
    code_buffer[length] = 0xCD;
    code_buffer[length + 1] = 0x40;
    start_at(0);
    /* Memory operands by EBX, ESI and so on are harmless. */
    in.ebx = in.ecx = in.edx = in.eax = in.esi = in.edi = in.ebp = 0x60000;
    return run(code_buffer);
}

#define INVALID(since, ...)                                                                                  \
    {                                                                                                        \
        since, sizeof((u8[]){__VA_ARGS__}),                                                                  \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }
/* Valid from family SINCE on; 99: never. */
static const struct opcode_row {
    u8 since, length;
    u8 bytes[8];
} opcodes[] = {
    INVALID(99, 0x0F, 0x0B),          INVALID(99, 0x0F, 0xFF),
    INVALID(99, 0x0F, 0x04),          INVALID(99, 0x0F, 0x0A),
    INVALID(99, 0x0F, 0x0C),          INVALID(99, 0x0F, 0x36),
    INVALID(99, 0x0F, 0x25, 0xC0),    INVALID(99, 0x0F, 0x00, 0xF0),
    INVALID(99, 0x0F, 0x00, 0xF8),    INVALID(99, 0x0F, 0x01, 0xE8),
    INVALID(99, 0x0F, 0x01, 0xC8),    INVALID(99, 0x0F, 0x01, 0xD0),
    INVALID(99, 0x0F, 0x01, 0xF8),    INVALID(99, 0x8E, 0xC8),
    INVALID(99, 0x8E, 0xF0),          INVALID(99, 0x8E, 0xF8),
    INVALID(99, 0x8C, 0xF0),          INVALID(99, 0x8C, 0xF8),
    INVALID(99, 0xFE, 0xD0),          INVALID(99, 0xFE, 0xF8),
    INVALID(99, 0xFF, 0xF8),          INVALID(99, 0xFF, 0x3B),
    INVALID(99, 0xFF, 0xD8),          INVALID(99, 0xFF, 0xE8),
    INVALID(99, 0x8F, 0xC8),          INVALID(99, 0x8F, 0x0B),
    INVALID(99, 0xC6, 0x48, 0, 0),    INVALID(99, 0xC7, 0x48, 0, 0),
    INVALID(99, 0x8D, 0xC0),          INVALID(99, 0xC4, 0xC0),
    INVALID(99, 0xC5, 0xC0),          INVALID(99, 0x62, 0xC0),
    INVALID(99, 0x0F, 0xB2, 0xC0),    INVALID(99, 0x0F, 0xB4, 0xC0),
    INVALID(99, 0x0F, 0xB5, 0xC0),    INVALID(99, 0x0F, 0xBA, 0x03, 0),
    INVALID(99, 0x0F, 0xBA, 0x1B, 0), INVALID(99, 0x0F, 0x24, 0xC0 + 0x3F),
    INVALID(99, 0x0F, 0x20, 0xC8),    INVALID(99, 0x0F, 0x22, 0xC8),
    INVALID(99, 0x0F, 0x20, 0xE8),    INVALID(99, 0x0F, 0xAA),
    INVALID(99, 0x0F, 0xC7, 0xC8),    INVALID(99, 0x0F, 0xC7, 0x03),
    INVALID(99, 0x0F, 0xB9, 0xC0),    INVALID(99, 0x0F, 0xB8, 0xC0),
    INVALID(99, 0x0F, 0xA6, 0xC0),    INVALID(99, 0x0F, 0x3F),
    INVALID(4, 0x0F, 0x08),           INVALID(4, 0x0F, 0x09),
    INVALID(4, 0x0F, 0x01, 0x3B),     INVALID(4, 0x0F, 0xC8),
    INVALID(4, 0x0F, 0xC1, 0xC1),     INVALID(4, 0x0F, 0xC0, 0xC1),
    INVALID(4, 0x0F, 0xB1, 0xC1),     INVALID(4, 0x0F, 0xB0, 0xC1),
    INVALID(5, 0x0F, 0x31),           INVALID(5, 0x0F, 0xC7, 0x0B),
    INVALID(6, 0x0F, 0x40, 0xC1),     INVALID(6, 0x0F, 0x4F, 0xC1),
    INVALID(6, 0xDA, 0xC0),           INVALID(6, 0xDB, 0xF1),
    INVALID(6, 0x0F, 0x1F, 0xC0),     INVALID(5, 0x0F, 0x77),
    INVALID(5, 0x0F, 0xFC, 0xC0),     INVALID(3, 0x0F, 0xA3, 0xC0),
    INVALID(3, 0x0F, 0xB6, 0xC0),     INVALID(3, 0xD6),
    INVALID(3, 0x82, 0xC0, 0),        INVALID(3, 0xF6, 0xC8, 0),
    INVALID(3, 0xC0, 0xF0, 1),        INVALID(3, 0x0F, 0x20, 0x00),
};

static void invalid_opcodes(void)
{
    for (unsigned i = 0; i < sizeof opcodes / sizeof *opcodes; i++) {
        const struct opcode_row *o = &opcodes[i];
        if (o->bytes[1] == 0x24)
            continue;
        if ((o->bytes[1] == 0x08 || o->bytes[1] == 0xA6) && family <= 4 && o->since == 99)
            continue;
        run_bytes(o->bytes, o->length);
        row(family >= o->since ? trap_vector == END : faulted(UD, 0, in.eip),
            "opcode %02x %02x %02x: valid since family %u", (u32)o->bytes[0], (u32)o->bytes[1],
            (u32)o->bytes[2], (u32)o->since);
    }
    /* CPUID where the ID flag toggles. */
    static const u8 cpuid[] = {0x0F, 0xA2}, mov_tr6[] = {0x0F, 0x24, 0xF0};
    run_bytes(cpuid, 2);
    row(features ? trap_vector == END : faulted(UD, 0, in.eip), "CPUID");
    run_bytes(mov_tr6, 3);
    row(family <= 4 ? trap_vector == END : faulted(UD, 0, in.eip), "MOV r, TR6");
    /* In 386 style, mod of MOV CR is not looked at. */
}

static void locks(void)
{
    /* [EBX] forms that may be locked, one for each operation; the same with a register, and others, may not.
     */
    static const struct {
        u8 bytes[4], length, since;
        bool ok;
    } list[] = {
        {{0x00, 0x03}, 2, 3, true},
        {{0x01, 0x03}, 2, 3, true},
        {{0x08, 0x03}, 2, 3, true},
        {{0x10, 0x03}, 2, 3, true},
        {{0x18, 0x03}, 2, 3, true},
        {{0x20, 0x03}, 2, 3, true},
        {{0x28, 0x03}, 2, 3, true},
        {{0x30, 0x03}, 2, 3, true},
        {{0x38, 0x03}, 2, 3, false},
        {{0x39, 0x03}, 2, 3, false},
        {{0x02, 0x03}, 2, 3, false},
        {{0x03, 0x03}, 2, 3, false},
        {{0x0B, 0x03}, 2, 3, false},
        {{0x00, 0xC0}, 2, 3, false},
        {{0x01, 0xC0}, 2, 3, false},
        {{0x80, 0x03, 1}, 3, 3, true},
        {{0x83, 0x03, 1}, 3, 3, true},
        {{0x80, 0x3B, 1}, 3, 3, false},
        {{0x83, 0xC0, 1}, 3, 3, false},
        {{0xF6, 0x13}, 2, 3, true},
        {{0xF7, 0x1B}, 2, 3, true},
        {{0xF7, 0x23}, 2, 3, false},
        {{0xF6, 0x03, 1}, 3, 3, false},
        {{0xFE, 0x03}, 2, 3, true},
        {{0xFF, 0x0B}, 2, 3, true},
        {{0xFF, 0x33}, 2, 3, false},
        {{0x40}, 1, 3, false},
        {{0x86, 0x03}, 2, 3, true},
        {{0x87, 0x03}, 2, 3, true},
        {{0x87, 0xC0}, 2, 3, false},
        {{0x0F, 0xAB, 0x03}, 3, 3, true},
        {{0x0F, 0xB3, 0x03}, 3, 3, true},
        {{0x0F, 0xBB, 0x03}, 3, 3, true},
        {{0x0F, 0xA3, 0x03}, 3, 3, false},
        {{0x0F, 0xBA, 0x2B, 1}, 4, 3, true},
        {{0x0F, 0xBA, 0x23, 1}, 4, 3, false},
        {{0x0F, 0xB1, 0x03}, 3, 4, true},
        {{0x0F, 0xC1, 0x03}, 3, 4, true},
        {{0x0F, 0xB1, 0xC3}, 3, 4, false},
        {{0x0F, 0xC7, 0x0B}, 3, 5, true},
        {{0x89, 0x03}, 2, 3, false},
        {{0x8B, 0x03}, 2, 3, false},
        {{0x90}, 1, 3, false},
        {{0xA4}, 1, 3, false},
        {{0xD1, 0x03}, 2, 3, false},
        {{0xC7, 0x03}, 2, 3, false},
        {{0x0F, 0x0B}, 2, 3, false},
        {{0x50}, 1, 3, false},
        {{0xEC}, 1, 3, false},
        {{0x9C}, 1, 3, false},
        {{0x0F, 0xC8}, 2, 4, false},
        {{0x84, 0x03}, 2, 3, false},
    };
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
        u8 bytes[8] = {0xF0};
        memcpy(bytes + 1, list[i].bytes, 4);
        run_bytes(bytes, list[i].length + 1u);
        row(list[i].ok && family >= list[i].since ? trap_vector == END : faulted(UD, 0, in.eip),
            "LOCK %02x %02x %02x", (u32)bytes[1], (u32)bytes[2], (u32)bytes[3]);
    }
}

static void lengths(void)
{
    for (unsigned prefixes = 0; prefixes < 20; prefixes++) {
        u8 bytes[24];
        memset(bytes, 0x3E, sizeof bytes);
        bytes[prefixes] = 0x90;
        run_bytes(bytes, prefixes + 1);
        row(prefixes + 1 <= 15 ? trap_vector == END : faulted(GP, 0, in.eip), "instruction of %u bytes",
            prefixes + 1);
        bytes[prefixes] = 0xB8; /* MOV EAX, imm32 */
        memset(bytes + prefixes + 1, 0, 4);
        run_bytes(bytes, prefixes < 19 ? prefixes + 5 : 24);
        row(prefixes + 5 <= 15 ? trap_vector == END : faulted(GP, 0, in.eip), "MOV of %u bytes",
            prefixes + 5);
    }
}

/* --- CPUID, MSRs, TSC --- */

static void cpuid(u32 leaf, u32 *r)
{
    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

CODE(rdtsc_code, ".byte 0x0F, 0x31");
CODE(rdmsr_code, ".byte 0x0F, 0x32");
CODE(wrmsr_code, ".byte 0x0F, 0x30");
CODE(rdpmc_code, ".byte 0x0F, 0x33");

static void identity(void)
{
    if (features) {
        u32 r[4];
        cpuid(0, r);
        row(r[1] == 0x756E6547 && r[3] == 0x49656E69 && r[2] == 0x6C65746E, "CPUID: GenuineIntel");
        row(r[0] == (family >= 6 ? 2u : 1u), "CPUID: highest leaf %x", r[0]);
        cpuid(1, r);
        row((r[0] >> 8 & 15) == family && (r[3] & 1), "CPUID.1: %x %x", r[0], r[3]);
        row(!(r[3] & 4) == (family < 5) && !(r[3] & 0x10) == (family < 5) &&
                !(r[3] & 0x8000) == (family < 6) && !(r[3] & 0x100) == (family < 5),
            "CPUID.1: features %x", r[3]);
    }
    if (HAS_TSC) {
        u64 last = rdtsc();
        bool good = true;
        for (unsigned i = 0; i < 1000; i++) {
            u64 now = rdtsc();
            good = good && now > last;
            last = now;
        }
        row(good, "the time stamp counts up");
        for (unsigned level = 0; level < 4; level++) {
            start_at(level);
            expect_end("RDTSC at every level", rdtsc_code, rdtsc_code_end);
            write_cr4(read_cr4() | C4_TSD);
            start_at(level);
            run(rdtsc_code);
            row(level ? faulted(GP, 0, in.eip) : trap_vector == END, "RDTSC with TSD at level %u", level);
            write_cr4(read_cr4() & ~(u32)C4_TSD);
        }
    }
    if (!HAS_MSR)
        return;
    start_at(0);
    in.ecx = 0x10;
    in.eax = 0x12345678;
    in.edx = 0;
    run(wrmsr_code);
    u64 now = rdtsc();
    row(now >= 0x12345678 && now < 0x12345678 + 10000000, "the time stamp can be written");
    static const u32 unknown[] = {0x12345, 0xC0000080, 0xFFFFFFFF, 0x40};
    for (unsigned i = 0; i < 4; i++) {
        start_at(0);
        in.ecx = unknown[i];
        expect_fault("RDMSR of what is not there", rdmsr_code, GP, 0);
        start_at(0);
        in.ecx = unknown[i];
        expect_fault("WRMSR of what is not there", wrmsr_code, GP, 0);
    }
    if (family >= 6) {
        start_at(3);
        in.ecx = 0;
        expect_fault("RDPMC at level 3 without CR4.PCE", rdpmc_code, GP, 0);
        static const u32 writable[] = {0x174, 0x175, 0x176, 0x277, 0x250, 0x200, 0x201};
        for (unsigned i = 0; i < 7; i++) {
            u64 old,
                value = writable[i] == 0x277 || writable[i] == 0x250 ? 0x0606060606060606ull : 0x12345000;
            __asm__ volatile("rdmsr" : "=A"(old) : "c"(writable[i]));
            __asm__ volatile("wrmsr" : : "A"(value), "c"(writable[i]));
            u64 read;
            __asm__ volatile("rdmsr" : "=A"(read) : "c"(writable[i]));
            row(read == value, "MSR %x keeps what is written", writable[i]);
            __asm__ volatile("wrmsr" : : "A"(old), "c"(writable[i]));
        }
        static const struct {
            u32 index, low, high;
        } refused[] = {{0x2FF, 0x100, 0}, {0x2FF, 2, 0},    {0x200, 0x12345102, 0}, {0x200, 0, 0x10},
                       {0x201, 0x401, 0}, {0x250, 2, 0},    {0x401, 1, 0},          {0x405, 0, 1u << 31},
                       {0x17A, 4, 0},     {0x1D9, 0x80, 0}, {0x1D9, 0, 1}};
        for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
            start_at(0);
            in.ecx = refused[i].index;
            in.eax = refused[i].low;
            in.edx = refused[i].high;
            expect_fault("WRMSR with reserved bits or types", wrmsr_code, GP, 0);
        }
        start_at(0);
        in.ecx = 0x401;
        in.eax = in.edx = 0;
        expect_end("MC0_STATUS may be cleared", wrmsr_code, wrmsr_code_end);
        start_at(0);
        in.ecx = 0x277;
        in.eax = 2;
        in.edx = 0;
        expect_fault("PAT refuses memory type 2", wrmsr_code, GP, 0);
    }
}

/* --- SYSENTER --- */

CODE(sysenter, ".byte 0x0F, 0x34");
CODE(sysexit, ".byte 0x0F, 0x35");
CODE(fast_entry, "nop");

static void write_msr(u32 index, u32 value)
{
    __asm__ volatile("wrmsr" : : "a"(value), "d"(0), "c"(index));
}

static void fast_calls(void)
{
    if (!HAS_SEP)
        return;
    /* The four segments lie one behind the other. */
    set_gdt(SEL, descriptor(0, 0xFFFFF, 0x9B, 12));
    set_gdt(SEL + 8, descriptor(0, 0xFFFFF, 0x93, 12));
    set_gdt(SEL + 16, descriptor(0, 0xFFFFF, 0xFB, 12));
    set_gdt(SEL + 24, descriptor(0, 0xFFFFF, 0xF3, 12));
    write_msr(0x174, 0);
    start_at(3);
    expect_fault("SYSENTER with a null CS", sysenter, GP, 0);
    start_at(0);
    expect_fault("SYSEXIT with a null CS", sysexit, GP, 0);
    write_msr(0x174, SEL);
    write_msr(0x175, (u32)host_stack_top - 4096);
    write_msr(0x176, (u32)fast_entry);
    for (unsigned level = 0; level < 4; level += 3) {
        start_at(level);
        in.eflags |= F_IF | F_CF | F_IOPL;
        run(sysenter);
        row(ended(END, 0, (u32)fast_entry_end) && out.cs == SEL && out.ss == SEL + 8 &&
                out.esp == (u32)host_stack_top - 4096 && out.eflags == (in.eflags & ~(u32)F_IF) &&
                out.ds == in.ds,
            "SYSENTER from level %u", level);
    }
    start_at(3);
    expect_fault("SYSEXIT at level 3", sysexit, GP, 0);
    start_at(0);
    in.edx = (u32)fast_entry;
    in.ecx = (u32)host_stack_top - 8192;
    in.eflags |= F_IF;
    run(sysexit);
    row(ended(END, 0, (u32)fast_entry_end) && out.cs == (SEL + 19) && out.ss == (SEL + 27) &&
            out.esp == in.ecx && (out.eflags & F_IF),
        "SYSEXIT to level 3");
    write_msr(0x174, 0);
}

/* --- alignment --- */

CODE(read2, "movw (%ebx), %ax");
CODE(read4, "movl (%ebx), %eax");
CODE(write4, "movl %eax, (%ebx)");
CODE(add2, "addw %ax, (%ebx)");
CODE(push, "pushl %eax");
CODE(fldl, "fldl (%ebx); fninit");
CODE(flds, "flds (%ebx); fninit");
CODE(fldt, "fldt (%ebx); fninit");
CODE(fnstenv, "fnstenv (%ebx)");
CODE(fnsave, "fnsave (%ebx)");
CODE(lodsl_, "lodsl");
CODE(les, "les (%ebx), %eax");
CODE(sgdt, "sgdt (%ebx)");

static void alignment(void)
{
    static const struct {
        const u8 *code;
        u32 size;
    } list[] = {{read2, 2}, {read4, 4},   {write4, 4}, {add2, 2}, {flds, 4}, {fldl, 8},
                {fldt, 8},  {fnstenv, 4}, {fnsave, 4}, {les, 4},  {sgdt, 4}};
    static u8 data[128] __attribute__((aligned(16)));
    if (family < 4)
        return;
    for (unsigned am = 0; am < 2; am++) {
        write_cr0((read_cr0() & ~(u32)C0_AM) | (am ? C0_AM : 0));
        for (unsigned ac = 0; ac < 2; ac++)
            for (unsigned level = 0; level < 4; level++)
                for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
                    for (u32 offset = 0; offset < 9; offset++) {
                        start_at(level);
                        in.eflags |= ac ? F_AC : 0;
                        in.ebx = (u32)data + offset;
                        memset(data, 0, sizeof data);
                        bool faults = am && ac && level == 3 && offset % list[i].size;
                        run(list[i].code);
                        row(faults ? faulted(AC, 0, in.eip) : trap_vector == END,
                            "alignment: %u bytes at %u, AM %u AC %u level %u", list[i].size, offset, am, ac,
                            level);
                    }
    }
    start_at(3);
    in.eflags |= F_AC;
    in.esp -= 2;
    expect_fault("alignment: PUSH", push, AC, 0);
    start_at(3);
    in.eflags |= F_AC;
    in.esi = (u32)data + 1;
    expect_fault("alignment: LODSD", lodsl_, AC, 0);
    write_cr0(read_cr0() & ~(u32)C0_AM);
}

/* --- x87 exceptions --- */

CODE(x87_fault, "fldz; fld1; fdivp; fwait; fnop");
CODE(x87_setup, "fninit; fldcw (%ebx); fldz; fld1; fdivp %st, %st(1); fnstsw %ax");
CODE(x87_nop, "fnop");
CODE(x87_wait, "fwait");
CODE(x87_nowait, "fnstsw %ax; fnclex; fnop");
CODE(emms, ".byte 0x0F, 0x77");

static void x87(void)
{
    static const u16 unmasked = 0x37F & ~4; /* ZE */
    u32 cr0 = read_cr0();
    write_cr0((cr0 & ~(u32)(C0_EM | C0_TS)) | C0_NE | C0_MP);
    __asm__ volatile("fninit");
    start_at(3);
    in.ebx = (u32)&unmasked;
    run(x87_setup);
    row(trap_vector == END && (out.eax & 0x84) == 0x84, "division by zero sets ES and does not trap yet: %x",
        out.eax);
    if (family >= 4) { /* the 387's errors go out to IRQ 13 alone */
        start_at(3);
        expect_fault("#MF by the next x87 instruction", x87_nop, MF, 0);
        start_at(3);
        expect_fault("#MF by FWAIT", x87_wait, MF, 0);
    }
    if (features & 1 << 23) {
        start_at(3);
        expect_fault("#MF by an MMX instruction", emms, MF, 0);
    }
    start_at(3);
    expect_end("FNCLEX takes it away", x87_nowait, x87_nowait_end);
    /* With NE clear it goes out to IRQ 13. */
    write_cr0(read_cr0() & ~(u32)C0_NE);
    outb(0xF0, 0); /* the board's latch */
    pic_setup(0xFB, 0xDF);
    start_at(3);
    in.ebx = (u32)&unmasked;
    in.eflags |= F_IF;
    run(x87_setup);
    bool came = trap_vector == IRQ8 + 5;
    if (!came) {
        start_at(3);
        in.eflags |= F_IF;
        run(x87_wait);
        came = trap_vector == IRQ8 + 5;
    }
    row(came, "with NE clear an x87 exception is IRQ 13");
    outb(0xF0, 0);
    outb(0xA0, 0x20);
    outb(0x20, 0x20);
    __asm__ volatile("fnclex");
    pic_setup(0xFF, 0xFF);
    start_at(3);
    in.eflags |= F_IF;
    expect_end("and it is gone after port F0h and FNCLEX", x87_nop, x87_nop_end);
    write_cr0(cr0);
}

/* --- code that writes itself --- */

/* Writes 42h over the immediate of an instruction at a distance behind the write. */
static void self_writing(void)
{
    static u8 area[3 * 4096] __attribute__((aligned(4096)));
    for (unsigned size = 1; size <= 4; size *= 2)
        for (u32 start = 0xF00; start < 0x1010; start += start < 0xFC0 ? 64 : 3)
            for (u32 distance = 0; distance < 300; distance += distance < 20 ? 1 : 37)
                for (unsigned again = 0; again < 3; again++) {
                    u8 *at = area + start, *target;
                    memset(at, 0x90, 400);
                    /* MOV [EBX], AL (AX, EAX) */
                    if (size == 2)
                        *at++ = 0x66;
                    *at++ = size == 1 ? 0x88 : 0x89;
                    *at++ = 0x03;
                    /* A jump, or nothing, in between. */
                    if (again == 1) {
                        *at++ = 0xEB;
                        *at++ = 0;
                    }
                    at += distance;
                    target = at;
                    *at++ = 0xB9; /* MOV ECX, imm32 */
                    *(u32 *)at = 0x11111111;
                    at += 4;
                    *at++ = 0xCD;
                    *at++ = 0x40;
                    for (unsigned time = 0; time < 2; time++) {
                        *(u32 *)(target + 1) = 0x11111111;
                        start_at(3);
                        in.eax = 0x42424242;
                        in.ebx = (u32)target + 1;
                        run(area + start);
                        u32 expected = size == 4 ? 0x42424242 : size == 2 ? 0x11114242 : 0x11111142;
                        row(trap_vector == END && out.ecx == expected,
                            "%u bytes written %u bytes ahead at %x: %x", size, distance, start, out.ecx);
                    }
                }
    /* By a string, over the code behind it. */
    for (u32 start = 0xFE0; start < 0x1010; start += 5) {
        u8 *at = area + start;
        *at++ = 0xF3; /* REP STOSB of INC EDX over what follows */
        *at++ = 0xAA;
        memset(at, 0xF4, 40);
        at[40] = 0xCD;
        at[41] = 0x40;
        start_at(3);
        in.eax = 0x42;
        in.edi = (u32)at;
        in.ecx = 40;
        in.edx = 0;
        run(area + start);
        row(trap_vector == END && out.edx == 40, "REP STOS over the code behind it, at %x: %u", start,
            out.edx);
    }
    /* A loop whose body is changed by the loop. */
    static const u8 loop[] = {
        0xB0, 0x00, /* MOV AL, 0: the immediate counts */
        0x01, 0xC2, /* ADD EDX, EAX */
        0xFE, 0x03, /* INC BYTE [EBX] */
        0x49,       /* DEC ECX */
        0x75, 0xF7, /* JNZ to the start */
        0xCD, 0x40,
    };
    memcpy(area + 0xFFB, loop, sizeof loop);
    start_at(3);
    in.eax = 0;
    in.edx = 0;
    in.ebx = (u32)area + 0xFFC;
    in.ecx = 100;
    run(area + 0xFFB);
    row(trap_vector == END && out.edx == 4950, "loop that counts in its own code: %u", out.edx);
}

/* --- A20 --- */

static void a20(void)
{
    volatile u32 *low = (u32 *)0x60000, *high = (u32 *)0x160000;
    u32 saved = *high;
    *low = 0x10101010;
    *high = 0x20202020;
    row(*low == 0x10101010, "A20 open: two addresses");
    outb(0x92, inb(0x92) & ~3);
    u32 read = *high;
    *high = 0x30303030;
    u32 wrapped = *low;
    outb(0x92, (inb(0x92) | 2) & ~1);
    row(read == 0x10101010 && wrapped == 0x30303030 && *high == 0x20202020,
        "A20 closed: 160000h is 60000h: %x %x", read, wrapped);
    *high = saved;
}

void test_main(void)
{
    interrupts();
    invalid_opcodes();
    locks();
    lengths();
    identity();
    fast_calls();
    alignment();
    x87();
    self_writing();
    a20();
}
