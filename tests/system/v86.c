/* Virtual-8086 mode, with and without VME, and protected-mode virtual interrupts. SDM volume 3, chapter 20.
 */
#include "tests/system/test.h"

CODE16(v_cli, "cli");
CODE16(v_sti, "sti");
CODE16(v_pushf, "pushfw");
CODE16(v_pushfd, "pushfl");
CODE16(v_popf, "popfw");
CODE16(v_popfd, "popfl");
CODE16(v_iret, "iretw");
CODE16(v_iretd, "iretl");
CODE16(v_int, "int $0x50");
CODE16(v_int3, "int3");
CODE16(v_into, "into");
CODE16(v_icebp, ".byte 0xF1");
CODE16(v_int1, ".byte 0xCD, 1");
CODE16(v_hlt, "hlt");
CODE16(v_clts, "clts");
CODE16(v_lmsw, "lmsw %ax");
CODE16(v_mov_cr0, "mov %cr0, %eax");
CODE16(v_mov_dr0, "mov %db0, %eax");
CODE16(v_lgdt, "lgdt (0)");
CODE16(v_lidt, "lidt (0)");
CODE16(v_sgdt, "sgdt (0)");
CODE16(v_smsw, "smsw %ax");
CODE16(v_lldt, "lldt %ax");
CODE16(v_ltr, "ltr %ax");
CODE16(v_sldt, "sldt %ax");
CODE16(v_str, "str %ax");
CODE16(v_lar, "lar %ax, %ax");
CODE16(v_lsl, "lsl %ax, %ax");
CODE16(v_verr, "verr %ax");
CODE16(v_arpl, "arpl %ax, %ax");
CODE16(v_ud2, ".byte 0x0F, 0x0B");
CODE16(v_in8, "inb %dx, %al");
CODE16(v_in16, "inw %dx, %ax");
CODE16(v_in32, "inl %dx, %eax");
CODE16(v_out8, "outb %al, %dx");
CODE16(v_nop, "nop");
CODE16(v_word, "movw (%bx), %ax");
CODE16(v_dword, "addr32 movl (%ebx), %eax");
CODE16(v_push, "pushw %ax");
CODE16(v_segments, "movw %ax, %ds; movw (0), %cx; lesw (2), %si; movw %es, %dx");
CODE16(v_far, "lcallw *(%bx)");
CODE16(v_retf, "lretw");
CODE(p_in8, "inb %dx, %al");
CODE(p_in16, "inw %dx, %ax");
CODE(p_in32, "inl %dx, %eax");
CODE(p_cli, "cli");
CODE(p_sti, "sti");
CODE(p_pushf, "pushfl");
CODE(p_popf, "popfl");

static u16 *at(u32 segment, u32 offset)
{
    return (u16 *)((segment << 4) + offset);
}

/* The monitor's end of the rows is INT 40h, which needs IOPL 3 or VME: #GP at it will do as well. */
static bool came_to_end(const u8 *code_end)
{
    u32 end = (u32)code_end - (in.cs << 4);
    return (trap_vector == END && out.eip == end) ||
           (trap_vector == GP && trap_error == 0 && out.eip == end - 2);
}

