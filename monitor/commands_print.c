/* print: values of expressions, in the formats that gdb has. */
#include <inttypes.h>
#include <string.h>

#include "monitor/condition.h"
#include "monitor/event.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/number_text.h"

bool print_format_fits(const char *format, struct error *err)
{
    return (strlen(format) <= 1 && strchr("xduotcaz", *format)) ||
           error_set(err, "/%s: one of x d u o t c; x/%s ADDRESS shows memory", format, format);
}

static bool print_value(FILE *out, const char *format, uint64_t value, struct error *err)
{
    unsigned bits = value >> 32 ? 64 : 32; /* values of registers have 32 */
    char kind = *format == 'a' || *format == 'z' ? 'x' : *format;
    if (!print_format_fits(format, err))
        return false;
    if (!kind)
        fprintf(out, "0x%" PRIx64 "  %" PRIu64, value, value);
    else if (kind == 'c')
        fprintf(out, value >= ' ' && value <= '~' ? "%u '%c'" : "%u", (unsigned)(value & 0xFF), (int)value);
    else
        print_number(out, kind, value, bits, *format == 'z');
    fputc('\n', out);
    return true;
}

enum monitor_result command_print(struct monitor *monitor, const char *format, const char *arguments,
                                  struct error *err)
{
    uint64_t value;
    if (!*arguments) {
        error_set(err, "say what: an expression over numbers, registers, flags and memory; help conditions");
        return MONITOR_FAILED;
    }
    /* SEGMENT:OFFSET is the linear address. */
    bool segmented = strchr(arguments, ':') && !strchr(arguments, '[');
    if (segmented) {
        struct address address;
        if (!expression_address(monitor->machine, arguments, NULL, &address, err))
            return MONITOR_FAILED;
        value = address.linear;
    } else if (!condition_evaluate(monitor->machine, arguments, event_variables_last(monitor), &value, err)) {
        return MONITOR_FAILED;
    }
    return print_value(monitor->out, format, value, err) ? MONITOR_DONE : MONITOR_FAILED;
}
