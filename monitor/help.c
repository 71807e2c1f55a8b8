/* help, help COMMAND, help TOPIC. */
#include <stdlib.h>
#include <string.h>

#include "monitor/monitor_private.h"

#define COLUMN 30

const struct help_topic help_topics[] = {
    {"addresses",
     "An address is a linear one (7c00, 0x7c00, esp+4) or SEGMENT:OFFSET (0:7c00, ds:si, 40:6c), both parts\n"
     "hexadecimal. Segment registers stand for what their hidden parts hold; other selectors are paragraphs "
     "in\n"
     "real mode and looked up in the descriptor tables in protected mode. xp, and the letter p after a "
     "slash\n"
     "(find/p, fill/p, write/p, load/p, save/p), take physical addresses.\n"},
    {"numbers", "Numbers are decimal, or hexadecimal with 0x before, h after, or a digit a to f in them. "
                "Registers go by\n"
                "their names, with or without $; pc is the linear address of the next instruction. Operators "
                "are + - * and parentheses.\n"
                "Always hexadecimal are both parts of SEGMENT:OFFSET and, after break, vectors (int 21), "
                "functions (dos 4c),\n"
                "ports (io 60), MSRs, the numbers of CR and DR, and the values of REGISTER=VALUE (ah=10). "
                "IRQs (irq 10),\n"
                "exceptions (exception 14), counts, lengths, ignore N and the numbers of breakpoints are "
                "decimal like all else.\n"},
    {"breakpoints",
     "break [once] [KIND] WHAT [REGISTER=VALUE ...] [ignore N] [if CONDITION] [do COMMAND; COMMAND ...]\n"
     "  [execute] PLACE         before the instruction there is run\n"
     "  read|write|access PLACE memory; PLACE is [physical] ADDRESS [LENGTH] or FIRST..LAST\n"
     "  io PORT [r|w]           port, or FIRST..LAST, in hexadecimal; in PORT, out PORT\n"
     "  int [N] [hardware|software] interrupts, in hexadecimal: int 21 ah=4c; bios N, dos FUNCTION: calls "
     "by\n"
     "                          software, likewise; irq [N]: hardware ones by IRQ, in decimal: irq 10; nmi\n"
     "  exception [N|NAME]      in decimal or by name: exception 14, exception #GP error=0\n"
     "  crN drN msr [N] gdtr idtr ldtr tr  writes to these registers\n"
     "  mode [real|protected|v86|paging|smm]  when it is entered\n"
     "  triple, hlt, magic      triple fault, HLT, xchg bx,bx\n"
     "The values of REGISTER=VALUE are hexadecimal. The commands after do may begin with silent, and "
     "continue\n"
     "ends them. help conditions tells what CONDITION may be.\n"},
    {"conditions",
     "Expressions as in C (|| && | ^ & == != < <= > >= << >> + - * / % ! ~) over numbers, registers, flags\n"
     "(zf, iopl), memory ([ADDRESS], [SEGMENT:OFFSET], a dword unless byte, word or qword stands before) "
     "and\n"
     "what happened: vector, error, port, value, old, address, size. All is 64 bits without sign. Where "
     "memory\n"
     "is not there the condition does not hold. After a stop, print knows what happened too.\n"},
    {"formats",
     "/COUNT FORMAT SIZE, as in x/16xb: formats x hexadecimal, d decimal, u unsigned, o octal, t binary, c\n"
     "character, f floating point, s string, i instruction, m dump with text; sizes b byte, h 16 bits,\n"
     "w 32 bits, g 64 bits, e 80 bits (floating point). x alone goes on where the last one ended.\n"},
    {"marks",
     "In registers a * follows what changed since the last stop. In listings * is a breakpoint, => the next\n"
     "instruction, > the target of a jump in the listing.\n"},
    {"scripts",
     "Commands come from -x COMMAND, --monitor-script FILE, the source command, a pipe or the terminal. A "
     "line\n"
     "that begins with # is a comment. The first mistake ends -x and scripts with exit status 2; a pipe is "
     "read "
     "on,\n"
     "and its mistakes give 2 at the end. Names of files with blanks stand in quotes, 'a b' or \"a b\".\n"},
    {"gdb", "gdb's names are known: info registers, x/10i $pc, stepi, nexti, finish, bt, b *0x7c00, watch "
            "*(int *)0x500,\n"
            "p/x *(short *)0x7c00, set var $eax = 1, display/i $pc, find, dump memory, restore, tbreak, "
            "until, advance.\n"
            "What has no counterpart says what to do in its place.\n"},
    {"bochs", "The names of Bochs's debugger are known: s, n, c, b, lb, pb, vb, r, sreg, creg, dreg, u, x, "
              "xp, page, info tab,\n"
              "info idt, print-stack, setpmem, writemem, loadmem, show int, trace on, ptime. "
              "docs/bochs-debugger.md has\n"
              "the whole list.\n"},
    {NULL, NULL},
};

static void print_row(struct monitor *monitor, const struct monitor_command *row, const char *before)
{
    int column =
        fprintf(monitor->out, "%s%s%s%s", before, row->name, *row->arguments ? " " : "", row->arguments);
    fprintf(monitor->out, "%*s%s", column < COLUMN ? COLUMN - column : 1, "", row->help);
    if (*row->short_forms)
        fprintf(monitor->out, " (%s)", row->short_forms);
    fputc('\n', monitor->out);
}

void print_commands(struct monitor *monitor, const struct monitor_command *table, const char *before)
{
    for (const struct monitor_command *row = table; row->name; row++)
        print_row(monitor, row, before);
}

static const struct help_topic *find_topic(const char *name)
{
    for (const struct help_topic *topic = help_topics; topic->name; topic++)
        if (!strcmp(topic->name, name))
            return topic;
    return NULL;
}

static bool help_of_info(struct monitor *monitor, const char *word, struct error *err)
{
    const struct monitor_command *row = find_command(monitor_infos, word, strlen(word));
    if (!row)
        return error_set(err, "info cannot show '%s'; info alone lists what it can", word);
    print_row(monitor, row, "info ");
    return true;
}

enum monitor_result command_help(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    (void)format;
    if (!*arguments) {
        print_commands(monitor, monitor_commands, "");
        fputs("help COMMAND or TOPIC tells more; topics:", monitor->out);
        for (const struct help_topic *topic = help_topics; topic->name; topic++)
            fprintf(monitor->out, " %s", topic->name);
        fputc('\n', monitor->out);
        return MONITOR_DONE;
    }
    char word[64]; /* Bochs has the command in quotes */
    size_t quoted = *arguments == '"' ? strcspn(arguments + 1, "\"") : 0;
    if (quoted) {
        snprintf(word, sizeof word, "%.*s", (int)quoted, arguments + 1);
        arguments = word;
    }
    const struct help_topic *topic = find_topic(arguments);
    if (topic) {
        fputs(topic->text, monitor->out);
        return MONITOR_DONE;
    }
    size_t length = strcspn(arguments, " ");
    const struct monitor_command *row = find_monitor_command(arguments, length, err);
    if (!row)
        return MONITOR_FAILED;
    const char *rest = arguments + length + strspn(arguments + length, " ");
    if (*rest && row->run == command_info)
        return help_of_info(monitor, rest, err) ? MONITOR_DONE : MONITOR_FAILED;
    print_row(monitor, row, "");
    if (row->run == command_info)
        print_commands(monitor, monitor_infos, "info ");
    return MONITOR_DONE;
}