static void mode(void)
{
    start_v86(v_nop);
    in.eflags |= F_IOPL | F_CF | F_DF;
    in.ds = 0x1111;
    in.es = 0xFFFF;
    in.fs = 0;
    in.gs = 0x8003;
    run(v_nop);
    row(trap_vector == END && out.cs == in.cs && out.ss == in.ss && out.esp == in.esp && out.ds == 0x1111 &&
            out.es == 0xFFFF && out.fs == 0 && out.gs == 0x8003 && out.eflags == in.eflags && trap_nulled,
        "a trap from V86 mode saves the segments and nulls them");
    /* Addresses: segment * 16 + offset, 64 KB each, past 1 MB where A20 is open. */
    *(u32 *)0x60000 = 0x12345678;
    *at(0x5000, 0) = 0;
    start_v86(v_segments);
    in.eflags |= F_IOPL;
    in.eax = 0x5FFF;
    *(u16 *)0x5FFF0 = 0xABCD;
    *(u32 *)0x5FFF2 = 0x5FFF0042;
    run(v_segments);
    row(trap_vector == END && (u16)out.ecx == 0xABCD && (u16)out.esi == 0x42 && out.es == 0x5FFF &&
            out.ds == 0x5FFF,
        "segment loads in V86 mode");
    start_v86(v_word);
    in.ds = 0xFFFF;
    in.ebx = 0x10;
    in.eflags |= F_IOPL;
    u16 saved = *(u16 *)0x100000;
    *(u16 *)0x100000 = 0x7788;
    run(v_word);
    *(u16 *)0x100000 = saved;
    row(trap_vector == END && (u16)out.eax == 0x7788, "FFFF:0010 is 100000h");
    start_v86(v_word);
    in.ebx = 0xFFFF;
    run(v_word);
    row(faulted(GP, 0, in.eip), "word at the end of a segment");
    start_v86(v_dword);
    in.ebx = 0x10000;
    run(v_dword);
    row(faulted(GP, 0, in.eip), "32-bit address past 64 KB");
    start_v86(v_push);
    in.esp = 1;
    run(v_push);
    row(faulted(SS, 0, in.eip), "PUSH with SP 1");
    start_v86(v_push);
    in.eflags |= F_IOPL;
    in.esp = 0xABCD0000;
    run(v_push);
    row(trap_vector == END && out.esp == 0xABCDFFFE,
        "PUSH with SP 0 wraps and leaves the upper half of ESP: %x", out.esp);
    start_v86(v_far);
    in.eflags |= F_IOPL;
    in.ebx = 0x20;
    *at(in.ds, 0x20) = (u16)((u32)v_retf & 15);
    *at(in.ds, 0x22) = (u16)((u32)v_retf >> 4);
    run(v_far);
    row(came_to_end(v_far_end), "CALL and RETF in V86 mode");
    start_v86(v_ud2);
    run(v_ud2);
    row(faulted(UD, 0, in.eip), "#UD from V86 mode");

    static const struct {
        const char *name;
        const u8 *code;
        u32 vector;
    } refused[] = {
        {"HLT", v_hlt, GP},
        {"CLTS", v_clts, GP},
        {"LMSW", v_lmsw, GP},
        {"MOV r, CR0", v_mov_cr0, GP},
        {"MOV r, DR0", v_mov_dr0, GP},
        {"LGDT", v_lgdt, GP},
        {"LIDT", v_lidt, GP},
        {"LLDT", v_lldt, UD},
        {"LTR", v_ltr, UD},
        {"SLDT", v_sldt, UD},
        {"STR", v_str, UD},
        {"LAR", v_lar, UD},
        {"LSL", v_lsl, UD},
        {"VERR", v_verr, UD},
        {"ARPL", v_arpl, UD},
    };
    for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++)
        for (unsigned iopl = 0; iopl < 4; iopl += 3) {
            start_v86(refused[i].code);
            in.eflags |= iopl << 12;
            run(refused[i].code);
            row(faulted(refused[i].vector, 0, in.eip), "%s in V86 mode: vector %u expected", refused[i].name,
                refused[i].vector);
        }
    start_v86(v_sgdt);
    run(v_sgdt);
    row(came_to_end(v_sgdt_end) && *at(in.ds, 0) == sizeof gdt - 1, "SGDT in V86 mode");
    start_v86(v_smsw);
    run(v_smsw);
    row(came_to_end(v_smsw_end) && (out.eax & 1), "SMSW in V86 mode");

    /* The handler must be at level 0. */
    for (unsigned level = 1; level < 4; level++) {
        set_idt(UD, gate(14, 3, CODE_AT(level), (u32)p_cli, 0));
        start_v86(v_ud2);
        run(v_ud2);
        row(faulted(GP, (CODE_AT(level) & 0xFFFC) | 1, in.eip), "trap from V86 mode to level %u", level);
    }
    set_idt(UD, gate(14, 3, SEL_CONFORMING, (u32)p_cli, 0));
    start_v86(v_ud2);
    run(v_ud2);
    row(faulted(GP, SEL_CONFORMING | 1, in.eip), "trap from V86 mode to conforming code");
    reset_idt(UD);
    /* INT3, INTO and F1 do not look at IOPL, but at the gate. */
    for (unsigned dpl = 0; dpl < 4; dpl++) {
        set_idt(BP, gate(14, dpl, CODE_AT(0), stub_of(BP), 0));
        set_idt(OF, gate(14, dpl, CODE_AT(0), stub_of(OF), 0));
        set_idt(DB, gate(14, dpl, CODE_AT(0), stub_of(DB), 0));
        start_v86(v_int3);
        run(v_int3);
        row(dpl < 3 ? faulted(GP, BP * 8 + 2, in.eip) : ended(BP, 0, in.eip + 1),
            "INT3 in V86 mode, gate of DPL %u", dpl);
        start_v86(v_into);
        in.eflags |= F_OF;
        run(v_into);
        row(dpl < 3 ? faulted(GP, OF * 8 + 2, in.eip) : ended(OF, 0, in.eip + 1),
            "INTO in V86 mode, gate of DPL %u", dpl);
        start_v86(v_icebp);
        run(v_icebp);
        row(ended(DB, 0, in.eip + 1), "F1 in V86 mode, gate of DPL %u", dpl);
    }
    reset_idt(BP);
    reset_idt(OF);
    reset_idt(DB);
}

