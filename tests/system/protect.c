/* Protected mode: exceptions and their error codes, segment loads, far transfers, gates, privilege levels.
 * SDM volume 3, chapters 5 and 6. The exhaustive parts compare with the rules written down once more here. */
#include "tests/system/test.h"

#define SEL      SEL_FREE /* the descriptor under test */
#define SEL_GATE (SEL_FREE + 8)
#define SEL_ALT  (SEL_FREE + 16)

/* --- what each level may do --- */

CODE(ud2, ".byte 0x0F, 0x0B");
CODE(hlt, "hlt");
CODE(cli, "cli");
CODE(sti, "sti");
CODE(clts, "clts");
CODE(lmsw, "lmsw %ax");
CODE(mov_cr0, "mov %cr0, %eax");
CODE(mov_to_cr3, "mov %eax, %cr3");
CODE(mov_cr1, ".byte 0x0F, 0x20, 0xC8");
CODE(mov_cr5, ".byte 0x0F, 0x20, 0xE8");
CODE(mov_dr0, "mov %db0, %eax");
CODE(lgdt, "lgdt (%esp)");
CODE(lidt, "lidt (%esp)");
CODE(lldt, "lldt %ax");
CODE(ltr, "ltr %ax");
CODE(in_al, "inb $0x80, %al");
CODE(out_al, "outb %al, $0x80");
CODE(in_dx, "in %dx, %eax");
CODE(ins, "insb");
CODE(invlpg, ".byte 0x0F, 0x01, 0x38");
CODE(wbinvd, ".byte 0x0F, 0x09");
CODE(invd, ".byte 0x0F, 0x08");
CODE(rdmsr, ".byte 0x0F, 0x32");
CODE(divide, "div %ecx");
CODE(divide_overflow, "idiv %ecx");
CODE(aam0, "aam $0");
CODE(breakpoint, "int3");
CODE(breakpoint2, ".byte 0xCD, 3");
CODE(into, "into");
CODE(bound, "bound %eax, (%ebx)");
CODE(icebp, ".byte 0xF1");
CODE(fwait, "fwait");
CODE(fnop, "fnop");

static void exceptions(void)
{
    static const struct {
        const char *title;
        const u8 *code;
    } privileged[] = {
        {"HLT", hlt},
        {"CLTS", clts},
        {"LMSW", lmsw},
        {"MOV r, CR0", mov_cr0},
        {"MOV CR3, r", mov_to_cr3},
        {"MOV r, DR0", mov_dr0},
        {"LGDT", lgdt},
        {"LIDT", lidt},
        {"LLDT", lldt},
        {"LTR", ltr},
    };
    static const struct {
        const char *title;
        const u8 *code;
    } by_iopl[] = {{"CLI", cli}, {"STI", sti}};
    static const struct {
        const char *title;
        const u8 *code;
    } by_map[] = {{"IN AL, imm", in_al}, {"OUT imm, AL", out_al}, {"IN EAX, DX", in_dx}, {"INSB", ins}};
    for (unsigned level = 1; level < 4; level++) {
        for (unsigned i = 0; i < sizeof privileged / sizeof *privileged; i++) {
            start_at(level);
            expect_fault(privileged[i].title, privileged[i].code, GP, 0);
        }
        for (unsigned iopl = 0; iopl < 4; iopl++) {
            for (unsigned i = 0; i < 2; i++) {
                start_at(level);
                in.eflags |= iopl << 12;
                run(by_iopl[i].code);
                row(level > iopl ? faulted(GP, 0, in.eip)
                                 : ended(END, 0, in.eip + 3) && !!(out.eflags & F_IF) == (i == 1),
                    "%s at level %u with IOPL %u", by_iopl[i].title, level, iopl);
            }
            for (unsigned i = 0; i < 4; i++) {
                start_at(level);
                in.eflags |= iopl << 12;
                in.edx = 0x80;
                in.edi = in.esp - 64;
                run(by_map[i].code);
                row(level > iopl ? faulted(GP, 0, in.eip) : trap_vector == END, "%s at level %u with IOPL %u",
                    by_map[i].title, level, iopl);
            }
        }
    }
    start_at(0);
    expect_fault("MOV r, CR1", mov_cr1, UD, 0);
    start_at(0);
    expect_fault("MOV r, CR5", mov_cr5, UD, 0);
    if (family >= 4) {
        start_at(3);
        expect_fault("INVLPG at level 3", invlpg, GP, 0);
        start_at(3);
        expect_fault("WBINVD at level 3", wbinvd, GP, 0);
        start_at(3);
        expect_fault("INVD at level 3", invd, GP, 0);
    }
    if (HAS_MSR) {
        start_at(3);
        expect_fault("RDMSR at level 3", rdmsr, GP, 0);
    }

    for (unsigned level = 0; level < 4; level++) {
        start_at(level);
        expect_fault("UD2", ud2, UD, 0);
        start_at(level);
        in.ecx = 0;
        expect_fault("DIV by 0", divide, DE, 0);
        start_at(level);
        in.eax = 0;
        in.edx = 0x80000000;
        in.ecx = 0xFFFFFFFF;
        expect_fault("IDIV overflow", divide_overflow, DE, 0);
        start_at(level);
        expect_fault("AAM 0", aam0, DE, 0);
        start_at(level);
        run(breakpoint);
        row(ended(BP, 0, in.eip + 1), "INT3 is a trap, level %u", level);
        start_at(level);
        run(breakpoint2);
        row(ended(BP, 0, in.eip + 2), "INT 3 in two bytes, level %u", level);
        start_at(level);
        in.eflags |= F_OF;
        run(into);
        row(ended(OF, 0, in.eip + 1), "INTO with OF, level %u", level);
        start_at(level);
        expect_end("INTO without OF", into, into_end);
        start_at(level);
        run(icebp);
        row(ended(DB, 0, in.eip + 1), "F1, level %u", level);
        static const int32_t limits[2] = {-5, 10};
        for (int32_t index = -6; index <= 11; index++) {
            start_at(level);
            in.ebx = (u32)limits;
            in.eax = (u32)index;
            run(bound);
            row(index < -5 || index > 10 ? faulted(BR, 0, in.eip) : trap_vector == END, "BOUND of %d",
                (u32)index);
        }
    }
    /* Software interrupts look at the gate's privilege; with the IDT's bit and no EXT in the error code. */
    for (unsigned dpl = 0; dpl < 4; dpl++)
        for (unsigned level = 0; level < 4; level++) {
            static const struct {
                const u8 *code;
                u8 vector, length;
            } software[] = {{breakpoint, BP, 1}, {breakpoint2, BP, 2}, {into, OF, 1}};
            for (unsigned i = 0; i < 3; i++) {
                set_idt(software[i].vector, gate(14, dpl, CODE_AT(0), stub_of(software[i].vector), 0));
                start_at(level);
                in.eflags |= F_OF;
                run(software[i].code);
                row(level > dpl ? faulted(GP, software[i].vector * 8 + 2, in.eip)
                                : ended(software[i].vector, 0, in.eip + software[i].length),
                    "software interrupt %u at level %u through a gate of DPL %u", software[i].vector, level,
                    dpl);
                reset_idt(software[i].vector);
            }
            set_idt(UD, gate(14, dpl, CODE_AT(0), stub_of(UD), 0));
            start_at(level);
            expect_fault("exceptions do not look at the gate's DPL", ud2, UD, 0);
            set_idt(DB, gate(14, dpl, CODE_AT(0), stub_of(DB), 0));
            start_at(level);
            run(icebp);
            row(ended(DB, 0, in.eip + 1), "F1 does not look at the gate's DPL %u, level %u", dpl, level);
        }
    reset_idt(UD);
    reset_idt(DB);

    /* #NM: every combination of EM, MP, TS. */
    u32 cr0 = read_cr0();
    for (unsigned bits = 0; bits < 8; bits++) {
        write_cr0((cr0 & ~(u32)(C0_EM | C0_MP | C0_TS)) | bits << 1);
        bool em = bits << 1 & C0_EM, mp = bits << 1 & C0_MP, ts = bits << 1 & C0_TS;
        start_at(3);
        run(fnop);
        row(em || ts ? faulted(NM, 0, in.eip) : trap_vector == END, "x87 instruction with CR0 bits %x",
            bits << 1);
        start_at(3);
        run(fwait);
        row(mp && ts ? faulted(NM, 0, in.eip) : trap_vector == END, "FWAIT with CR0 bits %x", bits << 1);
    }
    write_cr0(cr0);
}

