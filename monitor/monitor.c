/* Command lines: finding the command in the table, scripts, and talking to a terminal. */
#include "monitor/monitor.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "monitor/arguments.h"
#include "monitor/breakpoint.h"
#include "monitor/foreign.h"
#include "monitor/monitor_private.h"

static command_fn command_quit, command_print_or_next, command_echo, command_source;

/* clang-format off */
const struct monitor_command monitor_commands[] = {
    {"step", "s si stepi", "[N]", "run one instruction, or N", command_step, true},
    {"next", "n ni nexti", "[N]", "as step, but run through calls, interrupts, loops and repeated string instructions", command_next, true},
    {"finish", "fin", "", "run until the procedure returns", command_finish, false},
    {"continue", "c cont", "[N]", "run until a breakpoint, the end, or Ctrl-C; N: until the Nth stop at this breakpoint", command_continue, false},
    {"until", "unt advance", "[ADDRESS]", "run until ADDRESS, or the instruction behind this one", command_until, false},
    {"jump", "j", "ADDRESS", "go on at ADDRESS", command_jump, false},
    {"break", "b br bp hb hbreak lb lbreak vb vbreak catch", "[[KIND] WHAT ...]", "stop there; help breakpoints tells the grammar; alone: the list", command_break, false},
    {"tbreak", "tb thb thbreak", "[KIND] WHAT ...", "as break, but only once", command_tbreak, false},
    {"pbreak", "pb", "ADDRESS ...", "break execute physical", command_pbreak, false},
    {"watch", "wa", "[[r|w|rw] ADDRESS [LENGTH] ...]", "break write, or read, or access", command_watch, false},
    {"rwatch", "rw", "ADDRESS [LENGTH] ...", "break read", command_rwatch, false},
    {"awatch", "aw", "ADDRESS [LENGTH] ...", "break access", command_awatch, false},
    {"modebp", "mbp", "[MODE]", "break mode", command_modebp, false},
    {"sb", "", "[N|TIME]", "continue stops after N more instructions, or after 100ms, 5s; once; alone: forget it", command_stop_in, false},
    {"sba", "", "N|TIME", "continue stops when N instructions have run or TIME has passed since power-on", command_stop_at, false},
    {"breakpoints", "blist bl", "", "the list of breakpoints", command_breakpoints, false},
    {"unwatch", "uw", "[ADDRESS]", "forget what is watched at ADDRESS, or all that is", command_unwatch, false},
    {"delete", "d del", "[N ...]", "forget breakpoints, or all", command_delete, false},
    {"clear", "cl", "ADDRESS", "forget the breakpoints at ADDRESS", command_clear, false},
    {"enable", "en bpe", "[N ...]", "breakpoints stop again", command_enable, false},
    {"disable", "dis bpd", "[N ...]", "breakpoints do not stop until enabled", command_disable, false},
    {"ignore", "ign", "N COUNT", "pass COUNT stops at breakpoint N", command_ignore, false},
    {"condition", "cond", "N [CONDITION]", "breakpoint N stops where CONDITION holds", command_condition, false},
    {"commands", "com", "[N] [COMMAND; ...]", "run at the stop; without commands, the lines up to end", command_commands, false},
    {"why", "wh", "", "which check failed at the last exception, and what led to it", command_why, false},
    {"show", "sh", "[mode|int|softint|extint|exception|all|off]", "tell of these as the guest runs, without a stop", command_show, false},
    {"trace", "tr", "[on|off]", "show each instruction that continue runs", command_trace, false},
    {"trace-reg", "trr", "[on|off]", "show the registers after each", command_trace_reg, false},
    {"trace-mem", "trm", "[on|off]", "show what is read and written", command_trace_mem, false},
    {"info", "i", "[WHAT]", "what there is to know; info alone lists it", command_info, false},
    {"registers", "r reg regs", "[NAME ...|all]", "registers of the processor; * marks what changed since the last stop", command_registers, false},
    {"sreg", "sr sregs", "", "segment registers with their hidden parts", command_segments, false},
    {"creg", "cr cregs", "", "control registers with their bits", command_control_registers, false},
    {"dreg", "dr dregs", "", "debug registers with their bits", command_debug_registers, false},
    {"fpu", "fp", "", "the x87 unit", command_fpu, false},
    {"mmx", "mm", "", "the MMX registers", command_mmx, false},
    {"msr", "ms", "[NUMBER|NAME|all]", "model-specific registers", command_msr, false},
    {"x", "", "[/FMT] [ADDRESS]", "show linear memory; help formats tells of FMT", command_examine, true},
    {"xp", "", "[/FMT] [ADDRESS]", "as x, physical memory", command_examine_physical, true},
    {"dump", "db hexdump", "[/FMT] [ADDRESS [LENGTH]]", "bytes with their text", command_dump, true},
    {"print-string", "ps", "[/p] [ADDRESS]", "the text at a linear address, up to a 0", command_print_string, false},
    {"deref", "de", "ADDRESS [DEPTH]", "follow pointers", command_deref, false},
    {"crc", "ck", "FIRST END", "CRC32 of physical memory from FIRST up to END", command_crc, false},
    {"disassemble", "u disas disasm", "[/N] [ADDRESS [END]]", "show instructions, from the next one if no address is given", command_disassemble, true},
    {"page", "pg", "ADDRESS|ranges", "the way through the page tables, what each bit means and which check fails", command_page, false},
    {"stack", "st print-stack", "[/N] [WORDS]", "words on the stack, with guesses at return addresses", command_stack, false},
    {"backtrace", "bt where frame", "[FRAMES]", "the calls that led here, by BP", command_backtrace, false},
    {"find", "f search", "[/SIZE MAX p] ADDRESS LENGTH VALUES", "search for numbers and \"text\"", command_find, false},
    {"write", "w poke", "[/SIZE p] ADDRESS VALUES", "write numbers and \"text\" into memory", command_write, false},
    {"setpmem", "spm", "ADDRESS SIZE VALUE", "write 1, 2 or 4 bytes of physical memory", command_setpmem, false},
    {"fill", "fi", "[/SIZE p] ADDRESS LENGTH VALUES", "fill memory", command_fill, false},
    {"load", "ld loadmem", "[/p] FILE ADDRESS", "read a file into memory", command_load, false},
    {"restore", "rst", "[/p] FILE [binary] ADDRESS", "load memory, as gdb has it; snapshot load FILE goes back to a snapshot", command_load, false},
    {"save", "sv writemem", "[/p] FILE ADDRESS LENGTH", "write memory to a file", command_save, false},
    {"set", "se", "NAME=VALUE", "registers, flags, memory (byte|word|dword|qword ADDRESS = VALUE), msr N = VALUE, syntax intel|att, code auto|16|32|64", command_set, false},
    {"print", "? calc output inspect", "[/FMT] EXPRESSION", "a value, in hexadecimal and decimal, or one of /x /d /u /o /t /c", command_print, false},
    {"display", "di", "[/FMT] [EXPRESSION]", "show that at each stop, as print or (/i, /s, a size) as x does; a command too; alone: now", command_display, false},
    {"undisplay", "und", "[N ...]", "do not show that any more; without N: nothing", command_undisplay, false},
    {"p", "", "[/FMT] [EXPRESSION]", "print; without an expression, next", command_print_or_next, false},
    {"screen", "sc", "", "the text screen", command_screen, false},
    {"snapshot", "snap", "save|load FILE", "save all of the machine, or go back to where it was saved", command_snapshot, false},
    {"time", "t ptime", "", "instructions, cycles and seconds since power-on", command_time, false},
    {"media", "me", "", "the drives, what is in them and what is at hand", command_media, false},
    {"insert", "ins change", "DRIVE [FILE]", "put a floppy or CD into fda, fdb, cdrom; without FILE the next one at hand", command_insert, false},
    {"eject", "ej", "DRIVE", "take the medium out of fda, fdb, cdrom", command_eject, false},
    {"sendkey", "sk sendkeys", "KEY-KEY...", "press keys, for instance ctrl-alt-del or f1; several, one after the other", command_sendkey, false},
    {"type", "ty", "TEXT", "type TEXT at the keyboard, as --type does", command_type, false},
    {"screenshot", "ss screendump", "FILE.png", "write a picture of the screen", command_screenshot, false},
    {"video", "vi", "FILE.gif|off", "record the screen as an animated GIF or PNG (NAME%05d.png: numbered pictures), or end that", command_video, false},
    {"nmi", "nm", "", "a non-maskable interrupt", command_nmi, false},
    {"reset", "res", "", "press the reset button", command_reset, false},
    {"echo", "e", "[TEXT]", "write a line of text, for scripts", command_echo, false},
    {"source", "so", "FILE", "run the commands of a file", command_source, false},
    {"help", "h", "[COMMAND|TOPIC]", "this list, one command, or a topic", command_help, false},
    {"quit", "q exit kill", "", "end the machine and leave", command_quit, false},
    {NULL, NULL, NULL, NULL, NULL, false},
};
/* clang-format on */