/* What an IOPL-sensitive instruction does: written from SDM volume 3, table 20-2 and section 20.3. */
struct outcome {
    bool faults;
    u32 eflags; /* after it */
    u32 pushed; /* PUSHF */
};

static struct outcome expect_flags(const u8 *code, bool vme, u32 eflags, u32 image)
{
    struct outcome o = {.eflags = eflags};
    unsigned iopl = eflags >> 12 & 3;
    bool wide = code == v_pushfd || code == v_popfd || code == v_iretd;
    bool is_pop = code == v_popf || code == v_popfd || code == v_iret || code == v_iretd;
    if (iopl == 3) {
        if (code == v_cli)
            o.eflags &= ~(u32)F_IF;
        else if (code == v_sti)
            o.eflags |= F_IF;
        else if (is_pop) {
            u32 mask = 0x4FD5 & ~(u32)F_IOPL;
            if (wide)
                mask |= (family >= 4 ? F_AC : 0) | (features ? F_ID : 0) | (code == v_iretd ? F_RF : 0);
            o.eflags = (eflags & ~mask) | (image & mask);
        }
        o.pushed = eflags & ~(u32)(F_VM | F_RF);
        return o;
    }
    if (!vme || wide) {
        o.faults = true;
        return o;
    }
    if (code == v_cli)
        o.eflags &= ~(u32)F_VIF;
    else if (code == v_sti) {
        if (eflags & F_VIP)
            o.faults = true;
        else
            o.eflags |= F_VIF;
    } else if (is_pop) {
        if ((image & F_TF) || ((image & F_IF) && (eflags & F_VIP))) {
            o.faults = true;
        } else {
            u32 mask = 0x4FD5 & ~(u32)(F_IOPL | F_IF);
            o.eflags = (eflags & ~(mask | F_VIF)) | (image & mask) | (image & F_IF ? F_VIF : 0);
        }
    }
    o.pushed = (eflags & ~(u32)(F_VM | F_RF | F_IF)) | F_IOPL | (eflags & F_VIF ? F_IF : 0);
    return o;
}

static void sensitive(bool vme)
{
    static const struct {
        const char *name;
        const u8 *code, *end;
    } list[] = {
        {"CLI", v_cli, v_cli_end},          {"STI", v_sti, v_sti_end},     {"PUSHF", v_pushf, v_pushf_end},
        {"PUSHFD", v_pushfd, v_pushfd_end}, {"POPF", v_popf, v_popf_end},  {"POPFD", v_popfd, v_popfd_end},
        {"IRET", v_iret, v_nop_end},        {"IRETD", v_iretd, v_nop_end},
    };
    static const u32 images[] = {0, 0xFFFFFFFF & ~(u32)F_TF, F_IF, F_TF, F_IF | F_TF, 0x3CD5};
    u32 vflags = vme ? 4 : 1;
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
        for (unsigned iopl = 0; iopl < 4; iopl++)
            for (u32 v = 0; v < vflags; v++)
                for (unsigned real_if = 0; real_if < 2; real_if++)
                    for (unsigned image = 0; image < sizeof images / sizeof *images; image++) {
                        const u8 *code = list[i].code;
                        if (iopl == 3 && (images[image] & F_TF))
                            continue; /* single steps: see the debug tests */
                        start_v86(code);
                        in.eflags |=
                            iopl << 12 | (real_if ? F_IF : 0) | (v & 1 ? F_VIF : 0) | (v & 2 ? F_VIP : 0);
                        /* The pop's image, or IRET's frame: to v_nop. */
                        u16 *stack = at(in.ss, in.esp);
                        bool ret = code == v_iret || code == v_iretd;
                        if (code == v_iret) {
                            stack[0] = (u16)((u32)v_nop & 15);
                            stack[1] = (u16)((u32)v_nop >> 4);
                            stack[2] = (u16)images[image];
                        } else if (code == v_iretd) {
                            ((u32 *)stack)[0] = (u32)v_nop & 15;
                            ((u32 *)stack)[1] = (u32)v_nop >> 4;
                            ((u32 *)stack)[2] = images[image];
                        } else {
                            *(u32 *)stack = images[image];
                        }
                        struct outcome o = expect_flags(code, vme, in.eflags, images[image]);
                        run(code);
                        bool good;
                        if (o.faults) {
                            good = faulted(GP, 0, in.eip);
                        } else {
                            u32 start = in.eip;
                            if (ret)
                                in.cs = (u32)v_nop >> 4;
                            /* RF from IRETD is gone after one more instruction; a #GP at the end sets it. */
                            good = came_to_end(list[i].end) &&
                                   (out.eflags & ~(u32)F_RF) == (o.eflags & ~(u32)F_RF);
                            in.eip = start;
                            if (code == v_pushf)
                                good = good && *at(in.ss, out.esp) == (u16)o.pushed && out.esp == in.esp - 2;
                            if (code == v_pushfd)
                                good = good && *(u32 *)at(in.ss, out.esp) == o.pushed;
                        }
                        row(good, "V86 %s: VME %u, EFLAGS %x, popped %x: expected %s, EFLAGS %x",
                            list[i].name, (u32)vme, in.eflags, images[image], o.faults ? "#GP" : "no fault",
                            o.eflags);
                    }
}

