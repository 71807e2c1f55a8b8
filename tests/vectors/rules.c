/* Documented differences between the 286 in real mode and its successors; see rules.h.
 *
 * Each rule looks at the instruction and at what came out differently, and explains only what it is about. */
#include "tests/vectors/rules.h"

#include "cpu/insn.h"

/* What the rules need to know of an instruction. */
struct form {
    bool lock, repeated;
    int segment; /* prefix: 0 ES, 1 CS, 2 SS, 3 DS; -1 none */
    unsigned prefixes;
    uint8_t opcode, modrm;
    bool memory;     /* mod is not 3; means something only for opcodes with ModRM */
    bool second_map; /* 0F ... */
};

static struct form form_of(const struct moo_test *test)
{
    struct form f = {.segment = -1};
    unsigned i = 0;
    for (; i < test->length; i++) {
        uint8_t byte = test->bytes[i];
        if ((byte & 0xE7) == 0x26)
            f.segment = byte >> 3 & 3;
        else if (byte == 0xF0)
            f.lock = true;
        else if (byte == 0xF2 || byte == 0xF3)
            f.repeated = true;
        else
            break;
    }
    f.prefixes = i;
    if (i < test->length && test->bytes[i] == 0x0F) {
        f.second_map = true;
        i++;
    }
    f.opcode = i < test->length ? test->bytes[i] : 0;
    f.modrm = i + 1 < test->length ? test->bytes[i + 1] : 0;
    f.memory = f.modrm < 0xC0;
    return f;
}

static unsigned reg_field(const struct form *f)
{
    return f->modrm >> 3 & 7;
}

/* May be locked on the 386 and later: SDM volume 2, LOCK. */
static bool is_lockable(const struct form *f)
{
    uint8_t op = f->opcode;
    if (!f->memory || f->second_map)
        return false;
    if (op < 0x38)
        return (op & 7) < 2; /* ADD, OR, ADC, SBB, AND, SUB, XOR to memory */
    if (op >= 0x80 && op <= 0x83)
        return reg_field(f) != 7;
    if (op == 0x86 || op == 0x87)
        return true;
    if (op == 0xF6 || op == 0xF7)
        return reg_field(f) == 2 || reg_field(f) == 3;
    return (op == 0xFE || op == 0xFF) && reg_field(f) < 2;
}

static bool is_string(const struct form *f)
{
    uint8_t op = f->opcode;
    return (op >= 0x6C && op <= 0x6F) || (op >= 0xA4 && op <= 0xA7) || (op >= 0xAA && op <= 0xAF);
}

/* Works on the stack, or on memory of the stack segment. */
static bool uses_stack_segment(const struct form *f)
{
    static const uint8_t stack[] = {0x06, 0x07, 0x0E, 0x16, 0x17, 0x1E, 0x1F, 0x60, 0x61,
                                    0x68, 0x6A, 0x8F, 0x9A, 0x9C, 0x9D, 0xC2, 0xC3, 0xC8,
                                    0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xE8};
    for (unsigned i = 0; i < sizeof stack; i++)
        if (f->opcode == stack[i])
            return true;
    if ((f->opcode >= 0x50 && f->opcode < 0x60) || (f->opcode == 0xFF && f->modrm >> 3 & 2))
        return true;
    unsigned mod = f->modrm >> 6, rm = f->modrm & 7;
    bool frame = f->memory && (rm == 2 || rm == 3 || (rm == 6 && mod != 0));
    return f->segment == 2 || (f->segment < 0 && frame);
}

static bool only_registers(const struct rig_result *r, uint32_t registers)
{
    return r->halted && !r->bytes && !(r->registers & ~registers);
}

#define BIT(reg) (1u << (reg))

enum {
    RULE_LOCK,
    RULE_LENGTH,
    RULE_FS_GS,
    RULE_STACK_FAULT,
    RULE_STRING_OVERRUN,
    RULE_POP_OVERRUN,
    RULE_FLAGS,
    RULE_IP
};