/* --- loads of segment registers: all types, DPLs, RPLs, levels --- */

CODE(load_ds, "mov %eax, %ds");
CODE(load_es, "mov %eax, %es");
CODE(load_fs, "mov %eax, %fs");
CODE(load_gs, "mov %eax, %gs");
CODE(load_ss, "mov %eax, %ss");
CODE(pop_ds, "pop %ds");
CODE(lgs, "lgs (%ebx), %ecx");
CODE(lss, "lss (%ebx), %esp");
CODE(load_cs, ".byte 0x8E, 0xC8");

static u8 access_of(unsigned type, unsigned dpl, bool present)
{
    return (u8)(type | dpl << 5 | (present ? 0x80 : 0));
}

static bool is_code(unsigned type)
{
    return (type & 0x18) == 0x18;
}

static bool is_conforming_code(unsigned type)
{
    return (type & 0x1C) == 0x1C;
}

/* 0: loads. */
static u32 data_load_vector(unsigned type, unsigned dpl, bool present, unsigned rpl, unsigned level)
{
    if (!(type & 0x10) || (is_code(type) && !(type & 2)))
        return GP;
    if (!is_conforming_code(type) && (rpl > dpl || level > dpl))
        return GP;
    return present ? 0 : NP;
}

static u32 stack_load_vector(unsigned type, unsigned dpl, bool present, unsigned rpl, unsigned level)
{
    if (rpl != level || (type & 0x1A) != 0x12 || dpl != level)
        return GP;
    return present ? 0 : SS;
}

static void segment_loads(void)
{
    static const u8 *const loads[] = {load_ds, load_es, load_fs, load_gs};
    for (unsigned type = 0; type < 32; type++)
        for (unsigned rest = 0; rest < 128; rest++) {
            unsigned dpl = rest & 3, rpl = rest >> 2 & 3, level = rest >> 4 & 3;
            bool present = rest >> 6;
            u16 selector = (u16)(SEL | rpl);
            set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type & ~(type >> 4 & 1u), dpl, present), 12));
            start_at(level);
            in.eax = selector;
            const u8 *code = loads[(type + rest) & 3];
            u32 vector = data_load_vector(type, dpl, present, rpl, level);
            run(code);
            u32 got = code == load_ds ? out.ds : code == load_es ? out.es : code == load_fs ? out.fs : out.gs;
            row(vector ? faulted(vector, SEL, in.eip) : trap_vector == END && got == selector,
                "data segment: type %x DPL %u P %u RPL %u at level %u: vector %u", type, dpl, (u32)present,
                rpl, level, vector);
            if (type & 0x10)
                row((gdt[SEL / 8] >> 40 & 1) == !vector, "accessed bit: type %x, vector %u", type, vector);

            set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type & ~(type >> 4 & 1u), dpl, present), 12));
            vector = stack_load_vector(type, dpl, present, rpl, level);
            start_at(level);
            in.eax = selector;
            /* A stack that grows down from its limit has no room here: look at the fault only. */
            if (vector || !(type & 4)) {
                run(load_ss);
                row(vector ? faulted(vector, SEL, in.eip) : trap_vector == END && out.ss == selector,
                    "stack segment: type %x DPL %u P %u RPL %u at level %u: vector %u", type, dpl,
                    (u32)present, rpl, level, vector);
            }
        }
    for (unsigned level = 0; level < 4; level++) {
        for (u32 null = 0; null < 4; null++) {
            start_at(level);
            in.eax = null;
            run(load_es);
            row(trap_vector == END && out.es == null, "null selector %u into ES", null);
            start_at(level);
            in.eax = null;
            expect_fault("null selector into SS", load_ss, GP, 0);
        }
        start_at(level);
        in.eax = SEL_FREE + GDT_ENTRIES * 8;
        expect_fault("selector past the GDT's limit", load_ds, GP, SEL_FREE + GDT_ENTRIES * 8);
        start_at(level);
        in.eax = 7;
        expect_fault("selector in no LDT", load_ds, GP, 4);
        start_at(level);
        expect_fault("MOV CS is no instruction", load_cs, UD, 0);
    }
    static struct {
        u32 offset;
        u16 selector;
    } __attribute__((packed)) pointer;
    set_gdt(SEL, descriptor(0, 0xFFFFF, 0x13, 12));
    pointer.offset = 0x12345678;
    pointer.selector = SEL;
    start_at(0);
    in.ebx = (u32)&pointer;
    expect_fault("LGS of an absent segment keeps ECX", lgs, NP, SEL);
    start_at(0);
    in.ebx = (u32)&pointer;
    expect_fault("LSS of an absent segment keeps ESP", lss, SS, SEL);
    start_at(0);
    *(u32 *)in.esp = SEL;
    expect_fault("POP DS of an absent segment keeps ESP", pop_ds, NP, SEL);
}

/* --- accesses: types and limits --- */

CODE(read8, "movb (%ebx), %al");
CODE(read16, "movw (%ebx), %ax");
CODE(read32, "movl (%ebx), %eax");
CODE(write8, "movb %al, (%ebx)");
CODE(write32, "movl %eax, (%ebx)");
CODE(add32, "addl %eax, (%ebx)");
CODE(read_ss, "movb %ss:(%ebx), %al");
CODE(write_cs, "movb %al, %cs:(%ebx)");
CODE(read_cs, "movb %cs:(%ebx), %al");
CODE(push_eax, "pushl %eax");
CODE(movs_down, "std; movsb; cld");
CODE(fetch_far, "jmp *%ebx");
CODE(esp_relative, "movl (%esp), %eax");
CODE(ebp_relative, "movl (%ebp), %eax");

static u8 arena[0x3000] __attribute__((aligned(4096)));

