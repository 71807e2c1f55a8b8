/* Random code on whole machines: whatever the guest runs, the host neither crashes nor hangs, and all the
 * ways of running (fast handlers, plain functions, blocks cut at random, emptied caches, one instruction at a
 * time, or stopped at any cycle and gone on with) give the same machine to the last bit, at the same cycle.
 *
 * A case is a processor model and a few rounds; in each, a random guest (guest.h) is put into machines
 * that differ in their ways of running, they run for some thousand cycles with interrupts and inputs coming
 * in, and are compared. On a difference the first cycle after which it shows is looked for, and the
 * instruction named. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bios/rom.h"
#include "bios/vga/rom.h"
#include "bus/bus.h"
#include "bus/clock.h"
#include "cpu/cpu.h"
#include "tests/fuzz/compare.h"
#include "tests/fuzz/guest.h"

static const struct way {
    const char *name;
    unsigned paths;
    bool stops; /* now and then, where nothing else would */
} ways[] = {
    {"fast", 0, false},
    {"plain", CPU_PATH_PLAIN, false},
    {"cuts and drops", CPU_PATH_CUTS | CPU_PATH_DROPS, false},
    {"single", CPU_PATH_SINGLE, false},
    {"no links, no fusion, all flags", CPU_PATH_NO_LINKS | CPU_PATH_NO_FUSION | CPU_PATH_ALL_FLAGS, false},
    {"stops", 0, true},
};
#define WAYS (sizeof ways / sizeof *ways)

#define ROUNDS      8
#define MOST_SLICES 4

/* What one round does, besides the guest. */
struct round {
    struct guest guest;
    unsigned slices;
    uint64_t slice_cycles[MOST_SLICES];
    uint32_t input[MOST_SLICES];
    uint16_t timer_reload;
    uint8_t mask_master, mask_slave, rtc_rate;
    bool a20, apic_timer;
};

static struct machine *build(struct fuzz_random r, const struct cpu_model **model)
{
    static const char *const models[] = {"p6", "p6", "p6", "pentium", "486", "386", "286"};
    static const uint64_t frequencies[] = {0, 1000000, 4000000};
    struct machine_config config = {.memory = 2 << 20, .start_time = 946684800, .mouse = MOUSE_PS2};
    const char *name = models[fuzz_below(&r, 7)];
    config.hz = frequencies[fuzz_below(&r, 3)];
    config.serial_present[0] = true;
    config.cpu_model = strdup(name);
    struct error err;
    /* The board asks for firmware that is meant for a 286; the guests here bring their own code. */
    if (!strcmp(name, "286")) {
        config.bios = (struct rom_bytes){(uint8_t *)(uintptr_t)tick86_bios_rom, tick86_bios_rom_size};
        config.vgabios =
            (struct rom_bytes){(uint8_t *)(uintptr_t)tick86_vgabios_rom, tick86_vgabios_rom_size};
    }
    struct machine *m = machine_create(&config, &err);
    free(config.cpu_model);
    if (!m) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    *model = cpu_get_model(machine_cpu(m, 0));
    return m;
}

static void make_round(struct fuzz_random *r, const struct cpu_model *model, struct round *round)
{
    guest_make(r, model, &round->guest);
    round->slices = 1 + fuzz_below(r, MOST_SLICES);
    for (unsigned i = 0; i < MOST_SLICES; i++) {
        round->slice_cycles[i] = fuzz_chance(r, 4) ? 1 + fuzz_below(r, 50) : 1 + fuzz_below(r, 12000);
        round->input[i] = fuzz_u32(r);
    }
    round->timer_reload = (uint16_t)(fuzz_chance(r, 2) ? 2 + fuzz_below(r, 100) : fuzz_u32(r));
    round->mask_master = fuzz_chance(r, 4) ? 0xFF : (uint8_t)fuzz_u32(r) & 0xFA;
    round->mask_slave = (uint8_t)fuzz_u32(r);
    round->rtc_rate = (uint8_t)fuzz_below(r, 16);
    round->a20 = !fuzz_chance(r, 8);
    round->apic_timer = fuzz_chance(r, 4);
}

static void out(struct machine *m, uint16_t port, uint32_t value)
{
    ports_write(machine_bus(m), port, value, 1);
}