struct monitor *monitor_create(struct machine *machine, const struct monitor_host *host, FILE *out)
{
    struct monitor *monitor = xcalloc(1, sizeof *monitor);
    monitor->machine = machine;
    monitor->host = *host;
    monitor->out = out;
    monitor->next_number = 1;
    return monitor;
}

void monitor_destroy(struct monitor *monitor)
{
    if (!monitor)
        return;
    breakpoints_free(monitor);
    displays_free(monitor);
    text_free(&monitor->stop_text);
    free(monitor);
}

/* --- The table --------------------------------------------------------------------------------------------
 */

static bool is_short_form(const char *forms, const char *word, size_t length)
{
    while (*forms) {
        size_t n = strcspn(forms, " ");
        if (n == length && !strncmp(forms, word, n))
            return true;
        forms += n;
        forms += strspn(forms, " ");
    }
    return false;
}

static bool has_name(const struct monitor_command *row, const char *word, size_t length)
{
    return (strlen(row->name) == length && !strncmp(row->name, word, length)) ||
           is_short_form(row->short_forms, word, length);
}

const struct monitor_command *find_command(const struct monitor_command *table, const char *word,
                                           size_t length)
{
    for (const struct monitor_command *row = table; row->name; row++)
        if (has_name(row, word, length))
            return row;
    for (const struct monitor_command *row = table; row->name; row++)
        if (!strncmp(row->name, word, length))
            return row;
    return NULL;
}

