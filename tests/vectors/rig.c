/* A processor with 16 MB of RAM; see rig.h. */
#include "tests/vectors/rig.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/model.h"
#include "tests/ram_bus.h"

#define RAM_SIZE (16u << 20)
#define PAGE     RAM_BUS_PAGE
#define PAGES    (RAM_SIZE / PAGE)
/* A test is one instruction, perhaps an exception, and HLT; what runs longer has gone astray. A REP takes a
 * step for each element. */
#define STEPS_MAX     64u
#define STEPS_REP_MAX 70000u
#define STEP_CYCLES   64u

struct rig {
    struct ram_bus board;
};

struct rig *rig_create(const struct cpu_model *model)
{
    struct rig *rig = xcalloc(1, sizeof *rig);
    /* Addresses wrap at 16 MB, as the 24 lines of the 286 and 386SX do. */
    ram_bus_init(&rig->board, model, PAGES, true);
    return rig;
}

void rig_destroy(struct rig *rig)
{
    ram_bus_release(&rig->board);
    free(rig);
}

unsigned rig_level(const struct rig *rig)
{
    return cpu_get_model(rig->board.cpu)->level;
}

/* --- loading --- */

static const uint8_t gpr_of[MOO_REGISTERS] = {
    [MOO_EAX] = 0, [MOO_ECX] = 1, [MOO_EDX] = 2, [MOO_EBX] = 3,
    [MOO_ESP] = 4, [MOO_EBP] = 5, [MOO_ESI] = 6, [MOO_EDI] = 7,
};
static const uint8_t segment_of[MOO_REGISTERS] = {
    [MOO_ES] = CPU_ES, [MOO_CS] = CPU_CS, [MOO_SS] = CPU_SS,
    [MOO_DS] = CPU_DS, [MOO_FS] = CPU_FS, [MOO_GS] = CPU_GS,
};

static bool is_gpr(unsigned reg)
{
    return reg >= MOO_EAX && reg <= MOO_ESP;
}

static bool is_segment(unsigned reg)
{
    return reg >= MOO_CS && reg <= MOO_SS;
}

static void set_register(struct cpu_registers *r, unsigned reg, uint32_t value)
{
    if (is_gpr(reg)) {
        r->gpr[gpr_of[reg]] = value;
    } else if (is_segment(reg)) {
        struct cpu_segment *s = &r->segment[segment_of[reg]];
        s->selector = (uint16_t)value;
        s->base = (uint32_t)(value & 0xFFFF) << 4;
        s->limit = 0xFFFF;
        s->access = 0x93;
    } else if (reg == MOO_EIP) {
        r->rip = value;
    } else if (reg == MOO_EFLAGS) {
        r->rflags =
            (value & 0x0FFF) | 2; /* the top four of 16 are no state in real mode, and none above is */
    } else if (reg == MOO_CR0) {
        r->cr0 = (r->cr0 & ~0xEull) | (value & 0xE); /* MP, EM, TS: the vectors are of real mode */
    }
}

static uint32_t get_register(const struct cpu_registers *r, unsigned reg)
{
    if (is_gpr(reg))
        return (uint32_t)r->gpr[gpr_of[reg]];
    if (is_segment(reg))
        return r->segment[segment_of[reg]].selector;
    if (reg == MOO_EIP)
        return (uint32_t)r->rip;
    return reg == MOO_EFLAGS ? (uint32_t)r->rflags : (uint32_t)r->cr0;
}

/* Bits of a register that mean anything in these vectors. */
static uint32_t meaning(unsigned reg)
{
    if (reg == MOO_CR3 || reg == MOO_DR6 || reg == MOO_DR7)
        return 0;
    if (is_segment(reg))
        return 0xFFFF;
    if (reg == MOO_EFLAGS)
        return 0xFFFF;
    return reg == MOO_CR0 ? 0xF : 0xFFFFFFFF;
}

