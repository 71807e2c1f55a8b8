/* Shared by the monitor's files: its state and its table of commands. */
#ifndef TICK86_MONITOR_PRIVATE_H
#define TICK86_MONITOR_PRIVATE_H

#include <stdint.h>

#include "monitor/monitor.h"

struct breakpoint {
    unsigned number;
    uint64_t linear;
    bool temporary; /* goes when it is reached */
    uint64_t hits;
};

struct monitor {
    struct machine *machine;
    struct monitor_host host;
    FILE *out;
    struct breakpoint *breakpoints;
    size_t breakpoint_count;
    unsigned next_number;
    bool att;           /* syntax of disassembly */
    bool ended;         /* the machine cannot run any more */
    uint64_t next_look; /* where x and u go on */
    char look[32];      /* the last /FMT of x or xp */
    bool look_physical;
    char last_line[256]; /* what an empty line repeats */
};

/* ARGUMENTS is what follows the command's name and its /FORMAT, without blanks around; FORMAT what followed
 * the slash, "" where there was none. */
typedef enum monitor_result command_fn(struct monitor *monitor, const char *format, const char *arguments,
                                       struct error *err);

struct monitor_command {
    const char *name;
    const char *short_forms; /* separated by blanks; "" if there are none */
    const char *arguments;   /* for help */
    const char *help;
    command_fn *run;
    bool repeats; /* an empty line runs it again, without arguments where it goes on by itself */
};

/* The table ends with a row without name. */
extern const struct monitor_command monitor_commands[];

command_fn command_step, command_next, command_continue, command_break, command_tbreak, command_delete,
    command_reset, command_nmi;
command_fn command_registers, command_info, command_examine, command_examine_physical, command_disassemble,
    command_print, command_screen, command_set;

/* One line: address, bytes, instruction. Returns its length in bytes, 0 if the memory is not there. */
unsigned print_instruction(struct monitor *monitor, uint64_t linear);
void print_breakpoints(struct monitor *monitor);

#endif
