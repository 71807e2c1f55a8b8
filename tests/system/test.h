/* Runtime of the system tests: images that boot, go to protected mode, and check the processor from inside.
 *
 * A row is: registers in `in`, enter(), and a look at `out` and the trap_... variables. enter() loads every
 * register and goes to in.cs:in.eip at whatever level or mode these say; the first exception or interrupt
 * ends it. Code under test that runs to its end gets there by INT 40h (CODE() appends it).
 *
 * The same images run on other machines (see run.sh): the expectations come from the SDM and are not
 * told by tick86 itself. */
#ifndef TESTS_SYSTEM_TEST_H
#define TESTS_SYSTEM_TEST_H

#include <stdbool.h>

#include "tests/guest/library.h"

enum { DE, DB, NMI, BP, OF, BR, UD, NM, DF, MP, TS, NP, SS, GP, PF, MF = 16, AC, MC, END = 0x40 };
enum {
    F_CF = 1,
    F_1 = 2,
    F_PF = 4,
    F_AF = 0x10,
    F_ZF = 0x40,
    F_SF = 0x80,
    F_TF = 0x100,
    F_IF = 0x200,
    F_DF = 0x400,
    F_OF = 0x800,
    F_IOPL = 0x3000,
    F_NT = 0x4000,
    F_RF = 0x10000,
    F_VM = 0x20000,
    F_AC = 0x40000,
    F_VIF = 0x80000,
    F_VIP = 0x100000,
    F_ID = 0x200000,
};
enum {
    C0_PE = 1,
    C0_MP = 2,
    C0_EM = 4,
    C0_TS = 8,
    C0_ET = 16,
    C0_NE = 32,
    C0_WP = 1 << 16,
    C0_AM = 1 << 18,
    C0_NW = 1 << 29,
    C0_CD = 1 << 30,
    C0_PG = 1u << 31,
    C4_VME = 1,
    C4_PVI = 2,
    C4_TSD = 4,
    C4_DE = 8,
    C4_PSE = 16,
    C4_PAE = 32,
    C4_MCE = 64,
    C4_PGE = 128,
};

/* Selectors. CODE_AT(level), DATA_AT(level): flat segments of each level, with that RPL. */
#define CODE_AT(level) ((u16)((level)*16 + 0x08 + (level)))
#define DATA_AT(level) ((u16)((level)*16 + 0x10 + (level)))
enum {
    SEL_CODE16 = 0x48,
    SEL_DATA16 = 0x50,
    SEL_TSS = 0x58,
    SEL_LDT = 0x60,
    SEL_CONFORMING = 0x68,
    SEL_FREE = 0x80, /* from here on: the tests' own */
    GDT_ENTRIES = 64,
};

struct registers {
    u32 eax, ecx, edx, ebx, esp, ebp, esi, edi, eip, eflags, cs, ss, ds, es, fs, gs;
};
extern struct registers in, out;
extern u32 trap_vector, trap_esp, trap_frame[12], trap_cr2, trap_dr6, trap_dr7, trap_cr0, trap_tr, trap_ldtr,
    trap_ss, trap_cs, trap_eflags, trap_count;
/* What run() makes of the frame. */
extern u32 trap_error;
extern bool trap_has_error, trap_nulled; /* from V86 mode: the data segments were null in the handler */
/* Called at each trap where set: 0 ends the row, 1 goes on with the registers in `out` and the first words of
 * trap_frame, 2 likewise with the error code dropped. */
extern int (*trap_fixup)(void);

extern u64 gdt[GDT_ENTRIES], ldt[32], idt[256];
extern u8 host_stack_top[];
struct tss {
    u16 link, r0;
    u32 esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
    union {
        u32 gpr[8];
        struct {
            u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
        };
    };
    u32 es, cs, ss, ds, fs, gs, ldt;
    u16 trap, io_base;
    u8 redirection[32], io_map[8194];
};
extern struct tss tss;
enum { TSS_LIMIT = 0x67 + 32 + 8194 };