static void access_rows(const char *title, u8 access, u8 flags, u32 limit, u32 first, u32 last)
{
    static const struct {
        const u8 *code;
        u32 size;
        bool write;
    } accesses[] = {{read8, 1, false}, {read16, 2, false}, {read32, 4, false},
                    {write8, 1, true}, {write32, 4, true}, {add32, 4, true}};
    set_gdt(SEL, descriptor((u32)arena, limit, access, flags));
    bool writable = (access & 0x1A) == 0x12, readable = !(access & 8) || (access & 2);
    const u32 edges[] = {0,        first - 4, first - 2, first - 1, first,   last - 4,
                         last - 3, last - 2,  last - 1,  last,      last + 1};
    for (unsigned i = 0; i < sizeof edges / sizeof *edges; i++)
        for (unsigned a = 0; a < sizeof accesses / sizeof *accesses; a++) {
            u32 offset = edges[i], size = accesses[a].size;
            bool inside = offset >= first && offset <= last && last - offset >= size - 1;
            start_at(0);
            in.ds = SEL;
            in.ebx = offset;
            bool fits = inside && (accesses[a].write ? writable : readable);
            /* Past the arena nothing may be written, and 4 GB's edge may wrap or fault. */
            if (inside && offset + size > sizeof arena)
                continue;
            run(accesses[a].code);
            row(fits ? trap_vector == END : faulted(GP, 0, in.eip), "%s: %u bytes at %x, write %u", title,
                size, offset, (u32)accesses[a].write);
        }
}

static void limits(void)
{
    access_rows("byte limit", 0x93, 4, 0x123, 0, 0x123);
    access_rows("page limit", 0x93, 12, 1, 0, 0x1FFF);
    access_rows("read-only", 0x91, 4, 0x123, 0, 0x123);
    access_rows("readable code", 0x9B, 4, 0x123, 0, 0x123);
    access_rows("expand-down, 64 KB", 0x97, 0, 0x123, 0x124, 0xFFFF);
    access_rows("expand-down, 4 GB", 0x97, 4, 0x123, 0x124, 0xFFFFFFFF);
    access_rows("expand-down, read-only", 0x95, 4, 0x123, 0x124, 0xFFFFFFFF);
    access_rows("expand-down, page limit", 0x97, 12, 1, 0x2000, 0xFFFFFFFF);
    access_rows("expand-down with all of it outside", 0x97, 0, 0xFFFF, 0x10000, 0xFFFF);

    for (u32 null = 0; null < 4; null++) {
        start_at(0);
        in.ds = null;
        expect_fault("read through a null selector", read8, GP, 0);
        start_at(0);
        in.ds = null;
        expect_fault("write through a null selector", write32, GP, 0);
    }
    start_at(3);
    expect_fault("write to code", write_cs, GP, 0);
    set_gdt(SEL, descriptor(0, 0xFFFFF, 0xF9, 12));
    start_at(3);
    in.cs = SEL | 3;
    expect_fault("read of execute-only code", read_cs, GP, 0);

    /* The stack segment gives #SS. */
    set_gdt(SEL, descriptor(0, 0x40, 0xF3, 12));
    start_at(3);
    in.ss = SEL | 3;
    in.ebx = 0x41000;
    expect_fault("read past SS's limit", read_ss, SS, 0);
    start_at(3);
    in.ss = SEL | 3;
    in.esp = 0x50000;
    expect_fault("PUSH past SS's limit", push_eax, SS, 0);
    start_at(3);
    in.ss = SEL | 3;
    in.esp = 0x50000;
    expect_fault("[ESP] past SS's limit", esp_relative, SS, 0);
    start_at(3);
    in.ss = SEL | 3;
    in.ebp = 0x50000;
    expect_fault("[EBP] past SS's limit", ebp_relative, SS, 0);

    /* Fetches. */
    set_gdt(SEL, descriptor(0, 0x3F, 0xFB, 12));
    start_at(3);
    in.cs = SEL | 3;
    in.ebx = 0x40000;
    expect_fault("JMP past CS's limit", fetch_far, GP, 0);
    static u8 *const edge = (u8 *)0x3FFFC;
    edge[0] = edge[1] = edge[2] = 0x90;
    edge[3] = 0xB0; /* MOV AL, imm8 with the immediate outside */
    start_at(3);
    in.cs = SEL | 3;
    run(edge);
    row(ended(GP, 0, (u32)edge + 3), "instruction that runs past CS's limit");
    edge[3] = 0x90;
    start_at(3);
    in.cs = SEL | 3;
    run(edge);
    row(ended(GP, 0, (u32)edge + 4), "running into CS's limit");
}

/* --- LAR, LSL, VERR, VERW, ARPL --- */

CODE(lar32, "lar %eax, %ebx");
CODE(lsl32, "lsl %eax, %ebx");
CODE(lar16, "lar %ax, %bx");
CODE(lsl16, "lsl %ax, %bx");
CODE(verr, "verr %ax");
CODE(verw, "verw %ax");
CODE(arpl, "arpl %cx, %ax");
CODE(sgdt, "sgdt (%ebx)");
CODE(smsw, "smsw %eax");
CODE(sldt, "sldt %eax");
CODE(str, "str %eax");

static void looks(void)
{
    for (unsigned type = 0; type < 32; type++)
        for (unsigned rest = 0; rest < 128; rest++) {
            unsigned dpl = rest & 3, rpl = rest >> 2 & 3, level = rest >> 4 & 3;
            bool present = rest >> 6, segment = type & 0x10;
            u8 access = access_of(type, dpl, present);
            set_gdt(SEL, descriptor(0x12345678, 0xA9876, access, 8));
            bool seen = is_conforming_code(type) || (dpl >= level && dpl >= rpl);
            bool lar = seen && (segment || (0x1A3Eu >> type & 1)),
                 lsl = seen && (segment || (0x0A0Eu >> type & 1));
            bool rd = seen && segment && (!is_code(type) || (type & 2)), wr = seen && (type & 0x1A) == 0x12;
            const struct {
                const char *title;
                const u8 *code;
                bool ok;
                u32 value, mask;
            } looks[] = {
                {"LAR", lar32, lar, (u32)access << 8 | 0x00800000, 0x00F0FF00},
                {"LSL", lsl32, lsl, 0xA9876FFF, 0xFFFFFFFF},
                {"LAR 16", lar16, lar, (u32)access << 8 | 0xB0B10000, 0xFFFFFFFF},
                {"LSL 16", lsl16, lsl, 0xB0B16FFF, 0xFFFFFFFF},
                {"VERR", verr, rd, 0xB0B1B2B3, 0xFFFFFFFF},
                {"VERW", verw, wr, 0xB0B1B2B3, 0xFFFFFFFF},
            };
            for (unsigned i = 0; i < 6; i++) {
                start_at(level);
                in.eax = SEL | rpl;
                in.eflags |= rest & 1 ? F_ZF | F_CF : F_SF;
                run(looks[i].code);
                u32 value = looks[i].ok ? looks[i].value : 0xB0B1B2B3,
                    mask = looks[i].ok ? looks[i].mask : 0xFFFFFFFF;
                row(trap_vector == END && !!(out.eflags & F_ZF) == looks[i].ok &&
                        (out.ebx & mask) == (value & mask) && !((out.eflags ^ in.eflags) & ~(u32)F_ZF),
                    "%s: type %x DPL %u RPL %u at level %u: EBX %x", looks[i].title, type, dpl, rpl, level,
                    out.ebx);
            }
        }
    for (u32 selector = 0; selector < 4; selector++) {
        start_at(3);
        in.eax = selector;
        in.eflags |= F_ZF;
        run(lar32);
        row(trap_vector == END && !(out.eflags & F_ZF) && out.ebx == in.ebx, "LAR of null");
        start_at(3);
        in.eax = selector;
        in.eflags |= F_ZF;
        run(verr);
        row(trap_vector == END && !(out.eflags & F_ZF), "VERR of null");
    }
    start_at(3);
    in.eax = GDT_ENTRIES * 8;
    in.eflags |= F_ZF;
    run(lsl32);
    row(trap_vector == END && !(out.eflags & F_ZF), "LSL past the GDT's limit");
    for (u32 a = 0; a < 4; a++)
        for (u32 b = 0; b < 4; b++) {
            start_at(3);
            in.eax = 0x12340 + a;
            in.ecx = 0x55550 + b;
            run(arpl);
            row(trap_vector == END && out.eax == 0x12340 + (a < b ? b : a) &&
                    !!(out.eflags & F_ZF) == (a < b),
                "ARPL %u, %u", a, b);
        }
    static u8 table[8];
    start_at(3);
    in.ebx = (u32)table;
    run(sgdt);
    row(trap_vector == END && *(u16 *)table == sizeof gdt - 1 && *(u32 *)(table + 2) == (u32)gdt,
        "SGDT at level 3");
    start_at(3);
    run(smsw);
    row(trap_vector == END && (u16)out.eax == (u16)read_cr0(), "SMSW at level 3");
    start_at(3);
    run(str);
    row(trap_vector == END && (u16)out.eax == SEL_TSS, "STR at level 3");
    start_at(3);
    run(sldt);
    row(trap_vector == END && (u16)out.eax == 0, "SLDT at level 3");
}