/* The interrupt controllers and timers, as firmware would leave them, but faster. */
static void start_devices(struct machine *m, const struct round *round)
{
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 1},
                                       {0xA0, 0x11}, {0xA1, 0x28}, {0xA1, 2}, {0xA1, 1}};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        out(m, words[i][0], words[i][1]);
    out(m, 0x21, round->mask_master);
    out(m, 0xA1, round->mask_slave);
    out(m, 0x43, 0x34);
    out(m, 0x40, round->timer_reload & 0xFF);
    out(m, 0x40, round->timer_reload >> 8);
    out(m, 0x70, 0x0A);
    out(m, 0x71, 0x20 | round->rtc_rate);
    out(m, 0x70, 0x0B);
    out(m, 0x71, 0x42);
    out(m, 0x92, round->a20 ? 2 : 0);
    if (round->apic_timer && cpu_has_apic(machine_cpu(m, 0))) {
        static const uint32_t writes[][2] = {{0xF0, 0x1FF}, {0x350, 0x700},   {0x360, 0x400},
                                             {0x3E0, 0xB},  {0x320, 0x20040}, {0x380, 300}};
        for (unsigned i = 0; i < sizeof writes / sizeof *writes; i++) {
            uint32_t value = writes[i][1];
            mem_write(machine_bus(m), 0xFEE00000 + writes[i][0], &value, 4);
        }
    }
}

static void start_round(struct machine *m, const struct round *round)
{
    machine_reset(m);
    machine_run(m, machine_cycles(m)); /* takes the reset, and no time */
    mem_write(machine_bus(m), 0, round->guest.image, GUEST_IMAGE_SIZE);
    start_devices(m, round);
    cpu_set_registers(machine_cpu(m, 0), &round->guest.registers);
}

static void some_input(struct machine *m, uint32_t input)
{
    switch (input % 6) {
    case 0:
        machine_key(m, (uint16_t)(1 + (input >> 8) % 0x58), input >> 16 & 1);
        break;
    case 1:
        machine_mouse(m, (int)(input >> 8 & 63) - 32, (int)(input >> 14 & 63) - 32, 0, input >> 20);
        break;
    case 2:
        machine_serial_receive(m, 0, (uint8_t)(input >> 8));
        break;
    case 3:
        machine_nmi(m);
        break;
    case 4:
        cpu_smi(machine_cpu(m, 0));
        break;
    default:
        break;
    }
}

/* Runs to cycle UNTIL, with stops on the way. Where they are follows from the cycle alone. */
static enum machine_stop run_with_stops(struct machine *m, uint64_t until)
{
    enum machine_stop stop = MACHINE_RAN;
    while (stop == MACHINE_RAN && machine_cycles(m) < until) {
        uint64_t now = machine_cycles(m), next = now + 1 + fuzz_below(&(struct fuzz_random){now}, 300);
        stop = machine_run(m, next < until ? next : until);
    }
    return stop;
}

/* Runs the round up to cycle LAST at most. */
static enum machine_stop run_round(struct machine *m, const struct way *way, const struct round *round,
                                   uint64_t last)
{
    uint64_t until = machine_cycles(m);
    enum machine_stop stop = MACHINE_RAN;
    for (unsigned i = 0; i < round->slices && stop == MACHINE_RAN; i++) {
        until += round->slice_cycles[i];
        uint64_t next = until < last ? until : last;
        stop = way->stops ? run_with_stops(m, next) : machine_run(m, next);
        if (machine_cycles(m) >= last)
            break;
        some_input(m, round->input[i]);
    }
    return stop;
}

/* --- looking for the first cycle at which two ways differ --- */

/* A machine that has done rounds 0 to COUNT - 1, and the round after these up to cycle LAST. */
static struct machine *replay(uint64_t seed, const struct way *way, const struct round *rounds,
                              unsigned count, uint64_t last)
{
    const struct cpu_model *model;
    struct machine *m = build((struct fuzz_random){seed}, &model);
    cpu_set_paths(machine_cpu(m, 0), way->paths, (uint32_t)seed);
    for (unsigned i = 0; i <= count; i++) {
        start_round(m, &rounds[i]);
        run_round(m, way, &rounds[i], i < count ? UINT64_MAX : last);
    }
    return m;
}

static bool equal_at(uint64_t seed, const struct way *way, const struct round *rounds, unsigned round,
                     uint64_t cycle, struct text *what)
{
    struct machine *a = replay(seed, &ways[1], rounds, round, cycle),
                   *b = replay(seed, way, rounds, round, cycle);
    text_clear(what);
    bool equal = machines_equal(a, b, true, what);
    machine_destroy(a);
    machine_destroy(b);
    return equal;
}

static void show_code(struct machine *m)
{
    struct cpu_registers r;
    cpu_get_registers(machine_cpu(m, 0), &r);
    fprintf(stderr, "%" PRIu64 " %04x:%08" PRIx64 " eflags %08" PRIx64 ":", machine_cycles(m),
            r.segment[CPU_CS].selector, r.rip, r.rflags);
    for (unsigned i = 0; i < 12; i++) {
        uint64_t physical;
        uint8_t byte = 0xFF;
        if (cpu_peek_translate(machine_cpu(m, 0), (uint32_t)(r.segment[CPU_CS].base + r.rip + i), &physical))
            mem_peek(machine_bus(m), physical, &byte, 1);
        fprintf(stderr, " %02x", byte);
    }
    fputc('\n', stderr);
}

