/* The x87 unit and the MMX registers that lie in it. SDM volume 1, chapter 8 and 9. */
#include <inttypes.h>
#include <string.h>

#include "cpu/fpu.h"
#include "machine/machine.h"
#include "monitor/float_text.h"
#include "monitor/monitor_private.h"
#include "monitor/names.h"

static const struct bit_name status_bits[] = {
    {15, "b"}, {14, "c3"}, {10, "c2"}, {9, "c1"}, {8, "c0"}, {7, "es"}, {6, "sf"}, {0, NULL},
};

static const struct fpu *the_fpu(struct monitor *monitor, struct error *err)
{
    const struct fpu *fpu = cpu_get_fpu(machine_cpu(monitor->machine, 0));
    if (!fpu)
        error_set(err, "this processor has no x87 unit; --cpu help lists others");
    return fpu;
}

static void print_words(FILE *out, const struct fpu *fpu)
{
    static const char *const precisions[4] = {"24 bits", "reserved", "53 bits", "64 bits"};
    static const char *const roundings[4] = {"to nearest", "down", "up", "toward zero"};
    unsigned status = fpu_status_word(fpu);
    fprintf(out, "control %04x  precision %s, rounding %s, masked: ", fpu->control,
            precisions[fpu->control >> 8 & 3], roundings[fpu->control >> 10 & 3]);
    print_set_bits(out, fpu_exception_bits, fpu->control & 0x3F, "none");
    fprintf(out, "\nstatus  %04x  top %u ", status, fpu->top);
    print_bits(out, status_bits, status, status);
    fputs(", exceptions: ", out);
    print_set_bits(out, fpu_exception_bits, status & 0x3F, "none");
    fprintf(out, "\ntag     %04x  abridged %02x\n", fpu_tag_word(fpu), fpu->tag);
    fprintf(out, "last instruction %04x:%08" PRIx64 " opcode %03x, operand %04x:%08" PRIx64 "\n",
            fpu->last_cs, fpu->last_ip, fpu->last_opcode, fpu->last_ds, fpu->last_dp);
}

enum monitor_result command_fpu(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format, (void)arguments;
    static const char *const tags[4] = {"valid", "zero", "special", "empty"};
    const struct fpu *fpu = the_fpu(monitor, err);
    if (!fpu)
        return MONITOR_FAILED;
    print_words(monitor->out, fpu);
    for (unsigned i = 0; i < 8; i++) {
        unsigned n = (fpu->top + i) & 7;
        struct float80 value = fpu->reg[n];
        char text[64];
        float80_text(value, text, sizeof text);
        fprintf(monitor->out, "st%u r%u %-7s %04x %016" PRIx64 "  %-14s %s\n", i, n,
                tags[fpu_tag_word(fpu) >> 2 * n & 3], value.sign_exponent, value.significand,
                float80_class_name(value), text);
    }
    return MONITOR_DONE;
}

static void print_lanes(FILE *out, uint64_t value)
{
    fputs("  words", out);
    for (unsigned i = 4; i-- > 0;)
        fprintf(out, " %04x", (unsigned)(value >> 16 * i) & 0xFFFF);
    fputs("  bytes", out);
    for (unsigned i = 8; i-- > 0;)
        fprintf(out, " %02x", (unsigned)(value >> 8 * i) & 0xFF);
}

enum monitor_result command_mmx(struct monitor *monitor, const char *format, const char *arguments,
                                struct error *err)
{
    (void)format, (void)arguments;
    const struct fpu *fpu = the_fpu(monitor, err);
    if (!fpu)
        return MONITOR_FAILED;
    for (unsigned i = 0; i < 8; i++) {
        fprintf(monitor->out, "mm%u %016" PRIx64, i, fpu->reg[i].significand);
        print_lanes(monitor->out, fpu->reg[i].significand);
        fputc('\n', monitor->out);
    }
    return MONITOR_DONE;
}
