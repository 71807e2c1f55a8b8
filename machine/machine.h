/* A whole PC: processor, chipset, memory, clock. The library's face to every front end, test and tool.
 *
 * There are no globals: several machines can live in one process. A machine is a function of its
 * configuration, its images and the inputs handed to it with their cycles: the same bits on every host. */
#ifndef TICK86_MACHINE_MACHINE_H
#define TICK86_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "machine/config.h"

struct machine;
struct cpu;
struct cpu_event;
struct bus;
struct clock;
struct device_list;
struct vga;
struct speaker;

/* Builds and powers on. NULL with ERR. CONFIG is copied as far as needed, and can be freed afterwards. */
struct machine *machine_create(const struct machine_config *config, struct error *err);
void machine_destroy(struct machine *machine);
/* From now on the CMOS goes to the file at PATH when the machine is destroyed; NULL: nowhere. That is so from
 * the beginning where the configuration names a file. */
void machine_keep_nvram(struct machine *machine, const char *path);
/* What it is made of, with nothing left open. The images are those of its creation. */
const struct machine_config *machine_configuration(const struct machine *machine);

enum machine_stop {
    MACHINE_RAN,          /* UNTIL was reached */
    MACHINE_POWERED_OFF,  /* ACPI, APM or the shutdown ports */
    MACHINE_EXITED,       /* debug-exit port; machine_exit_status() tells */
    MACHINE_TRIPLE_FAULT, /* and the configuration says to stop */
    MACHINE_INSTRUCTIONS, /* the instruction limit was reached */
    MACHINE_BREAK,        /* the debugger (cpu/debug.h) or machine_break_at() */
    MACHINE_INTERRUPTED,  /* machine_interrupt(); nothing has happened, it may go on */
};

/* Runs until the clock reaches cycle UNTIL or something stops it. */
enum machine_stop machine_run(struct machine *machine, uint64_t until);
/* Runs exactly one instruction (or one element of a repeated one), delivers one interrupt, or passes time in
 * HLT up to the next event or to cycle UNTIL. */
enum machine_stop machine_step(struct machine *machine, uint64_t until);
/* Stop after this many more instructions in all; UINT64_MAX: no limit. */
void machine_limit_instructions(struct machine *machine, uint64_t count);
/* machine_run() returns MACHINE_BREAK once so many instructions have run since power-on; UINT64_MAX: never.
 */
void machine_break_at(struct machine *machine, uint64_t instructions);
/* Likewise, once so many cycles have passed since power-on. */
void machine_break_at_cycle(struct machine *machine, uint64_t cycle);
/* May be called from a signal handler of the same thread: machine_run() returns MACHINE_INTERRUPTED soon,
 * also where the guest keeps the host so busy that UNTIL is far away. */
void machine_interrupt(struct machine *machine);
int machine_exit_status(const struct machine *machine);
/* Reset button (RESET_HARD). */
void machine_reset(struct machine *machine);

/* Figures. */
uint64_t machine_cycles(const struct machine *machine);
uint64_t machine_instructions(const struct machine *machine);
uint64_t machine_hz(const struct machine *machine);
/* Is the processor waiting in HLT? Then machine_run() passes time at no host cost. */
bool machine_halted(const struct machine *machine);

/* Inputs from outside. They reach the guest at the cycle at which the machine stands, and are logged when
 * recording. */
enum machine_media_slot { SLOT_FDA, SLOT_FDB, SLOT_DISK0, SLOT_DISK1, SLOT_DISK2, SLOT_DISK3 };

/* KEY: a set-1 make code, 0x01..0x7F, or 0xE001..0xE07F for keys with an E0 prefix; 0xE11D is Pause. */
void machine_key(struct machine *machine, uint16_t key, bool down);
/* Movement in mickeys (y grows downwards), wheel clicks (away from the user is positive), buttons bit 0
 * left, 1 right, 2 middle. */