static void show_processor(uint64_t seed, const struct way *way, const struct round *rounds, unsigned round,
                           uint64_t cycle)
{
    struct machine *m = replay(seed, way, rounds, round, cycle);
    struct text text = {0};
    cpu_print(machine_cpu(m, 0), &text);
    fprintf(stderr, "%s, cycle %" PRIu64 ":\n%s", way->name, machine_cycles(m), text_chars(&text));
    show_code(m);
    text_free(&text);
    machine_destroy(m);
}

/* The way there, instruction by instruction, in the plain way. */
static void show_trace(uint64_t seed, const struct round *rounds, unsigned round, uint64_t start,
                       uint64_t cycle)
{
    uint64_t from = cycle - start > 150 ? cycle - 150 : start;
    struct machine *m = replay(seed, &ways[1], rounds, round, from);
    for (unsigned i = 0; i < 60 && machine_cycles(m) < cycle; i++) {
        show_code(m);
        machine_step(m, UINT64_MAX);
    }
    machine_destroy(m);
}

static void explain(uint64_t seed, const struct way *way, const struct round *rounds, unsigned round,
                    uint64_t first, uint64_t last)
{
    struct text what = {0};
    uint64_t start = first;
    while (first + 1 < last) {
        uint64_t middle = first + (last - first) / 2;
        fuzz_note("looking for the first difference in round %u", round);
        if (equal_at(seed, way, rounds, round, middle, &what))
            first = middle;
        else
            last = middle;
    }
    bool vanished = equal_at(seed, way, rounds, round, last, &what);
    fprintf(stderr, "%s until cycle %" PRIu64 ", then:\n%s",
            vanished ? "equal when cut short; perhaps" : "equal", first, text_chars(&what));
    text_free(&what);
    show_trace(seed, rounds, round, start, last);
    show_processor(seed, way, rounds, round, first);
    show_processor(seed, &ways[1], rounds, round, last);
    show_processor(seed, way, rounds, round, last);
}

/* --- one case --- */

static bool compare_ways(uint64_t seed, struct machine **machines, const enum machine_stop *stops,
                         const struct round *rounds, unsigned round, uint64_t start)
{
    /* Against the plain way, which is the reference. */
    for (unsigned i = 0; i < WAYS; i++) {
        struct text what = {0};
        bool equal =
            machines_equal(machines[1], machines[i], round + 1 == ROUNDS, &what) && stops[1] == stops[i];
        if (!equal) {
            fprintf(stderr, "round %u, %s: plain and %s differ (stopped by %d and %d)\n%s", round,
                    fuzz_last_note(), ways[i].name, stops[1], stops[i], text_chars(&what));
            uint64_t end = machine_cycles(machines[1]) > machine_cycles(machines[i])
                               ? machine_cycles(machines[1])
                               : machine_cycles(machines[i]);
            text_free(&what);
            explain(seed, &ways[i], rounds, round, start, end);
            return false;
        }
        text_free(&what);
    }
    return true;
}

static bool run_case(uint64_t seed, bool verbose)
{
    struct fuzz_random r = {~seed};
    struct machine *machines[WAYS];
    struct round *rounds = calloc(ROUNDS, sizeof *rounds);
    const struct cpu_model *model = NULL;
    for (unsigned i = 0; i < WAYS; i++) {
        machines[i] = build((struct fuzz_random){seed}, &model);
        cpu_set_paths(machine_cpu(machines[i], 0), ways[i].paths, (uint32_t)seed);
    }
    bool fine = true;
    for (unsigned i = 0; i < ROUNDS && fine; i++) {
        enum machine_stop stops[WAYS];
        uint64_t start = machine_cycles(machines[0]);
        make_round(&r, model, &rounds[i]);
        for (unsigned j = 0; j < WAYS; j++) {
            fuzz_note("%s, %s%s, way %s", cpu_model_name(model), guest_mode_name(rounds[i].guest.mode),
                      rounds[i].guest.paging ? " with paging" : "", ways[j].name);
            start_round(machines[j], &rounds[i]);
            stops[j] = run_round(machines[j], &ways[j], &rounds[i], UINT64_MAX);
        }
        if (verbose)
            printf("seed %" PRIu64 " round %u %s: %" PRIu64 " instructions, %" PRIu64 " cycles, stop %d\n",
                   seed, i, fuzz_last_note(), machine_instructions(machines[0]),
                   machine_cycles(machines[0]) - start, stops[0]);
        fine = compare_ways(seed, machines, stops, rounds, i, start);
    }
    for (unsigned i = 0; i < WAYS; i++)
        machine_destroy(machines[i]);
    free(rounds);
    return fine;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "code_fuzz", 60, run_case);
}