static void interrupts(bool vme)
{
    u32 *vectors = 0;
    u32 saved = vectors[0x50];
    *(volatile u32 *)(0x50 * 4) = ((u32)v_nop >> 4) << 16 | ((u32)v_nop & 15);
    for (unsigned iopl = 0; iopl < 4; iopl++)
        for (unsigned bit = 0; bit < 2; bit++)
            for (unsigned flags = 0; flags < 8; flags++) {
                memset(tss.redirection, 0xFF, 32);
                if (!bit)
                    tss.redirection[0x50 / 8] &= (u8) ~(1u << (0x50 & 7));
                start_v86(v_int);
                in.eflags |= iopl << 12 | (flags & 1 ? F_IF : 0) | F_CF;
                if (vme)
                    in.eflags |= (flags & 2 ? F_VIF : 0) | (flags & 4 ? F_VIP : 0);
                run(v_int);
                if (vme && !bit) {
                    u16 *stack = at(in.ss, in.esp - 6);
                    u32 pushed = iopl == 3
                                     ? in.eflags
                                     : (in.eflags & ~(u32)F_IF) | F_IOPL | (in.eflags & F_VIF ? F_IF : 0);
                    u32 after = iopl == 3 ? in.eflags & ~(u32)F_IF : in.eflags & ~(u32)F_VIF;
                    u32 cs = in.cs;
                    in.cs = (u32)v_nop >> 4;
                    bool good = came_to_end(v_nop_end) && out.cs == in.cs &&
                                (out.eflags & ~(u32)F_RF) == after && out.esp == in.esp - 6 &&
                                stack[0] == in.eip + 2 && stack[1] == cs && stack[2] == (u16)pushed;
                    row(good, "INT n redirected: IOPL %u EFLAGS %x: pushed %x", iopl, in.eflags,
                        (u32)stack[2]);
                } else if (iopl < 3) {
                    row(faulted(GP, 0, in.eip), "INT n in V86 mode: VME %u IOPL %u", (u32)vme, iopl);
                } else {
                    row(ended(0x50, 0, in.eip + 2) && out.eflags == in.eflags,
                        "INT n in V86 mode: VME %u IOPL %u", (u32)vme, iopl);
                }
            }
    /* INT3 is never redirected. */
    memset(tss.redirection, 0, 32);
    start_v86(v_int3);
    run(v_int3);
    row(ended(BP, 0, in.eip + 1), "INT3 is not redirected");
    memset(tss.redirection, 0xFF, 32);
    vectors[0x50] = saved;
}

/* --- the I/O map, in V86 mode always, in protected mode where CPL > IOPL --- */

static void io_row(bool v86, unsigned size, u32 port, bool good, const char *title)
{
    static const u8 *const v[5] = {0, v_in8, v_in16, 0, v_in32}, *const p[5] = {0, p_in8, p_in16, 0, p_in32};
    static const u8 *const v_ends[5] = {0, v_in8_end, v_in16_end, 0, v_in32_end};
    const u8 *code = v86 ? v[size] : p[size];
    if (v86)
        start_v86(code);
    else
        start_at(3);
    in.edx = port;
    run(code);
    row(good ? v86 ? came_to_end(v_ends[size]) : trap_vector == END : faulted(GP, 0, in.eip),
        "%s: IN of %u bytes from port %x, V86 %u", title, size, port, (u32)v86);
}