static uint8_t *byte_at(struct rig *rig, uint32_t address)
{
    return &rig->board.ram[address & (RAM_SIZE - 1)];
}

static void load(struct rig *rig, const struct moo_test *test)
{
    const struct moo_ram *ram = &test->initial.ram;
    for (uint32_t i = 0; i < ram->count; i++)
        *byte_at(rig, moo_ram_address(ram, i)) = moo_ram_value(ram, i);
    struct cpu_registers r;
    cpu_reset(rig->board.cpu, true);
    cpu_get_registers(rig->board.cpu, &r);
    memset(r.gpr, 0, sizeof r.gpr);
    r.cr0 &= ~0x6000000Full; /* caches on, no FPU traps */
    r.idtr_base = 0;
    r.idtr_limit = 0x3FF;
    for (unsigned reg = 0; reg < MOO_REGISTERS; reg++)
        if (test->initial.registers.mask >> reg & 1)
            set_register(&r, reg, test->initial.registers.value[reg]);
    cpu_set_registers(rig->board.cpu, &r);
}

/* --- running --- */

static unsigned steps_of(const struct moo_test *test)
{
    for (uint32_t i = 0; i < test->length; i++)
        if (test->bytes[i] == 0xF2 || test->bytes[i] == 0xF3)
            return STEPS_REP_MAX;
    return STEPS_MAX;
}

static bool run_steps(struct rig *rig, unsigned most)
{
    for (unsigned i = 0; i < most; i++) {
        if (cpu_halted(rig->board.cpu))
            return true;
        if (cpu_step(rig->board.cpu) == CPU_STOP_SHUTDOWN)
            return false;
    }
    return false;
}

static bool run_blocks(struct rig *rig, unsigned most)
{
    uint64_t end = rig->board.now + (uint64_t)most * STEP_CYCLES;
    while (rig->board.now < end)
        if (cpu_run(rig->board.cpu, end) == CPU_STOP_SHUTDOWN)
            return false;
    return cpu_halted(rig->board.cpu);
}

/* --- comparing --- */

static void compare_registers(struct rig *rig, const struct moo_test *test, const struct rig_masks *masks,
                              struct rig_result *out)
{
    struct cpu_registers r;
    cpu_get_registers(rig->board.cpu, &r);
    for (unsigned reg = 0; reg < MOO_REGISTERS; reg++) {
        const struct moo_registers *final = &test->final.registers, *initial = &test->initial.registers;
        if (!((final->mask | initial->mask) >> reg & 1))
            continue;
        uint32_t expected = final->mask >> reg & 1 ? final->value[reg] : initial->value[reg];
        uint32_t mask = meaning(reg);
        if (masks->registers.mask >> reg & 1)
            mask &= masks->registers.value[reg];
        if (test->final.undefined.mask >> reg & 1)
            mask &= test->final.undefined.value[reg];
        if (reg == MOO_EFLAGS) {
            mask &= 0xFFFF0000u | masks->flags;
            if (!(final->mask >> reg & 1))
                expected &= 0x0FFF;
        }
        out->got[reg] = get_register(&r, reg) & mask;
        out->expected[reg] = expected & mask;
        if (out->got[reg] != out->expected[reg])
            out->registers |= 1u << reg;
    }
}

static void note_byte(struct rig_result *out, uint32_t address, uint8_t got, uint8_t expected, bool stray)
{
    if (out->bytes++)
        return;
    out->address = address;
    out->byte_got = got;
    out->byte_expected = expected;
    out->stray = stray;
}

static uint32_t final_register(const struct moo_test *test, unsigned reg)
{
    return test->final.registers.mask >> reg & 1 ? test->final.registers.value[reg]
                                                 : test->initial.registers.value[reg];
}

/* Where the exception pushed the flags. EXCP gives the address of the bus cycle, which is even; the handler
 * is a HLT, so IP, CS and FLAGS are still at the top of the stack. */