const struct monitor_command *find_monitor_command(const char *word, size_t length, struct error *err)
{
    const struct monitor_command *found = length ? find_command(monitor_commands, word, length) : NULL;
    const char *answer = foreign_command(word, length);
    if (answer && !(found && has_name(found, word, length))) {
        error_set(err, "%.*s: %s", (int)length, word, answer);
        return NULL;
    }
    if (!found) {
        error_set(err, "there is no command '%.*s'; help lists them",
                  (int)(length ? length : strcspn(word, " \t")), word);
        return NULL;
    }
    if (has_name(found, word, length))
        return found;
    for (const struct monitor_command *row = found + 1; row->name; row++) {
        if (!strncmp(row->name, word, length)) {
            error_set(err, "'%.*s' could be %s or %s", (int)length, word, found->name, row->name);
            return NULL;
        }
    }
    return found;
}

/* gdb's p prints, Bochs's p goes on: they differ by the argument. */
static enum monitor_result command_print_or_next(struct monitor *monitor, const char *format,
                                                 const char *arguments, struct error *err)
{
    return *arguments ? command_print(monitor, format, arguments, err)
                      : command_next(monitor, format, arguments, err);
}

static enum monitor_result command_echo(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    (void)format, (void)err;
    size_t length = strlen(arguments);
    if (length >= 2 && !strcmp(arguments + length - 2, "\\n")) /* gdb wants the end of the line said */
        length -= 2;
    fprintf(monitor->out, "%.*s\n", (int)length, arguments);
    return MONITOR_DONE;
}

static enum monitor_result command_source(struct monitor *monitor, const char *format, const char *arguments,
                                          struct error *err)
{
    (void)format;
    if (monitor->source_depth >= SOURCE_DEPTH_MAX) {
        error_set(err, "source %s: too many scripts within scripts; does one call itself?", arguments);
        return MONITOR_FAILED;
    }
    char *path = argument_last_file(arguments, err);
    if (!path)
        return MONITOR_FAILED;
    monitor->source_depth++;
    enum monitor_result result = monitor_script(monitor, path, err);
    monitor->source_depth--;
    free(path);
    return result;
}