/* --- LLDT, LTR --- */

static void system_loads(void)
{
    for (unsigned type = 0; type < 32; type++)
        for (unsigned present = 0; present < 2; present++) {
            u64 d = descriptor((u32)ldt, sizeof ldt - 1, access_of(type, 0, present), 0);
            set_gdt(SEL, d);
            start_at(0);
            in.eax = SEL;
            u32 vector = type != 2 ? GP : present ? 0 : NP;
            run(lldt);
            row(vector ? faulted(vector, SEL, in.eip) : trap_vector == END && trap_ldtr == SEL,
                "LLDT type %x P %u", type, present);
            __asm__ volatile("lldt %0" : : "r"((u16)0));
            set_gdt(SEL, descriptor((u32)&tss, TSS_LIMIT, access_of(type, 0, present), 0));
            start_at(0);
            in.eax = SEL;
            vector = type != 1 && type != 9 ? GP : present ? 0 : NP;
            if (!vector && type == 1)
                continue; /* a 16-bit TSS has no room for the trap's stack here */
            run(ltr);
            row(vector ? faulted(vector, SEL, in.eip)
                       : trap_vector == END && trap_tr == SEL && (gdt[SEL / 8] >> 41 & 1),
                "LTR type %x P %u", type, present);
            load_tr(SEL_TSS);
        }
    start_at(0);
    in.eax = 0;
    expect_fault("LTR of null", ltr, GP, 0);
    start_at(0);
    in.eax = 4;
    expect_fault("LTR from the LDT", ltr, GP, 4);
    start_at(0);
    in.eax = SEL | 4;
    expect_fault("LLDT from the LDT", lldt, GP, SEL | 4);
    start_at(0);
    in.eax = GDT_ENTRIES * 8;
    expect_fault("LTR past the GDT", ltr, GP, GDT_ENTRIES * 8);
    /* A selector in a good LDT. */
    ldt[2] = descriptor(0, 0xFFFFF, 0xF3, 12);
    __asm__ volatile("lldt %0" : : "r"((u16)SEL_LDT));
    start_at(3);
    in.eax = 0x17;
    run(load_ds);
    row(trap_vector == END && out.ds == 0x17, "segment from the LDT");
    start_at(3);
    in.eax = sizeof ldt | 7;
    expect_fault("selector past the LDT's limit", load_ds, GP, sizeof ldt | 4);
    __asm__ volatile("lldt %0" : : "r"((u16)0));
}

/* --- far JMP and CALL, direct --- */

CODE(jump_far, "ljmp *(%ebx)");
CODE(call_far, "lcall *(%ebx)");
CODE(target, "nop");

static struct {
    u32 offset;
    u16 selector;
} __attribute__((packed)) far_pointer;

static void far_transfers(void)
{
    for (unsigned type = 0; type < 32; type++) {
        if (type == 1 || type == 4 || type == 5 || type == 9 || type == 12)
            continue; /* gates and tasks have their own tests */
        for (unsigned rest = 0; rest < 128; rest++) {
            unsigned dpl = rest & 3, rpl = rest >> 2 & 3, level = rest >> 4 & 3;
            bool present = rest >> 6;
            u32 vector = GP;
            if (is_code(type) && (is_conforming_code(type) ? dpl <= level : rpl <= level && dpl == level))
                vector = present ? 0 : NP;
            for (unsigned call = 0; call < 2; call++) {
                set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type & ~(type >> 4 & 1u), dpl, present), 12));
                far_pointer.offset = (u32)target;
                far_pointer.selector = (u16)(SEL | rpl);
                start_at(level);
                in.ebx = (u32)&far_pointer;
                run(call ? call_far : jump_far);
                bool went =
                    ended(END, 0, (u32)target_end) && out.cs == (SEL | level) && out.esp == in.esp - 8 * call;
                if (went && call)
                    went = ((u32 *)out.esp)[0] == in.eip + 2 && (u16)((u32 *)out.esp)[1] == CODE_AT(level);
                row(vector ? faulted(vector, SEL, in.eip) : went,
                    "far %s: type %x DPL %u P %u RPL %u at level %u", call ? "call" : "jump", type, dpl,
                    (u32)present, rpl, level);
            }
        }
    }
    far_pointer.selector = 0;
    start_at(0);
    in.ebx = (u32)&far_pointer;
    expect_fault("far jump to null", jump_far, GP, 0);
    far_pointer.selector = GDT_ENTRIES * 8;
    start_at(0);
    in.ebx = (u32)&far_pointer;
    expect_fault("far call past the GDT", call_far, GP, GDT_ENTRIES * 8);
    set_gdt(SEL, descriptor(0, 0x100, 0x9B, 4));
    far_pointer.selector = SEL;
    far_pointer.offset = 0x101;
    start_at(0);
    in.ebx = (u32)&far_pointer;
    expect_fault("far jump past the target's limit", jump_far, GP, 0);
    start_at(0);
    in.ebx = (u32)&far_pointer;
    expect_fault("far call past the target's limit", call_far, GP, 0);
}

/* --- RETF and IRET --- */

CODE(retf, "lret");
CODE(retf_n, "lret $12");
CODE(iret, "iret");

static void build_return(unsigned words, u32 eip, u32 cs, u32 flags, u32 esp, u32 ss)
{
    u32 *stack = (u32 *)in.esp;
    unsigned at = 0;
    stack[at++] = eip;
    stack[at++] = cs;
    if (words == 5)
        stack[at++] = flags;
    stack[at++] = esp;
    stack[at++] = ss;
}

