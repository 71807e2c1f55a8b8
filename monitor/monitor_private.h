/* Shared by the monitor's files: its state and its table of commands. */
#ifndef TICK86_MONITOR_PRIVATE_H
#define TICK86_MONITOR_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "cpu/cpu.h"
#include "monitor/event.h"
#include "monitor/monitor.h"

struct breakpoint; /* monitor/breakpoint.h */

/* The registers at the last stop and at the one before, for marking what changed. */
struct stop_state {
    bool known;
    uint64_t cycles;
    struct cpu_registers now, before;
};

/* How the user gave the address that x goes on from. */
struct place {
    bool segmented;
    uint16_t selector;
    uint64_t base;
};

#define SOURCE_DEPTH_MAX 16
#define STOPPED_MAX      16
#define DISPLAYS_MAX     16
#define FORMAT_SIZE      32 /* of a /FMT with its end */

/* What is shown at each stop. */
struct display {
    unsigned number;
    char format[FORMAT_SIZE];
    char *text; /* an expression, or a command */
    bool is_command;
};

struct monitor {
    struct machine *machine;
    struct monitor_host host;
    FILE *out;
    struct breakpoint *breakpoints;
    size_t breakpoint_count;
    unsigned next_number;
    /* Of the last run: what stopped it, and where it began. */
    struct text stop_text;
    unsigned stopped[STOPPED_MAX], stopped_count;        /* numbers of breakpoints */
    struct condition_variable happened[EVENT_VARIABLES]; /* the first event that stopped it */
    bool happened_known;
    uint64_t run_instructions, run_cycles;
    unsigned collecting;   /* the breakpoint that lines up to "end" are for; 0: none */
    unsigned action_depth; /* commands of breakpoints are being run */
    bool go_on;            /* one of them said continue */
    bool trace, trace_registers, trace_memory;
    bool att;               /* syntax of disassembly */
    bool ended;             /* the machine cannot run any more */
    uint64_t next_look;     /* where x and u go on */
    char look[FORMAT_SIZE]; /* the last /FMT of x or xp */
    struct place look_place;
    uint64_t next_code; /* where a listing goes on while the clock stands at code_cycles */
    uint64_t code_cycles;
    bool code_listed;
    unsigned code_bits; /* width of disassembly, 0: what CS says */
    struct stop_state stop;
    struct display displays[DISPLAYS_MAX];
    unsigned display_count, next_display;
    bool displaying; /* a command that is displayed is being run */
    unsigned source_depth;
    char origin[320];    /* "script:5": where the line that runs stands; "" if it was typed */
    unsigned checking;   /* lines are only checked: how many within another */
    char last_line[256]; /* what an empty line repeats */
};

/* ARGUMENTS is what follows the command's name and its /FORMAT, without blanks around; FORMAT what followed
 * the slash, "" where there was none. */
typedef enum monitor_result command_fn(struct monitor *monitor, const char *format, const char *arguments,
                                       struct error *err);

struct monitor_command {
    const char *name;
    const char *short_forms; /* separated by blanks; "" if there are none */
    const char
        *arguments; /* for help, and what monitor/arguments.h goes by: "" takes none, [...] may be left out */
    const char *help;
    command_fn *run;
    bool repeats; /* an empty line runs it again, without arguments where it goes on by itself */
};

/* Tables end with a row without name. */
extern const struct monitor_command monitor_commands[], monitor_infos[];

struct help_topic {
    const char *name, *text;
};
extern const struct help_topic help_topics[]; /* ends with a row without name */

/* By name, short form, or the first name that begins so; NULL if there is none. */
const struct monitor_command *find_command(const struct monitor_command *table, const char *word,
                                           size_t length);
/* Among the commands; beginnings must be those of one command only. NULL with ERR. */
const struct monitor_command *find_monitor_command(const char *word, size_t length, struct error *err);
/* The command of LINE, with the format and what follows it; NULL with ERR if it is none or they do not fit.
 */
const struct monitor_command *split_line(const char *line, char format[FORMAT_SIZE], const char **arguments,
                                         struct error *err);