static uint32_t flags_address(const struct moo_test *test)
{
    uint32_t ss = final_register(test, MOO_SS) & 0xFFFF, sp = final_register(test, MOO_ESP) + 4;
    uint32_t at = (ss << 4) + (sp & 0xFFFF);
    return (at ^ test->flags_address) & ~1u ? test->flags_address : at;
}

/* Which bits of the byte at ADDRESS count: the flags that an exception pushed have undefined ones. */
static uint8_t byte_mask(const struct moo_test *test, const struct rig_masks *masks, uint32_t address)
{
    uint32_t at = address - flags_address(test);
    return test->has_exception && at < 2 ? (uint8_t)(masks->flags >> 8 * at) : 0xFF;
}

/* Compares the bytes of a list with memory and clears them, so that what is left over is stray. */
static void compare_list(struct rig *rig, const struct moo_test *test, const struct rig_masks *masks,
                         const struct moo_ram *ram, struct rig_result *out)
{
    for (uint32_t i = 0; i < ram->count; i++) {
        uint32_t address = moo_ram_address(ram, i);
        uint8_t *byte = byte_at(rig, address), mask = byte_mask(test, masks, address),
                value = moo_ram_value(ram, i);
        if ((*byte ^ value) & mask)
            note_byte(out, address, *byte, value, false);
    }
}

static void clear_list(struct rig *rig, const struct moo_ram *ram)
{
    for (uint32_t i = 0; i < ram->count; i++)
        *byte_at(rig, moo_ram_address(ram, i)) = 0;
}

/* What the final state lists wins over the initial state: put it there, then compare both. */
static void compare_memory(struct rig *rig, const struct moo_test *test, const struct rig_masks *masks,
                           struct rig_result *out)
{
    const struct moo_ram *final = &test->final.ram, *initial = &test->initial.ram;
    compare_list(rig, test, masks, final, out);
    for (uint32_t i = 0; i < final->count; i++)
        *byte_at(rig, moo_ram_address(final, i)) = 0;
    for (uint32_t i = 0; i < initial->count; i++) {
        uint32_t address = moo_ram_address(initial, i);
        bool changed = false;
        for (uint32_t k = 0; k < final->count && !changed; k++)
            changed = moo_ram_address(final, k) == address;
        uint8_t got = *byte_at(rig, address), value = moo_ram_value(initial, i);
        if (!changed && got != value)
            note_byte(out, address, got, value, false);
    }
    clear_list(rig, initial);
}

/* Every page that was written or decoded must be clear now; then its flags are too. */
static void sweep(struct rig *rig, struct rig_result *out)
{
    static const uint8_t zero[PAGE];
    for (uint32_t n = 0; n < PAGES; n++) {
        if (!rig->board.flags[n])
            continue;
        uint8_t *page = rig->board.ram + (size_t)n * PAGE;
        if (memcmp(page, zero, PAGE)) {
            for (uint32_t i = 0; i < PAGE; i++)
                if (page[i])
                    note_byte(out, n * PAGE + i, page[i], 0, true);
            memset(page, 0, PAGE);
        }
        if (rig->board.flags[n] & CPU_PAGE_CODE)
            cpu_code_written(rig->board.cpu, n, 0, PAGE - 1);
        rig->board.flags[n] = 0;
    }
}

void rig_run(struct rig *rig, const struct moo_test *test, const struct rig_masks *masks, enum rig_way way,
             struct rig_result *out)
{
    memset(out, 0, sizeof *out);
    load(rig, test);
    uint64_t start = rig->board.now;
    out->halted = way == RIG_STEPS ? run_steps(rig, steps_of(test)) : run_blocks(rig, steps_of(test));
    out->cycles = rig->board.now - start;
    compare_registers(rig, test, masks, out);
    compare_memory(rig, test, masks, out);
    sweep(rig, out);
}