static void returns(void)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        const u8 *code = kind ? iret : retf;
        const char *name = kind ? "IRET" : "RETF";
        for (unsigned type = 0; type < 32; type++)
            for (unsigned rest = 0; rest < 128; rest++) {
                unsigned dpl = rest & 3, rpl = rest >> 2 & 3, level = rest >> 4 & 3;
                bool present = rest >> 6;
                u32 vector = GP;
                if (is_code(type) && rpl >= level && (is_conforming_code(type) ? dpl <= rpl : dpl == rpl))
                    vector = present ? 0 : NP;
                set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type & ~(type >> 4 & 1u), dpl, present), 12));
                start_at(level);
                in.esp -= 64;
                u32 outer_esp = in.esp - 0x100;
                build_return(kind ? 5 : 4, (u32)target, SEL | rpl, F_1, outer_esp, DATA_AT(rpl));
                u32 after = rpl == level ? in.esp + (kind ? 12 : 8) : outer_esp;
                run(code);
                row(vector ? faulted(vector, SEL, in.eip)
                           : ended(END, 0, (u32)target_end) && out.cs == (SEL | rpl) && out.esp == after &&
                                 out.ss == DATA_AT(rpl),
                    "%s: type %x DPL %u P %u RPL %u at level %u: vector %u", name, type, dpl, (u32)present,
                    rpl, level, vector);
            }
        /* The outer stack. */
        for (unsigned type = 0; type < 32; type++)
            for (unsigned rest = 0; rest < 32; rest++) {
                unsigned dpl = rest & 3, rpl = rest >> 2 & 3;
                bool present = rest >> 4;
                u32 vector = rpl == 3 && dpl == 3 && (type & 0x1A) == 0x12 ? present ? 0 : SS : GP;
                if (!vector && (type & 4))
                    continue;
                set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type, dpl, present), 12));
                start_at(1);
                in.esp -= 64;
                u32 outer_esp = in.esp - 0x100;
                build_return(kind ? 5 : 4, (u32)target, CODE_AT(3), F_1, outer_esp, SEL | rpl);
                run(code);
                row(vector ? faulted(vector, SEL, in.eip)
                           : ended(END, 0, (u32)target_end) && out.ss == (SEL | rpl),
                    "%s, outer stack: type %x DPL %u P %u RPL %u", name, type, dpl, (u32)present, rpl);
            }
        for (u32 null = 0; null < 4; null++) {
            start_at(1);
            in.esp -= 64;
            build_return(kind ? 5 : 4, (u32)target, CODE_AT(3), F_1, 0x1000, null);
            run(code);
            row(faulted(GP, 0, in.eip), "%s with a null outer stack %u", name, null);
            start_at(1);
            in.esp -= 64;
            build_return(kind ? 5 : 4, (u32)target, null, F_1, 0x1000, DATA_AT(3));
            run(code);
            row(faulted(GP, 0, in.eip), "%s to null %u", name, null);
        }
        /* Data segments that the outer level may not see become null. */
        for (unsigned from = 0; from < 3; from++)
            for (unsigned to = from + 1; to < 4; to++) {
                start_at(from);
                in.esp -= 64;
                in.ds = DATA_AT(from);
                in.es = DATA_AT(3);
                in.fs = SEL_CONFORMING;
                in.gs = DATA_AT(from + 1);
                build_return(kind ? 5 : 4, (u32)target, CODE_AT(to), F_1, in.esp - 0x100, DATA_AT(to));
                run(code);
                row(trap_vector == END && out.ds == 0 && out.es == DATA_AT(3) && out.fs == SEL_CONFORMING &&
                        out.gs == (to > from + 1 ? 0 : DATA_AT(from + 1)),
                    "%s from level %u to %u clears data segments: ds %x es %x fs %x gs %x", name, from, to,
                    out.ds, out.es, out.fs, out.gs);
            }
        /* Null selectors lose their RPL on the way: processors do that, the manual does not say it. */
        start_at(0);
        in.esp -= 64;
        in.ds = 3;
        in.fs = 1;
        in.gs = 2;
        build_return(kind ? 5 : 4, (u32)target, CODE_AT(3), F_1, in.esp - 0x100, DATA_AT(3));
        run(code);
        row(trap_vector == END && !out.ds && !out.fs && !out.gs,
            "%s to level 3 with null selectors: ds %x fs %x gs %x", name, out.ds, out.fs, out.gs);
        start_at(1);
        in.esp -= 64;
        set_gdt(SEL, descriptor(0, 0x3FF, 0xFB, 4));
        build_return(kind ? 5 : 4, 0x400, SEL | 3, F_1, in.esp - 0x100, DATA_AT(3));
        run(code);
        row(faulted(GP, 0, in.eip), "%s past the limit of the outer code", name);
    }
    /* RETF n gives up the parameters on both stacks. */
    start_at(1);
    in.esp -= 64;
    u32 outer_esp = in.esp - 0x100;
    u32 *stack = (u32 *)in.esp;
    stack[0] = (u32)target;
    stack[1] = CODE_AT(3);
    stack[5] = outer_esp;
    stack[6] = DATA_AT(3);
    run(retf_n);
    row(ended(END, 0, (u32)target_end) && out.esp == outer_esp + 12, "RETF 12 to an outer level");
    start_at(1);
    in.esp -= 64;
    stack = (u32 *)in.esp;
    stack[0] = (u32)target;
    stack[1] = CODE_AT(1);
    run(retf_n);
    row(ended(END, 0, (u32)target_end) && out.esp == in.esp + 20, "RETF 12 within a level");

    /* Which flags IRET and POPF write, by level and IOPL. */
    u32 known =
        0x7FD5 | F_RF | (family >= 4 ? F_AC : 0) | (features ? F_ID : 0) | (HAS_VME ? F_VIF | F_VIP : 0);
    for (unsigned level = 0; level < 4; level++)
        for (unsigned iopl = 0; iopl < 4; iopl++)
            for (unsigned wanted = 0; wanted < 2; wanted++) {
                start_at(level);
                in.esp -= 64;
                in.eflags |= iopl << 12;
                u32 flags = wanted ? ~(u32)(F_VM | F_NT | F_TF | F_RF | F_VIP) : 0;
                build_return(5, (u32)target, CODE_AT(level), flags, 0, 0);
                u32 mask = 0xCD5 | (family >= 4 ? F_AC : 0) | (features ? F_ID : 0);
                if (level <= iopl)
                    mask |= F_IF;
                if (level == 0)
                    mask |= F_IOPL | (HAS_VME ? F_VIF : 0);
                run(iret);
                row(ended(END, 0, (u32)target_end) &&
                        (out.eflags & known) == ((flags & mask) | (in.eflags & known & ~mask)),
                    "flags by IRET at level %u, IOPL %u, all %u: %x", level, iopl, wanted, out.eflags);
            }
}

CODE(popf32, "popfl");
CODE(popf16, "popfw");
CODE(pushf32, "pushfl");

static void flag_pops(void)
{
    for (unsigned size = 2; size <= 4; size += 2)
        for (unsigned level = 0; level < 4; level++)
            for (unsigned iopl = 0; iopl < 4; iopl++)
                for (unsigned wanted = 0; wanted < 2; wanted++) {
                    start_at(level);
                    in.esp -= 64;
                    in.eflags |= iopl << 12;
                    u32 flags = wanted ? ~(u32)F_TF : 0;
                    *(u32 *)in.esp = flags;
                    u32 mask = 0xCD5 | F_NT;
                    if (size == 4)
                        mask |= (family >= 4 ? F_AC : 0) | (features ? F_ID : 0);
                    if (level <= iopl)
                        mask |= F_IF;
                    if (level == 0)
                        mask |= F_IOPL;
                    run(size == 4 ? popf32 : popf16);
                    row(trap_vector == END && out.eflags == ((flags & mask) | (in.eflags & ~mask)) &&
                            out.esp == in.esp + size,
                        "POPF of %u bytes at level %u, IOPL %u, all %u: %x", size, level, iopl, wanted,
                        out.eflags);
                }
    start_at(3);
    in.eflags |= F_RF | F_CF;
    run(pushf32);
    row(trap_vector == END && *(u32 *)out.esp == (F_1 | F_CF), "PUSHF never shows RF");
}