void machine_mouse(struct machine *machine, int dx, int dy, int wheel, unsigned buttons);
/* A byte arrives on COM1 + PORT. False: the receiver is full, try later. */
bool machine_serial_receive(struct machine *machine, unsigned port, uint8_t byte);
/* PATH NULL ejects. The old medium stays if the new one cannot be opened. */
bool machine_change_medium(struct machine *machine, enum machine_media_slot slot, const char *path,
                           struct error *err);
/* Did the last loading of a snapshot change the image file in SLOT itself, back to what it was when it was
 * saved? */
bool machine_file_put_back(const struct machine *machine, enum machine_media_slot slot);
/* Did it change the medium in SLOT, to the one that was there when it was saved, or none? */
bool machine_medium_put_back(const struct machine *machine, enum machine_media_slot slot);
/* The path of the medium in a drive, or of a hard disk's image; NULL: nothing is in it. */
const char *machine_medium(const struct machine *machine, enum machine_media_slot slot);
/* Are these two names of one medium? */
bool machine_same_medium(const char *a, const char *b);
/* "fda", "fdb", "hda" ... "hdd". */
const char *machine_drive_name(enum machine_media_slot slot);
/* Is there a drive whose medium can be changed? */
bool machine_can_change(const struct machine *machine, enum machine_media_slot slot);
/* The medium in a drive as it stands, NULL: none. For looking only. */
struct image;
struct image *machine_image(const struct machine *machine, enum machine_media_slot slot);
void machine_nmi(struct machine *machine);
/* What a debugger changes: bytes at a physical address (as mem_write() does it), registers, the x87 unit. */
struct cpu_registers;
struct fpu;
void machine_poke(struct machine *machine, uint64_t address, const void *bytes, size_t count);
void machine_set_registers(struct machine *machine, const struct cpu_registers *registers);
void machine_set_fpu(struct machine *machine, const struct fpu *fpu);
bool machine_set_msr(struct machine *machine, uint32_t index, uint64_t value);
/* The power button (ACPI). */
void machine_power_button(struct machine *machine);

/* Outputs. */
struct vga *machine_vga(struct machine *machine);         /* devices/vga.h renders it */
struct speaker *machine_speaker(struct machine *machine); /* devices/speaker.h gives its edges */
/* LEDs: bit 0 scroll lock, 1 num lock, 2 caps lock. */
unsigned machine_keyboard_leds(const struct machine *machine);
/* The host failed to read or write an image since this was last asked: ERR tells of one. */
bool machine_take_trouble(struct machine *machine, struct error *err);
/* The log of BIOS calls (machine/log_bios_calls.h) and another listener to the processor in its place: is it
 * wanted, the events that are passed on to it, and that it may listen by itself again. */
bool machine_wants_bios_calls(const struct machine *machine);
void machine_log_bios_events(struct machine *machine, const struct cpu_event *events, unsigned count);
void machine_log_bios_calls(struct machine *machine);
/* Writes the CMOS memory to the file of the configuration, if it names one. */
bool machine_save_nvram(struct machine *machine, struct error *err);
/* Counts of sectors moved since power-on, for activity lights. */
uint64_t machine_floppy_activity(const struct machine *machine);
uint64_t machine_disk_activity(const struct machine *machine);
/* The text screen, one line per row, trailing blanks removed; empty in graphics modes. */
void machine_screen_text(struct machine *machine, struct text *out);

/* The parts, for the monitor and tests. */
struct cpu *machine_cpu(struct machine *machine, unsigned index);
struct bus *machine_bus(struct machine *machine);
struct clock *machine_clock(struct machine *machine);
struct device_list *machine_devices(struct machine *machine);
struct log *machine_log(struct machine *machine);

/* A 64-bit hash of everything that the guest could observe, RAM included. */
uint64_t machine_hash(struct machine *machine);

/* Adds the run's figures as JSON members ("instructions": ..., ...); nothing here depends on the host. */
void machine_stats_json(struct machine *machine, struct text *out);

#endif
