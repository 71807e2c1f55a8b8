/* The processor apart from its registers: model, what it is doing, model-specific registers, TLBs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "machine/machine.h"
#include "monitor/expression.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"
#include "monitor/target.h"

/* CPUID.1:EDX, SDM volume 2, CPUID. */
static const struct bit_name feature_bits[] = {
    {0, "fpu"},   {1, "vme"},  {2, "de"},     {3, "pse"},  {4, "tsc"},   {5, "msr"},  {6, "pae"},
    {7, "mce"},   {8, "cx8"},  {9, "apic"},   {11, "sep"}, {12, "mtrr"}, {13, "pge"}, {14, "mca"},
    {15, "cmov"}, {16, "pat"}, {17, "pse36"}, {23, "mmx"}, {24, "fxsr"}, {25, "sse"}, {0, NULL},
};

enum monitor_result info_cpu(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format, (void)arguments, (void)err;
    struct cpu *cpu = machine_cpu(monitor->machine, 0);
    const struct cpu_model *model = cpu_get_model(cpu);
    struct cpu_registers r;
    target_registers(monitor->machine, &r);
    fprintf(monitor->out, "%s: %s, running at %" PRIu64 " Hz\n", cpu_model_name(model),
            cpu_model_title(model), machine_hz(monitor->machine));
    fprintf(monitor->out, "signature %08" PRIx32 "  features %08" PRIx32 ": ", cpu_model_signature(model),
            cpu_model_features(model));
    print_set_bits(monitor->out, feature_bits, cpu_model_features(model), "none");
    fprintf(monitor->out, "\n%s, privilege level %u\n", processor_mode(&r), r.cpl);
    struct text text = {0};
    cpu_print_activity(cpu, &text);
    fputs(text_chars(&text), monitor->out);
    text_free(&text);
    return MONITOR_DONE;
}

/* --- Model-specific registers -----------------------------------------------------------------------------
 */

static const struct cpu_msr_name *msr_by_name(const char *name)
{
    for (const struct cpu_msr_name *row = cpu_msr_names; row->name; row++)
        if (!strcasecmp(row->name, name))
            return row;
    return NULL;
}

bool msr_index(struct monitor *monitor, const char *text, const char **end, uint32_t *index,
               struct error *err)
{
    char word[32];
    size_t length = strcspn(text, " \t=");
    uint64_t number;
    snprintf(word, sizeof word, "%.*s", (int)length, text);
    const struct cpu_msr_name *row = msr_by_name(word);
    if (row) {
        *index = row->index;
        *end = text + length;
        return true;
    }
    if (!expression_number(monitor->machine, text, end, &number, err))
        return error_set(err, "msr %s: neither a number nor a name of an MSR; msr all lists them", text);
    *index = (uint32_t)number;
    return number <= UINT32_MAX || error_set(err, "%s: the number of an MSR has 32 bits", text);
}

static const char *msr_name(uint32_t index)
{
    for (const struct cpu_msr_name *row = cpu_msr_names; row->name; row++)
        if (row->index == index)
            return row->name;
    return "";
}

static void print_msr(struct monitor *monitor, uint32_t index, uint64_t value)
{
    fprintf(monitor->out, "%08" PRIx32 "  %016" PRIx64 "  %s\n", index, value, msr_name(index));
}

enum monitor_result command_msr(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format;
    struct cpu *cpu = machine_cpu(monitor->machine, 0);
    bool all = !strcmp(arguments, "all");
    uint64_t value;
    uint32_t index;
    const char *end;
    if (*arguments && !all) {
        if (!msr_index(monitor, arguments, &end, &index, err))
            return MONITOR_FAILED;
        if (*end) {
            error_set(err, "msr %s: '%s' does not belong there; leave it out", arguments, end);
            return MONITOR_FAILED;
        }
        if (!cpu_peek_msr(cpu, index, &value)) {
            error_set(err, "this processor has no MSR %08" PRIx32 "; msr all lists them", index);
            return MONITOR_FAILED;
        }
        print_msr(monitor, index, value);
        return MONITOR_DONE;
    }
    unsigned zero = 0, shown = 0;
    for (const struct cpu_msr_name *row = cpu_msr_names; row->name; row++) {
        if (!cpu_peek_msr(cpu, row->index, &value))
            continue;
        if (!value && !all) {
            zero++;
            continue;
        }
        print_msr(monitor, row->index, value);
        shown++;
    }
    if (zero)
        fprintf(monitor->out, "%u more are 0; msr all shows them\n", zero);
    else if (!shown)
        fputs("this processor has no model-specific registers\n", monitor->out);
    return MONITOR_DONE;
}

/* --- TLB --------------------------------------------------------------------------------------------------
 */

static unsigned print_tlb(struct monitor *monitor, bool code)
{
    struct cpu_translation line;
    unsigned shown = 0;
    for (unsigned i = 0; cpu_peek_tlb(machine_cpu(monitor->machine, 0), code, i, &line); i++) {
        if (!line.valid)
            continue;
        shown++;
        fprintf(monitor->out, "%s %3u  %08" PRIx64 " -> %09" PRIx64 "  %s %s%s%s%s\n", code ? "code" : "data",
                i, line.linear, line.physical, line.rights & CPU_MAY_USER ? "user" : "supervisor",
                line.rights & CPU_MAY_WRITE ? "read/write" : "read-only",
                line.rights & CPU_IS_DIRTY ? ", dirty" : "", line.rights & CPU_IS_GLOBAL ? ", global" : "",
                line.rights & CPU_IS_LARGE ? ", of a large page" : "");
    }
    return shown;
}

enum monitor_result info_tlb(struct monitor *monitor, const char *format, const char *arguments,
                             struct error *err)
{
    (void)format, (void)arguments, (void)err;
    unsigned data = print_tlb(monitor, false), code = print_tlb(monitor, true);
    fprintf(monitor->out, "%u data and %u code translations\n", data, code);
    return MONITOR_DONE;
}