/* --- interrupt gates --- */

CODE(int50, "int $0x50");

static void interrupt_gates(void)
{
    for (unsigned type = 0; type < 32; type++)
        for (unsigned rest = 0; rest < 32; rest++) {
            unsigned dpl = rest & 3, level = rest >> 2 & 3;
            bool present = rest >> 4, good = type == 6 || type == 7 || type == 14 || type == 15;
            if (type == 5)
                continue;
            u64 g = gate(type & 15, dpl, CODE_AT(0), stub_of(0x50), 0);
            g = (g & ~(0x9000ull << 32)) | (u64)(type >> 4) << 44 | (u64)present << 47;
            set_idt(0x50, g);
            start_at(level);
            in.eflags |= F_IOPL | F_IF;
            u32 vector = !good || level > dpl ? GP : !present ? NP : 0;
            if (!vector && type < 8)
                continue; /* 16-bit gates: see below */
            run(int50);
            row(vector ? faulted(vector, 0x50 * 8 + 2, in.eip)
                       : ended(0x50, 0, in.eip + 2) && out.eflags == in.eflags && out.esp == in.esp &&
                             out.ss == in.ss && !!(trap_eflags & F_IF) == (type & 1),
                "INT through gate type %x DPL %u P %u at level %u: vector %u", type, dpl, (u32)present, level,
                vector);
        }
    /* The code behind the gate. Handlers on levels 1 to 3 would not get at the recorder: for those only
     * faults are looked at. */
    for (unsigned type = 0; type < 32; type++)
        for (unsigned rest = 0; rest < 32; rest++) {
            unsigned dpl = rest & 3, level = rest >> 2 & 3;
            bool present = rest >> 4;
            set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type, dpl, present), 12));
            set_idt(0x50, gate(14, 3, SEL, (u32)target, 0));
            start_at(level);
            u32 vector = !is_code(type) || dpl > level ? GP : present ? 0 : NP;
            run(int50);
            unsigned now = is_conforming_code(type) ? level : dpl;
            row(vector ? faulted(vector, SEL, in.eip)
                       : ended(END, 0, (u32)target_end) && out.cs == (SEL | now) && out.ss == DATA_AT(now),
                "INT to code type %x DPL %u P %u at level %u: vector %u", type, dpl, (u32)present, level,
                vector);
        }
    for (u32 null = 0; null < 4; null++) {
        set_idt(0x50, gate(14, 3, (u16)null, (u32)target, 0));
        start_at(3);
        expect_fault("INT to a null selector", int50, GP, 0);
    }
    set_gdt(SEL, descriptor(0, 0xFF, 0x9B, 4));
    set_idt(0x50, gate(14, 3, SEL, 0x100, 0));
    start_at(0);
    expect_fault("INT past the limit of the code", int50, GP, 0);

    /* An exception whose gate is bad: the error code has EXT set. */
    set_idt(UD, gate(14, 3, GDT_ENTRIES * 8, 0, 0));
    start_at(3);
    expect_fault("exception to a selector past the GDT: EXT", ud2, GP, GDT_ENTRIES * 8 | 1);
    set_idt(UD, gate(14, 3, CODE_AT(0), stub_of(UD), 0) & ~(1ull << 47));
    start_at(3);
    expect_fault("exception through an absent gate: EXT", ud2, NP, UD * 8 + 3);
    set_idt(UD, 0);
    start_at(3);
    expect_fault("exception through no gate: EXT", ud2, GP, UD * 8 + 3);
    set_idt(UD, gate(14, 3, 0, 0, 0));
    start_at(3);
    expect_fault("exception to a null selector: EXT", ud2, GP, 1);
    reset_idt(UD);

    /* Past the IDT's limit. */
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) table = {0x50 * 8 + 6, (u32)idt};
    __asm__ volatile("lidt %0" : : "m"(table));
    reset_idt(0x50);
    start_at(3);
    expect_fault("INT with the gate's last byte past the IDT's limit", int50, GP, 0x50 * 8 + 2);
    table.limit = sizeof idt - 1;
    __asm__ volatile("lidt %0" : : "m"(table));

    /* Trap or interrupt gate: IF. NT, TF, RF, VM are cleared by all. */
    for (unsigned type = 14; type < 16; type++) {
        set_idt(0x50, gate(type, 3, CODE_AT(0), stub_of(0x50), 0));
        start_at(3);
        in.eflags |= F_IF | F_NT | F_DF | F_CF | F_OF | (family >= 4 ? F_AC : 0);
        run(int50);
        u32 cleared = F_NT | (type == 14 ? F_IF : 0);
        row(trap_vector == 0x50 &&
                (trap_eflags & (F_IF | F_NT)) == ((in.eflags & ~cleared) & (F_IF | F_NT)) &&
                out.eflags == in.eflags,
            "flags through gate type %u: %x", type, trap_eflags);
    }
    reset_idt(0x50);

    /* Faults push RF, traps and interrupts do not. */
    start_at(3);
    run(ud2);
    row(out.eflags & F_RF, "a fault's EFLAGS have RF");
    start_at(3);
    run(int50);
    row(!(out.eflags & F_RF), "a software interrupt's EFLAGS have no RF");
}

/* 16-bit gates: a handler of our own looks at the frame of words. */
CODE(handler16, "movl %esp, %esi; movl %ss:(%esp), %eax; movl %ss:4(%esp), %ecx; movl %ss:8(%esp), %edx");

static void gates16(void)
{
    for (unsigned type = 6; type < 8; type++)
        for (unsigned level = 0; level < 4; level += 3) {
            /* A gate of 16 bits reaches 64 KB: bring the handler there by the segment's base. */
            set_gdt(SEL, descriptor((u32)handler16, 0xFFFF, 0x9B, 4));
            set_gdt(SEL_ALT, descriptor((u32)int50 & ~15u, 0xFFFF, (u8)(0x9B | level << 5), 4));
            set_idt(0x50, gate(type, 3, SEL, 0xFFFF0000, 0));
            start_at(level);
            in.cs = SEL_ALT | level;
            in.eflags |= F_CF | F_IF;
            in.eip = (u32)int50 & 15;
            run(0);
            u32 depth = level ? 10 : 6;
            row(trap_vector == END && out.eip == (u32)(handler16_end - handler16) &&
                    out.esi == (level ? tss.esp0 : in.esp) - depth && (u16)out.eax == ((u32)int50 & 15) + 2 &&
                    out.eax >> 16 == (SEL_ALT | level) && (u16)out.ecx == (u16)in.eflags &&
                    (!level || (out.ecx >> 16 == (u16)in.esp && (u16)out.edx == in.ss)),
                "16-bit gate type %u from level %u: frame %x %x %x", type, level, out.eax, out.ecx, out.edx);
            row(!!(out.eflags & F_IF) == (type & 1), "16-bit gate type %u: IF", type);
        }
    /* An exception with an error code pushes a word of it. */
    set_gdt(SEL, descriptor((u32)handler16, 0xFFFF, 0x9B, 4));
    set_idt(GP, gate(6, 3, SEL, 0, 0));
    start_at(3);
    run(hlt);
    row(trap_vector == END && out.esi == tss.esp0 - 12 && (u16)out.eax == 0 && out.eax >> 16 == (u16)in.eip &&
            (u16)out.ecx == in.cs,
        "error code through a 16-bit gate: %x %x", out.eax, out.ecx);
    reset_idt(GP);
    reset_idt(0x50);
}

