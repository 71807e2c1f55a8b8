/* Random accesses to the chips of whole machines: no port, register, memory write, DMA transfer or input
 * crashes or hangs the host, and looking (printing, peeking, rendering, hashing) changes nothing.
 *
 * A case builds a machine with drives, disks, CD and all serial ports, and does some hundred random
 * operations on it. Then it does the same on a second one, with random looks in between, and compares the
 * two. */
#include <inttypes.h>
#include <stdio.h>

#include "bus/clock.h"
#include "cpu/cpu.h"
#include "devices/vga.h"
#include "tests/fuzz/compare.h"
#include "tests/fuzz/world.h"

#define OPERATIONS 400

/* --- looking --- */

struct observer {
    struct fuzz_random r;
    struct vga_frame frame;
};

static void look(struct world *w, struct observer *o)
{
    struct text text = {0};
    switch (fuzz_below(&o->r, 8)) {
    case 0:
        for (struct device *d = machine_devices(w->machine)->first; d; d = d->next)
            if (d->type->print)
                d->type->print(d, &text);
        break;
    case 1:
        vga_render(machine_vga(w->machine), &o->frame);
        break;
    case 2: {
        static struct vga_cell cells[2000];
        unsigned columns, rows;
        int x, y;
        vga_text_cells(machine_vga(w->machine), cells, 2000, &columns, &rows, &x, &y);
        machine_screen_text(w->machine, &text);
        break;
    }
    case 3:
        for (unsigned i = 0; i < 40; i++)
            ports_peek(w->bus, w->claimed[fuzz_below(&o->r, w->claimed_count)], 1u << fuzz_below(&o->r, 3));
        break;
    case 4: {
        static uint8_t buffer[9000];
        uint64_t address =
            fuzz_chance(&o->r, 2) ? 0xA0000 + fuzz_below(&o->r, 0x60000) : fuzz_u64(&o->r) >> 28;
        mem_peek(w->bus, fuzz_chance(&o->r, 4) ? 0xFEBFF000 : address, buffer, sizeof buffer);
        break;
    }
    case 5:
        machine_hash(w->machine);
        break;
    case 6:
        clock_print(machine_clock(w->machine), &text);
        cpu_print(machine_cpu(w->machine, 0), &text);
        machine_stats_json(w->machine, &text);
        break;
    default:
        machine_keyboard_leds(w->machine);
        machine_floppy_activity(w->machine);
        machine_disk_activity(w->machine);
        vga_frame_end(machine_vga(w->machine), machine_cycles(w->machine));
        break;
    }
    text_free(&text);
}

static bool run_case(uint64_t seed, bool verbose)
{
    struct world plain, watched;
    struct observer observer = {.r = {~seed}};
    world_open(&plain, seed);
    for (unsigned i = 0; i < OPERATIONS; i++) {
        world_operate(&plain, i);
        if (verbose)
            printf("%s: cycle %" PRIu64 ", hash %016" PRIx64 "\n", fuzz_last_note(),
                   machine_cycles(plain.machine), machine_hash(plain.machine));
    }
    world_open(&watched, seed);
    for (unsigned i = 0; i < OPERATIONS; i++) {
        world_operate(&watched, i);
        for (unsigned j = fuzz_below(&observer.r, 3); j > 0; j--)
            look(&watched, &observer);
        if (verbose)
            printf("watched, %s: cycle %" PRIu64 ", hash %016" PRIx64 "\n", fuzz_last_note(),
                   machine_cycles(watched.machine), machine_hash(watched.machine));
    }
    struct text what = {0};
    bool equal = machines_equal(plain.machine, watched.machine, true, &what) && plain.seen == watched.seen &&
                 plain.heard == watched.heard;
    if (!equal)
        fprintf(stderr,
                "the same operations twice, once watched, differ; compare the hashes of --verbose\n%s",
                text_chars(&what));
    text_free(&what);
    vga_frame_free(&observer.frame);
    world_close(&plain);
    world_close(&watched);
    return equal;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "machine_fuzz", 60, run_case);
}