static void io_map(void)
{
    for (unsigned v86 = 0; v86 < 2; v86++) {
        for (u32 first = 0x80; first < 0x90; first++)
            for (unsigned length = 1; length <= 4; length++) {
                memset(tss.io_map, 0xFF, sizeof tss.io_map);
                for (u32 port = first; port < first + length; port++)
                    tss.io_map[port / 8] &= (u8) ~(1u << (port & 7));
                for (unsigned size = 1; size <= 4; size *= 2)
                    for (u32 port = 0x82; port < 0x8A; port++)
                        io_row(v86, size, port, port >= first && port + size <= first + length, "I/O map");
            }
        memset(tss.io_map, 0, sizeof tss.io_map);
        io_row(v86, 1, 0x80, true, "all open");
        io_row(v86, 1, 0xFFFF, true, "all open");
        /* The map's end: two bytes are read, so the byte behind must be within the limit. */
        u32 io_base = tss.io_base;
        for (u32 limit = io_base; limit < io_base + 20; limit++) {
            set_gdt(SEL_TSS, descriptor((u32)&tss, limit, 0x89, 0));
            load_tr(SEL_TSS);
            io_row(v86, 1, 0x80, limit >= io_base + 17, "limit of the TSS");
            io_row(v86, 1, 0x87, limit >= io_base + 17, "limit of the TSS");
            io_row(v86, 2, 0x87, limit >= io_base + 17, "limit of the TSS");
        }
        set_gdt(SEL_TSS, descriptor((u32)&tss, TSS_LIMIT, 0x89, 0));
        load_tr(SEL_TSS);
        tss.io_base = TSS_LIMIT + 1;
        io_row(v86, 1, 0, false, "I/O base at the limit");
        tss.io_base = 0xFFFF;
        io_row(v86, 1, 0x80, false, "I/O base FFFF");
        tss.io_base = (u16)io_base;
        memset(tss.io_map, 0xFF, sizeof tss.io_map);
    }
    /* In V86 mode IOPL has no say. */
    start_v86(v_in8);
    in.edx = 0x80;
    in.eflags |= F_IOPL;
    run(v_in8);
    row(faulted(GP, 0, in.eip), "IN in V86 mode at IOPL 3 by the map");
    start_v86(v_out8);
    in.edx = 0x80;
    in.eflags |= F_IOPL;
    run(v_out8);
    row(faulted(GP, 0, in.eip), "OUT in V86 mode at IOPL 3 by the map");
}

/* PVI: at level 3 of protected mode CLI and STI go to VIF; PUSHF and POPF do not. SDM volume 3, 20.4. */
static void protected_virtual(void)
{
    write_cr4(read_cr4() | C4_PVI);
    for (unsigned iopl = 0; iopl < 4; iopl++)
        for (unsigned level = 1; level < 4; level++)
            for (unsigned flags = 0; flags < 8; flags++) {
                u32 eflags = F_1 | iopl << 12 | (flags & 1 ? F_IF : 0) | (flags & 2 ? F_VIF : 0) |
                             (flags & 4 ? F_VIP : 0);
                bool real = level <= iopl, virtual = !real && level == 3;
                start_at(level);
                in.eflags = eflags;
                run(p_cli);
                row(real || virtual
                        ? trap_vector == END && out.eflags == (eflags & ~(u32)(real ? F_IF : F_VIF))
                        : faulted(GP, 0, in.eip),
                    "PVI: CLI at level %u, EFLAGS %x", level, eflags);
                start_at(level);
                in.eflags = eflags;
                run(p_sti);
                row(real || (virtual && !(flags & 4))
                        ? trap_vector == END && out.eflags == (eflags | (real ? F_IF : F_VIF))
                        : faulted(GP, 0, in.eip),
                    "PVI: STI at level %u, EFLAGS %x", level, eflags);
                start_at(level);
                in.eflags = eflags;
                run(p_pushf);
                row(trap_vector == END && *(u32 *)out.esp == eflags, "PVI: PUSHF at level %u", level);
                start_at(level);
                in.eflags = eflags;
                in.esp -= 4;
                *(u32 *)in.esp = (eflags ^ F_IF) & ~(u32)(F_VIF | F_VIP);
                run(p_popf);
                row(trap_vector == END && out.eflags == (real ? eflags ^ F_IF : eflags),
                    "PVI: POPF at level %u, EFLAGS %x", level, eflags);
            }
    write_cr4(read_cr4() & ~(u32)C4_PVI);
}

void test_main(void)
{
    mode();
    io_map();
    sensitive(false);
    interrupts(false);
    if (HAS_VME) {
        write_cr4(read_cr4() | C4_VME);
        sensitive(true);
        interrupts(true);
        write_cr4(read_cr4() & ~(u32)C4_VME);
        protected_virtual();
    }
}