const struct rule rules[] = {
    [RULE_LOCK] = {"LOCK",
                   "from the 386 on, LOCK is #UD but before certain instructions that write memory (386 "
                   "Programmer's Reference Manual 14.7, SDM volume 2)"},
    [RULE_LENGTH] = {"instruction length",
                     "the 286 takes interrupt 13 past 10 bytes, the 386 and later past 15 (386 "
                     "Programmer's Reference Manual 14.7)"},
    [RULE_FS_GS] = {"FS and GS", "MOV of segment registers 4 and 5 is #UD on the 286 and FS or GS later"},
    [RULE_STACK_FAULT] = {"stack faults",
                          "past the stack segment's end the 286 in real mode takes interrupt 13, the "
                          "386 and later 12 (SDM volume 3, 6.15)"},
    [RULE_STRING_OVERRUN] = {"string overrun",
                             "a word at FFFFh that faults leaves SI, DI and CX moved on the 286; later "
                             "processors restart it (SDM volume 3, 6.6)"},
    [RULE_POP_OVERRUN] = {"POP overrun",
                          "a POP whose write faults leaves SP moved on the 286; later processors restart "
                          "it (SDM volume 3, 6.6)"},
    [RULE_FLAGS] = {"flags 12 to 14",
                    "IOPL and NT are 0 in real mode on the 286 and can be set later (SDM volume 3, "
                    "22.16)"},
    [RULE_IP] = {"IP past FFFFh",
                 "behind an instruction that ends at FFFFh, IP is 0 on the 286 and EIP 10000h later (SDM "
                 "volume 3, 22.25)"},
};

unsigned rules_count(void)
{
    return sizeof rules / sizeof rules[0];
}

/* Differences of single registers: taken out of R where explained. */
static int registers_rule(const struct form *f, struct rig_result *r)
{
    int rule = -1;
    if ((r->registers & BIT(MOO_EIP)) && r->got[MOO_EIP] == 0x10000 && r->expected[MOO_EIP] == 0) {
        r->registers &= ~BIT(MOO_EIP);
        rule = RULE_IP;
    }
    bool loads_flags = f->opcode == 0x9D || f->opcode == 0xCF;
    if ((r->registers & BIT(MOO_EFLAGS)) && loads_flags &&
        !((r->got[MOO_EFLAGS] ^ r->expected[MOO_EFLAGS]) & 0x8FFF)) {
        r->registers &= ~BIT(MOO_EFLAGS);
        rule = RULE_FLAGS;
    }
    return rule;
}

int rules_find(const struct moo_test *test, unsigned level, const struct rig_result *result)
{
    struct form f = form_of(test);
    struct rig_result r = *result;
    if (level < LEVEL_386)
        return -1;
    if (f.lock && !is_lockable(&f))
        return RULE_LOCK;
    int rule = registers_rule(&f, &r);
    if (rig_equal(&r))
        return rule;
    if (!test->has_exception)
        return -1;
    if (test->vector == 13 && test->length - 1 > 10)
        return RULE_LENGTH;
    if (test->vector == 6 && (f.opcode == 0x8C || f.opcode == 0x8E) &&
        (reg_field(&f) == 4 || reg_field(&f) == 5))
        return RULE_FS_GS;
    if (test->vector != 13)
        return -1;
    if (is_string(&f) && only_registers(&r, BIT(MOO_ESI) | BIT(MOO_EDI) | BIT(MOO_ECX)))
        return RULE_STRING_OVERRUN;
    if (uses_stack_segment(&f) && f.opcode != 0x8F)
        return RULE_STACK_FAULT;
    if (f.opcode == 0x8F)
        return r.registers == BIT(MOO_ESP) ? RULE_POP_OVERRUN : RULE_STACK_FAULT;
    return -1;
}