/* Are these formats that print, the looks at memory and its changes take? False with ERR. */
bool print_format_fits(const char *format, struct error *err);
bool look_format_fits(const char *format, struct error *err);
bool access_format_fits(const char *format, struct error *err);
/* What follows the words for which processor Bochs's steps are; there is one here. */
const char *skip_processor(const char *arguments);
/* Can `set` and `info` do that? As arguments_check_line(). */
bool set_check(const char *arguments, struct error *err);
bool info_check(struct monitor *monitor, const char *arguments, struct error *err);
/* One line for each, BEFORE before the name. */
void print_commands(struct monitor *monitor, const struct monitor_command *table, const char *before);

command_fn command_step, command_next, command_finish, command_continue, command_until, command_jump,
    command_reset, command_nmi, command_trace, command_trace_reg, command_trace_mem;
command_fn command_break, command_tbreak, command_pbreak, command_watch, command_rwatch, command_awatch,
    command_modebp, command_unwatch, command_delete, command_enable, command_disable, command_ignore,
    command_condition, command_commands, command_breakpoints, command_why;
command_fn command_registers, command_segments, command_control_registers, command_debug_registers,
    command_flags, command_fpu, command_mmx, command_msr, command_examine, command_examine_physical,
    command_dump, command_disassemble, command_print, command_screen, command_time, command_info,
    command_help;
command_fn command_find, command_write, command_setpmem, command_fill, command_load, command_save,
    command_set;
command_fn command_stop_in, command_stop_at;
command_fn command_print_string, command_crc, command_deref;
command_fn command_page, command_stack, command_backtrace;
command_fn info_pages, info_rights, info_gdt, info_ldt, info_idt, info_ivt, info_tss, info_bda, info_ebda,
    info_e820, info_boot;
command_fn info_all_registers, info_cpu, info_tlb, info_devices, info_device, info_ports, info_pci,
    info_state, info_map, info_events, info_log;
command_fn command_insert, command_eject, command_media, command_sendkey, command_type, command_screenshot,
    command_video;

command_fn info_breakpoints, command_snapshot, command_display, command_undisplay, info_display, command_show;
command_fn command_clear;
/* At a stop. */
void displays_show(struct monitor *monitor);
void displays_free(struct monitor *monitor);
/* What is displayed only looks. False with ERR: the command is displayed, though WHAT it does ("run the
 * machine"). */
bool displays_allow(const struct monitor *monitor, const char *what, struct error *err);
/* gdb: dump memory FILE START END. */
enum monitor_result dump_to_file(struct monitor *monitor, const char *arguments, struct error *err);
/* ERR: there is no memory at AT, and how to find out why. False. */
bool no_memory_at(uint64_t at, bool physical, struct error *err);

/* One line: address, bytes, instruction. Returns its length in bytes, 0 if the memory is not there. */
unsigned print_instruction(struct monitor *monitor, uint64_t linear);
/* COUNT instructions from monitor->next_look on, with marks; moves it. */
bool show_instructions(struct monitor *monitor, bool physical, unsigned count, struct error *err);
/* "16", "32", "64", "auto". */
bool set_code_bits(struct monitor *monitor, const char *value, struct error *err);
void print_breakpoints(struct monitor *monitor);
/* Takes LINE if it belongs to the commands of a breakpoint. */
bool commands_collect(struct monitor *monitor, const char *line, enum monitor_result *result,
                      struct error *err);
/* Is there a breakpoint that listings should mark at LINEAR? */
bool breakpoint_marks(const struct monitor *monitor, uint64_t linear);

/* To be called before a command runs, and after registers were set. */
void registers_note_stop(struct monitor *monitor);
void registers_changed(struct monitor *monitor);
/* "real mode", "32-bit protected mode" and so on. */
const char *processor_mode(const struct cpu_registers *registers);
/* A model-specific register by number or name. *END: what follows. */
bool msr_index(struct monitor *monitor, const char *text, const char **end, uint32_t *index,
               struct error *err);

/* Linear or physical, see monitor/target.h. */
size_t monitor_peek(struct monitor *monitor, bool physical, uint64_t address, void *buffer, size_t count);
/* Parses an address and makes it the one that looks go on from. *END (may be NULL): what follows. */
bool monitor_place(struct monitor *monitor, bool physical, const char *arguments, const char **end,
                   struct error *err);

#endif