static enum monitor_result command_quit(struct monitor *monitor, const char *format, const char *arguments,
                                        struct error *err)
{
    (void)format, (void)arguments;
    return displays_allow(monitor, "quit", err) ? MONITOR_QUIT : MONITOR_FAILED;
}

/* --- Lines ------------------------------------------------------------------------------------------------
 */

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* A format stands at the command (x/16xb) or, as gdb has it, behind a blank; but there it may be an absolute
 * path, or text. */
static bool format_follows(const struct monitor_command *row, const char *after)
{
    bool attached = *after == '/';
    return *skip_blanks(after) == '/' &&
           (attached || !(strstr(row->arguments, "FILE") || strstr(row->arguments, "TEXT")));
}

const struct monitor_command *split_line(const char *line, char format[FORMAT_SIZE], const char **arguments,
                                         struct error *err)
{
    size_t length = strcspn(line, " \t/");
    if (*line == '?')
        length = 1;
    const struct monitor_command *row = find_monitor_command(line, length, err);
    if (!row)
        return NULL;
    *format = 0;
    *arguments = skip_blanks(line + length);
    if (format_follows(row, line + length)) {
        size_t n = strcspn(++*arguments, " \t");
        if (n >= FORMAT_SIZE) {
            error_set(err, "/%.*s is too long", (int)n, *arguments);
            return NULL;
        }
        memcpy(format, *arguments, n);
        format[n] = 0;
        *arguments = skip_blanks(*arguments + n);
    }
    return arguments_fit(row, "", format, *arguments, err) ? row : NULL;
}

static enum monitor_result run_line(struct monitor *monitor, const char *line, struct error *err)
{
    char format[FORMAT_SIZE];
    const char *arguments;
    const struct monitor_command *row = split_line(line, format, &arguments, err);
    if (!row)
        return MONITOR_FAILED;
    registers_note_stop(monitor);
    enum monitor_result result = row->run(monitor, format, arguments, err);
    monitor->last_line[0] = 0;
    if (row->repeats && result == MONITOR_DONE)
        snprintf(monitor->last_line, sizeof monitor->last_line, "%s", row->name);
    return result;
}

/* Commands that follow, of a script or a breakpoint, must not begin anew what was to end. */
static bool has_quit(const struct monitor *monitor)
{
    const struct monitor_host *host = &monitor->host;
    return monitor->ended && host->has_quit && host->has_quit(host->owner);
}

enum monitor_result monitor_command(struct monitor *monitor, const char *line, struct error *err)
{
    line = skip_blanks(line);
    if (!*line || *line == '#')
        return MONITOR_DONE;
    char *copy = xstrdup(line);
    for (size_t n = strlen(copy); n && isspace((unsigned char)copy[n - 1]); n--)
        copy[n - 1] = 0;
    enum monitor_result result;
    if (!commands_collect(monitor, copy, &result, err))
        result = run_line(monitor, copy, err);
    free(copy);
    fflush(monitor->out);
    return has_quit(monitor) ? MONITOR_QUIT : result;
}

enum monitor_result monitor_script(struct monitor *monitor, const char *path, struct error *err)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        error_set(err, "%s: %s; check the script's name", path, strerror(errno));
        return MONITOR_FAILED;
    }
    char *line = NULL, before[sizeof monitor->origin];
    size_t capacity = 0;
    int number = 0;
    enum monitor_result result = MONITOR_DONE;
    memcpy(before, monitor->origin, sizeof before);
    while (result == MONITOR_DONE && getline(&line, &capacity, file) >= 0) {
        snprintf(monitor->origin, sizeof monitor->origin, "%s:%d", path, ++number);
        result = monitor_command(monitor, line, err);
    }
    memcpy(monitor->origin, before, sizeof before);
    if (result == MONITOR_FAILED)
        error_prefix(err, "%s:%d", path, number);
    free(line);
    fclose(file);
    return result;
}