/* Which processor: 3, 4, 5 or 6, and CPUID.1:EDX (0 without CPUID). */
extern unsigned family;
extern u32 features;
#define HAS_VME (features & 2)
#define HAS_DE  (features & 4)
#define HAS_PSE (features & 8)
#define HAS_TSC (features & 0x10)
#define HAS_MSR (features & 0x20)
#define HAS_PAE (features & 0x40)
#define HAS_SEP (features & 0x800)
#define HAS_PGE (features & 0x2000)

/* An image's rows; returns when all were run. */
void test_main(void);

/* `in` for code at LEVEL: flat segments, stacks of their own, distinct register values, EFLAGS 2. */
void start_at(unsigned level);
/* Likewise for V86 mode: the code's paragraph as CS. */
void start_v86(const void *code);
/* Runs CODE (or in.eip where NULL); returns the vector. */
u32 run(const void *code);

/* Verdicts. A failed row prints its title and what came instead. */
void row(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Did the last run end with VECTOR (and ERROR, where it has one) at EIP? */
bool ended(u32 vector, u32 error, u32 eip);
/* Likewise, and no register changed. */
bool faulted(u32 vector, u32 error, u32 eip);
/* Row: CODE faults at its first byte and changes nothing. */
void expect_fault(const char *title, const void *code, u32 vector, u32 error);
/* Row: CODE runs to its end. */
void expect_end(const char *title, const void *code, const void *end);
unsigned rows_failed(void);
void finish(void) __attribute__((noreturn));

/* Descriptors. ACCESS: type, S, DPL, P; FLAGS: 4 for D/B, 8 for G. LIMIT as it stands in the descriptor. */
u64 descriptor(u32 base, u32 limit, u8 access, u8 flags);
void set_gdt(u16 selector, u64 value);
/* TYPE: 4, 12 call, 6, 14 interrupt, 7, 15 trap, 5 task; COUNT of parameters. */
u64 gate(unsigned type, unsigned dpl, u16 selector, u32 offset, unsigned count);
void set_idt(unsigned vector, u64 value);
/* The recording handler of VECTOR again. */
void reset_idt(unsigned vector);
u32 stub_of(unsigned vector);
void load_tr(u16 selector);

#define ACCESS_CODE0 0x9B
#define ACCESS_DATA0 0x93

/* Code under test, in assembly: NAME is its first byte, NAME_end the one behind its end. */
#define CODE(name, text)                                                                                     \
    extern const u8 name[], name##_end[];                                                                    \
    __asm__(".pushsection .text\n.balign 16\n" #name ":\n" text "\nint $0x40\n" #name "_end:\n."             \
            "popsection\n")
#define CODE16(name, text)                                                                                   \
    extern const u8 name[], name##_end[];                                                                    \
    __asm__(".pushsection .text\n.balign 16\n.code16\n" #name ":\n" text "\nint $0x40\n" #name               \
            "_end:\n.code32\n.popsection\n")

#define REGISTER_ACCESS(name, reg)                                                                           \
    static inline u32 read_##name(void)                                                                      \
    {                                                                                                        \
        u32 value;                                                                                           \
        __asm__ volatile("mov %%" reg ", %0" : "=r"(value) : : "memory");                                    \
        return value;                                                                                        \
    }                                                                                                        \
    static inline void write_##name(u32 value)                                                               \
    {                                                                                                        \
        __asm__ volatile("mov %0, %%" reg : : "r"(value) : "memory");                                        \
    }
REGISTER_ACCESS(cr0, "cr0")
REGISTER_ACCESS(cr2, "cr2")
REGISTER_ACCESS(cr3, "cr3")
REGISTER_ACCESS(cr4, "cr4")
REGISTER_ACCESS(dr0, "db0")
REGISTER_ACCESS(dr1, "db1")
REGISTER_ACCESS(dr2, "db2")
REGISTER_ACCESS(dr3, "db3")
REGISTER_ACCESS(dr6, "db6")
REGISTER_ACCESS(dr7, "db7")

#endif
