/* Looking changes nothing: runs the same machine twice to the same cycle, once with the monitor asked for
 * everything that it can show at many points on the way, and compares the states.
 *
 *     tests/monitor/peek SECONDS POINTS OPTIONS...
 *
 * OPTIONS are those of the program. Exit status 0: the same; 1: not; 2: the guest could not be run. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/device.h"
#include "machine/machine.h"
#include "machine/options.h"
#include "monitor/monitor.h"
#include "monitor/monitor_private.h"

/* What is looked at apart from all that info knows: registers, code, memory of devices, tables. */
static const char *const looks[] = {
    "registers all",
    "info state vga",
    "info state vga dac",
    "info state ide",
    "msr all",
    "info device all",
    "info ports",
    "disassemble/20",
    "x/20i 0xffff0",
    "stack 8",
    "backtrace",
    "time",
    "screen",
    "page 0",
    "page 0xb8000",
    "page 0xfee00000",
    "page $eip",
    "page $esp",
    /* The whole first megabyte, VGA and shadow memory among it; RAM; PCI and APIC registers; ROM. */
    "find/p 0 0x400000 \"no such text\"",
    "xp/65536b 0xa0000",
    "xp/65536b 0xb0000",
    "xp/4096w 0xe0000000",
    "xp/1024w 0xfebff000",
    "xp/1024w 0xfec00000",
    "xp/1024w 0xfee00000",
    "xp/1024w 0xfffff000",
    "xp/64g 0xfee00000",
    "xp/64b 0xfee00030",
    "xp/64h 0xfec00010",
    "info boot fda",
    "info boot",
    "find 0 0x10000 1",
    /* Registers of devices as code, text, numbers and pointers, aligned or not. */
    "disassemble/60 0xa0000",
    "disassemble 0xfee00000,0xfee00100",
    "x/40i 0xfec00000",
    "xp/40i 0xe0000000",
    "xp/33b 0xfee00021",
    "xp/9h 0xfec0000f",
    "xp/100m 0xfebf0000",
    "x/s 0xa0000",
    "print-string 0xb8000",
    "deref 0xfee00020 4",
    "crc 0xa0000 0xc0000",
    "crc 0xfee00000 0xfee01000",
    "print byte [0xa0000] + word [0xb8000] + [0xfee00030] + *(unsigned char *)0xfec00010",
    "page ranges",
    "info boot hda",
    "info boot hda 1",
    "why",
    "info log",
    "media",
    "display registers",
    "undisplay",
    "break exception if [0xfee00030] == 1",
    "breakpoints",
    "delete",
};

static enum monitor_stop no_run(void *owner)
{
    (void)owner;
    return MONITOR_STOPPED;
}

static const char *no_end(void *owner)
{
    (void)owner;
    return "";
}

/* Commands may fail (nothing mapped, no LDT): what counts is that the guest does not notice. */
static unsigned look_at_all(struct monitor *monitor)
{
    struct error err;
    unsigned done = 0;
    char line[64];
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        done += monitor_command(monitor, looks[i], &err) == MONITOR_DONE;
    for (const struct monitor_command *row = monitor_infos; row->name; row++) {
        snprintf(line, sizeof line, "info %s", row->name);
        done += monitor_command(monitor, line, &err) == MONITOR_DONE;
    }
    static const char *const of_each[] = {"state", "device", "ports"};
    for (const struct device *dev = machine_devices(monitor->machine)->first; dev; dev = dev->next)
        for (size_t i = 0; i < sizeof of_each / sizeof *of_each; i++) {
            snprintf(line, sizeof line, "info %s %s", of_each[i], dev->name);
            done += monitor_command(monitor, line, &err) == MONITOR_DONE;
        }
    return done;
}

static struct machine *create(const struct run_options *options)
{
    struct error err;
    struct machine_config config = options->machine;
    config.start_time = 978307200;
    config.snapshot = true;
    struct machine *machine = machine_create(&config, &err);
    if (!machine)
        fprintf(stderr, "%s\n", err.text);
    return machine;
}

static uint64_t run(const struct run_options *options, double seconds, unsigned points)
{
    struct machine *machine = create(options);
    if (!machine)
        exit(2);
    static const struct monitor_host host = {.go = no_run, .step = no_run, .how_ended = no_end};
    FILE *out = fopen("/dev/null", "w");
    struct monitor *monitor = monitor_create(machine, &host, out);
    uint64_t cycles = (uint64_t)(seconds * (double)machine_hz(machine)), looked = 0;
    for (unsigned i = 1; i <= points; i++) {
        machine_run(machine, cycles / points * i);
        looked += look_at_all(monitor);
    }
    machine_run(machine, cycles);
    uint64_t hash = machine_hash(machine);
    printf("%" PRIu64 " instructions, %u points, %" PRIu64 " views, state %016" PRIx64 "\n",
           machine_instructions(machine), points, looked, hash);
    monitor_destroy(monitor);
    machine_destroy(machine);
    fclose(out);
    return hash;
}

int main(int argc, char **argv)
{
    struct run_options options;
    struct error err;
    if (argc < 4) {
        fprintf(stderr, "%s SECONDS POINTS OPTIONS...\n", argv[0]);
        return 2;
    }
    run_options_init(&options);
    double seconds = atof(argv[1]);
    unsigned points = (unsigned)atoi(argv[2]);
    if (!run_options_parse(&options, argc - 2, argv + 2, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    uint64_t undisturbed = run(&options, seconds, 0), looked_at = run(&options, seconds, points);
    run_options_free(&options);
    return undisturbed == looked_at ? 0 : 1;
}