/* --- call gates --- */

CODE(gate_handler, "movl %esp, %esi; movl (%esp), %eax; movl 4(%esp), %ecx");

static void call_gates(void)
{
    /* Who may use the gate. */
    for (unsigned jump = 0; jump < 2; jump++)
        for (unsigned rest = 0; rest < 128; rest++) {
            unsigned dpl = rest & 3, rpl = rest >> 2 & 3, level = rest >> 4 & 3;
            bool present = rest >> 6;
            u64 g = gate(12, dpl, SEL_CONFORMING, (u32)target, 0);
            set_gdt(SEL_GATE, present ? g : g & ~(1ull << 47));
            far_pointer.selector = (u16)(SEL_GATE | rpl);
            far_pointer.offset = 0xDEADBEEF;
            start_at(level);
            in.ebx = (u32)&far_pointer;
            u32 vector = dpl < level || dpl < rpl ? GP : present ? 0 : NP;
            run(jump ? jump_far : call_far);
            row(vector ? faulted(vector, SEL_GATE, in.eip)
                       : ended(END, 0, (u32)target_end) && out.cs == (SEL_CONFORMING | level) &&
                             out.esp == in.esp - (jump ? 0 : 8),
                "%s through a call gate of DPL %u P %u RPL %u at level %u", jump ? "JMP" : "CALL", dpl,
                (u32)present, rpl, level);
        }
    /* The code behind it. */
    for (unsigned jump = 0; jump < 2; jump++)
        for (unsigned type = 0; type < 32; type++)
            for (unsigned rest = 0; rest < 32; rest++) {
                unsigned dpl = rest & 3, level = rest >> 2 & 3;
                bool present = rest >> 4, conforming = is_conforming_code(type);
                set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type, dpl, present), 12));
                set_gdt(SEL_GATE, gate(12, 3, SEL | 2, (u32)target, 0));
                far_pointer.selector = SEL_GATE;
                start_at(level);
                in.ebx = (u32)&far_pointer;
                u32 vector = GP;
                if (is_code(type) && dpl <= level && (!jump || conforming || dpl == level))
                    vector = present ? 0 : NP;
                run(jump ? jump_far : call_far);
                unsigned now = conforming ? level : dpl;
                u32 depth = now == level ? jump ? 0 : 8 : 16;
                u32 top = now == level ? in.esp : now == 0 ? tss.esp0 : now == 1 ? tss.esp1 : tss.esp2;
                row(vector ? faulted(vector, SEL, in.eip)
                           : ended(END, 0, (u32)target_end) && out.cs == (SEL | now) &&
                                 out.esp == top - depth && out.ss == DATA_AT(now),
                    "%s through a gate to type %x DPL %u P %u at level %u: vector %u", jump ? "JMP" : "CALL",
                    type, dpl, (u32)present, level, vector);
            }
    for (u32 null = 0; null < 4; null++) {
        set_gdt(SEL_GATE, gate(12, 3, (u16)null, (u32)target, 0));
        start_at(3);
        in.ebx = (u32)&far_pointer;
        expect_fault("call gate to a null selector", call_far, GP, 0);
    }
    set_gdt(SEL_GATE, gate(12, 3, GDT_ENTRIES * 8, (u32)target, 0));
    start_at(3);
    in.ebx = (u32)&far_pointer;
    expect_fault("call gate to a selector past the GDT", call_far, GP, GDT_ENTRIES * 8);

    /* Parameters. */
    for (unsigned count = 0; count < 32; count++) {
        set_gdt(SEL_GATE, gate(12, 3, CODE_AT(1), (u32)gate_handler, count));
        start_at(3);
        in.ebx = (u32)&far_pointer;
        in.esp -= 256;
        for (unsigned i = 0; i < 32; i++)
            ((u32 *)in.esp)[i] = 0x1000 + i;
        run(call_far);
        u32 *inner = (u32 *)out.esi;
        bool good = ended(END, 0, (u32)gate_handler_end) && out.esi == tss.esp1 - 16 - 4 * count &&
                    inner[0] == in.eip + 2 && (u16)inner[1] == CODE_AT(3) && inner[2 + count] == in.esp &&
                    (u16)inner[3 + count] == DATA_AT(3);
        for (unsigned i = 0; good && i < count; i++)
            good = inner[2 + i] == 0x1000 + i;
        row(good, "call gate with %u parameters", count);

        set_gdt(SEL, descriptor((u32)gate_handler, 0xFFFF, 0xBB, 4));
        set_gdt(SEL_GATE, gate(4, 3, SEL, 0xFFFF0000, count));
        start_at(3);
        in.ebx = (u32)&far_pointer;
        in.esp -= 256;
        for (unsigned i = 0; i < 32; i++)
            ((u16 *)in.esp)[i] = (u16)(0x1000 + i);
        run(call_far);
        u16 *inner16 = (u16 *)out.esi;
        good = trap_vector == END && out.cs == (SEL | 1) && out.esi == tss.esp1 - 8 - 2 * count &&
               inner16[0] == (u16)(in.eip + 2) && inner16[1] == CODE_AT(3) &&
               inner16[2 + count] == (u16)in.esp && inner16[3 + count] == DATA_AT(3);
        for (unsigned i = 0; good && i < count; i++)
            good = inner16[2 + i] == 0x1000 + i;
        row(good, "16-bit call gate with %u parameters", count);
    }
    /* The limit of the target, and of the inner stack. */
    set_gdt(SEL, descriptor(0, 0xFF, 0xBB, 4));
    set_gdt(SEL_GATE, gate(12, 3, SEL, 0x100, 0));
    start_at(3);
    in.ebx = (u32)&far_pointer;
    expect_fault("call gate past the limit of its code", call_far, GP, 0);
}

/* --- the inner stack, by call gate and by interrupt gate, to level 1 from level 3 --- */

static void inner_stack_row(const char *title, u32 call_vector, u32 error)
{
    start_at(3);
    in.ebx = (u32)&far_pointer;
    run(call_far);
    row(call_vector ? faulted(call_vector, error, in.eip) : trap_vector == END, "CALL to an inner level: %s",
        title);
    start_at(3);
    run(int50);
    row(call_vector ? faulted(call_vector, error, in.eip) : trap_vector == END, "INT to an inner level: %s",
        title);
}

