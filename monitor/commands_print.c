/* print: values of expressions, in the formats that gdb has. */
#include <inttypes.h>
#include <string.h>

#include "monitor/condition.h"
#include "monitor/event.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"

static void print_binary(FILE *out, uint64_t value)
{
    unsigned top = 63;
    while (top && !(value >> top & 1))
        top--;
    for (unsigned i = top + 1; i-- > 0;)
        fputc((int)('0' + (value >> i & 1)), out);
}

static bool print_value(FILE *out, const char *format, uint64_t value, struct error *err)
{
    switch (format[0]) {
    case 0:
        fprintf(out, "0x%" PRIx64 "  %" PRIu64, value, value);
        break;
    case 'x':
    case 'a':
        fprintf(out, "0x%" PRIx64, value);
        break;
    case 'd': /* values of registers have 32 bits */
        fprintf(out, "%" PRId64, value >> 32 ? (int64_t)value : (int64_t)(int32_t)value);
        break;
    case 'u':
        fprintf(out, "%" PRIu64, value);
        break;
    case 'o':
        fprintf(out, "0%" PRIo64, value);
        break;
    case 't':
        print_binary(out, value);
        break;
    case 'c':
        fprintf(out, value >= ' ' && value <= '~' ? "%u '%c'" : "%u", (unsigned)(value & 0xFF), (int)value);
        break;
    default:
        return error_set(err, "/%s: one of x d u o t c; x/%s ADDRESS shows memory", format, format);
    }
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