static void inner_stacks(void)
{
    set_gdt(SEL_GATE, gate(12, 3, CODE_AT(1), (u32)target, 0));
    set_idt(0x50, gate(14, 3, CODE_AT(1), (u32)target, 0));
    far_pointer.selector = SEL_GATE;
    u32 good_esp = tss.esp1, good_ss = tss.ss1;
    inner_stack_row("good", 0, 0);
    for (u32 null = 0; null < 4; null++) {
        tss.ss1 = null;
        inner_stack_row("null SS", TS, 0);
    }
    tss.ss1 = GDT_ENTRIES * 8 | 1;
    inner_stack_row("SS past the GDT", TS, GDT_ENTRIES * 8);
    tss.ss1 = 0x15;
    inner_stack_row("SS in no LDT", TS, 0x14);
    for (unsigned type = 0; type < 32; type++)
        for (unsigned rest = 0; rest < 32; rest++) {
            unsigned dpl = rest & 3, rpl = rest >> 2 & 3;
            bool present = rest >> 4;
            u32 vector = rpl != 1 || dpl != 1 || (type & 0x1A) != 0x12 ? TS : present ? 0 : SS;
            if (!vector && (type & 4))
                continue;
            set_gdt(SEL, descriptor(0, 0xFFFFF, access_of(type, dpl, present), 12));
            tss.ss1 = SEL | rpl;
            inner_stack_row("SS of every type", vector, SEL);
        }
    tss.ss1 = good_ss;
    /* No room: the selector of the new stack is told. */
    set_gdt(SEL, descriptor((u32)arena, 0xFF, 0xB3, 4));
    for (u32 esp = 0; esp <= 0x104; esp += 4) {
        tss.ss1 = SEL | 1;
        tss.esp1 = esp;
        start_at(3);
        in.ebx = (u32)&far_pointer;
        u32 vector = esp >= 16 && esp <= 0x100 ? 0 : SS;
        /* ESP = 0 wraps to the top of 4 GB, which is outside as well. */
        run(call_far);
        row(vector ? faulted(SS, SEL, in.eip) : trap_vector == END,
            "room on the inner stack for CALL, ESP %x", esp);
        vector = esp >= 20 && esp <= 0x100 ? 0 : SS;
        start_at(3);
        run(int50);
        row(vector ? faulted(SS, SEL, in.eip) : trap_vector == END, "room on the inner stack for INT, ESP %x",
            esp);
        tss.esp1 = good_esp;
        tss.ss1 = good_ss;
    }
    /* The same on the stack of a transfer within the level: no selector. */
    set_gdt(SEL, descriptor((u32)arena, 0xFF, 0xF3, 4));
    far_pointer.selector = CODE_AT(3);
    far_pointer.offset = (u32)target;
    start_at(3);
    in.ss = SEL | 3;
    in.esp = 4;
    in.ebx = (u32)&far_pointer;
    expect_fault("no room for CALL within the level", call_far, SS, 0);

    /* A TSS that ends before the stack that is asked for. */
    for (u32 limit = 0; limit < 24; limit++) {
        set_gdt(SEL_ALT, descriptor((u32)&tss, limit, 0x8B, 0));
        set_gdt(SEL_GATE, gate(12, 3, CODE_AT(1), (u32)target, 0));
        far_pointer.selector = SEL_GATE;
        load_tr(SEL_ALT);
        if (limit >= 9) { /* level 0 must work for the recorder; level 1 needs bytes 12 to 17 */
            start_at(3);
            in.ebx = (u32)&far_pointer;
            run(call_far);
            row(limit < 17 ? faulted(TS, SEL_ALT, in.eip) : trap_vector == END,
                "TSS limit %u, stack of level 1", limit);
        }
        load_tr(SEL_TSS);
    }
    /* Stacks from a 16-bit TSS. */
    static struct {
        u16 link, sp0, ss0, sp1, ss1, sp2, ss2, rest[15];
    } tss16;
    set_gdt(SEL, descriptor((u32)arena, 0x2FFF, 0xB3, 0));
    set_gdt(SEL + 24, descriptor((u32)arena, 0x2FFF, 0x93, 0));
    tss16.sp0 = 0x2000;
    tss16.ss0 = SEL + 24;
    tss16.sp1 = 0x1000;
    tss16.ss1 = SEL | 1;
    set_gdt(SEL_ALT, descriptor((u32)&tss16, sizeof tss16 - 1, 0x81, 0));
    load_tr(SEL_ALT);
    start_at(3);
    in.ebx = (u32)&far_pointer;
    run(call_far);
    row(ended(END, 0, (u32)target_end) && (u16)out.esp == 0x1000 - 16 && out.ss == (SEL | 1) &&
            trap_ss == SEL + 24 && *(u32 *)(arena + 0x1000 - 16) == in.eip + 2 &&
            *(u32 *)(arena + 0x1000 - 8) == in.esp,
        "stacks from a 16-bit TSS");
    load_tr(SEL_TSS);
    reset_idt(0x50);
}

/* --- restart: a handler mends the cause, the instruction runs again --- */

CODE(restart_load, "mov %eax, %fs; incl %ecx; les (%ebx), %edx");
CODE(restart_movs, "rep movsb");
CODE(restart_pusha, "pushal; enter $8, $3");

static int make_present(void)
{
    if (trap_vector != NP && trap_vector != SS)
        return 0;
    gdt[SEL / 8] |= 1ull << 47;
    return 2;
}

static u32 widened;

/* DS and ES are loaded again on the way back. */
static int widen_limit(void)
{
    if (trap_vector != GP || trap_frame[0] != 0)
        return 0;
    gdt[SEL / 8] = descriptor((u32)arena, ++widened * 16 - 1, 0x93, 4);
    return 2;
}

static void restarts(void)
{
    set_gdt(SEL, descriptor(0, 0xFFFFF, 0x73, 12));
    far_pointer.offset = 0x11223344;
    far_pointer.selector = SEL;
    start_at(0);
    in.eax = SEL;
    in.ebx = (u32)&far_pointer;
    trap_fixup = make_present;
    trap_count = 0;
    run(restart_load);
    row(trap_vector == END && trap_count == 2 && out.fs == SEL && out.es == SEL && out.edx == 0x11223344 &&
            out.ecx == in.ecx + 1,
        "MOV FS goes on once the segment is present");

    for (unsigned i = 0; i < sizeof arena; i++)
        arena[i] = (u8)(i * 7 + (i >> 8));
    for (unsigned down = 0; down < 2; down++) {
        u8 expected[512];
        memcpy(expected, arena, sizeof expected);
        for (unsigned i = 0; i < 256; i++)
            expected[256 + (down ? 255 - i : i)] = expected[down ? 255 - i : i];
        widened = down ? 8 : 0;
        set_gdt(SEL, descriptor((u32)arena, down ? 127 : 0, 0x93, 4));
        start_at(0);
        in.ds = in.es = SEL;
        in.esi = down ? 255 : 0;
        in.edi = down ? 511 : 256;
        in.ecx = 256;
        in.eflags |= down ? F_DF : 0;
        trap_fixup = widen_limit;
        trap_count = 0;
        run(restart_movs);
        bool good = trap_vector == END && out.ecx == 0 && trap_count == (down ? 25 : 33) &&
                    (int)out.esi == (down ? -1 : 256);
        for (unsigned i = 0; i < sizeof expected; i++)
            good = good && arena[i] == expected[i];
        row(good, "REP MOVSB goes on after each of %u faults", trap_count);
    }
    trap_fixup = 0;
    /* PUSHA and ENTER move nothing where the last of their words does not fit. */
    set_gdt(SEL, descriptor((u32)arena, 0xFFF, 0xF7, 4));
    for (u32 room = 4; room < 32; room += 4) {
        start_at(3);
        in.ss = SEL | 3;
        in.esp = 0x1000 + room;
        expect_fault("PUSHA without room", restart_pusha, SS, 0);
    }
}

void test_main(void)
{
    exceptions();
    segment_loads();
    limits();
    looks();
    system_loads();
    far_transfers();
    returns();
    flag_pops();
    interrupt_gates();
    gates16();
    call_gates();
    inner_stacks();
    restarts();
}
