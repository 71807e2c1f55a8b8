/* Runs random instruction sequences on the host's own processor and in the interpreter, and compares all that
 * a program can see: registers, flags, segments, x87 and MMX state, memory, exceptions.
 *
 *   diff [--seed N] [--count N] [--group NAME] [--case N] [--long] [--list] [--masks]
 *       [--wide-masks]
 *
 * The interpreter runs each sequence twice: by single steps with x87 arithmetic in integers, and through
 * decoded blocks with the host's x87. --long: a million cases of each group. --case runs one case and shows
 * it. Exit status: 0 no difference, 1 differences, 2 bad arguments, 77 the host cannot serve. The host's side
 * is described in tests/differential/host.c, what is not compared in tests/differential/masks.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/differential/generate.h"
#include "tests/differential/host.h"
#include "tests/differential/masks.h"

#define COUNT_SHORT 8000
#define COUNT_LONG  1000000
#define SHOWN       8

struct run {
    struct interpreter *interpreter;
    struct sandbox_image pristine, image;
    uint64_t seed, count;
    int64_t only;
    enum host_kind host;
    unsigned failures;
};

/* --- memory --- */

static uint64_t scramble(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    return x ^ x >> 31;
}

/* Bytes of chance, with some far pointers and small numbers among them. */
static void fill_pristine(struct run *run)
{
    for (uint32_t i = 0; i < sizeof run->pristine.bytes; i += 8) {
        uint64_t value = scramble(run->seed * 1000003 + i + 1);
        if (value % 7 == 0)
            value = (uint64_t)ldt_selector((unsigned)(value >> 40) % ldt_count) << 32 | (value & 0xFFF);
        else if (value % 7 == 1)
            value &= 0xFF000000FFull;
        memcpy(run->pristine.bytes + i, &value, 8);
    }
}

static void load_memory(uint8_t *(*area_of)(void *, unsigned), void *ctx, const struct sandbox_image *image)
{
    for (unsigned i = 0; i < AREAS; i++)
        if (areas[i].writable)
            memcpy(area_of(ctx, i), image->bytes + area_offset(i), areas[i].pages * PAGE);
}

static uint8_t *area_of_host(void *ctx, unsigned area)
{
    (void)ctx;
    return host_area(area);
}

static uint8_t *area_of_interpreter(void *ctx, unsigned area)
{
    return interpreter_area(ctx, area);
}

static void load_interpreter(struct run *run)
{
    load_memory(area_of_interpreter, run->interpreter, &run->image);
    interpreter_code_changed(run->interpreter);
}

/* --- comparing --- */

struct report {
    char text[2048];
    size_t length;
    unsigned differences;
};

static void __attribute__((format(printf, 2, 3))) differ(struct report *r, const char *format, ...)
{
    __builtin_va_list args;
    __builtin_va_start(args, format);
    r->differences++;
    if (r->length < sizeof r->text)
        r->length += (size_t)vsnprintf(r->text + r->length, sizeof r->text - r->length, format, args);
    __builtin_va_end(args);
}

static void compare_number(struct report *r, const char *what, uint64_t ours, uint64_t host)
{
    if (ours != host)
        differ(r, "      %s: ours %" PRIx64 ", the host's %" PRIx64 "\n", what, ours, host);
}

/* Transcendental results may differ in the last bits (SDM volume 1, 8.3.10: errors below one unit in the last
 * place in all rounding modes), and with them PE, C1, and where the result may be denormal UE. Numbers of one
 * sign are in the order of exponent and significand; the leading bit takes part in both. */
static bool is_close(const struct x87_state *a, const struct x87_state *b, unsigned i)
{
    uint64_t x = a->st[i].significand << 1, y = b->st[i].significand << 1;
    int apart = a->st[i].sign_exponent - b->st[i].sign_exponent;
    bool may_carry = apart == 0 || (apart == 1 && x < y) || (apart == -1 && x > y);
    uint64_t difference = x - y;
    return may_carry && difference + 8 <= 16;
}

static void compare_x87(struct report *r, const struct diff_case *c, const struct x87_state *ours,
                        const struct x87_state *host)
{
    uint16_t mask = c->approximate ? 0xFFFF & ~0x0230 : 0xFFFF;
    compare_number(r, "x87 control", ours->control, host->control);
    compare_number(r, "x87 status", ours->status & mask, host->status & mask);
    compare_number(r, "x87 tags", ours->tag, host->tag);
    compare_number(r, "x87 instruction pointer", ours->ip, host->ip);
    for (unsigned i = 0; i < 8; i++) {
        if (c->approximate && is_close(ours, host, i))
            continue;
        if (ours->st[i].significand != host->st[i].significand ||
            ours->st[i].sign_exponent != host->st[i].sign_exponent)
            differ(r, "      st%u: ours %04x %016" PRIx64 ", the host's %04x %016" PRIx64 "\n", i,
                   ours->st[i].sign_exponent, ours->st[i].significand, host->st[i].sign_exponent,
                   host->st[i].significand);
    }
}

static void compare_state(struct report *r, const struct diff_case *c, const struct outcome *ours,
                          const struct outcome *host)
{
    static const char *const gpr[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static const char *const segments[6] = {"es", "cs", "ss", "ds", "fs", "gs"};
    if (ours->lost || host->lost)
        differ(r, "      did not end: ours %d, the host %d\n", ours->lost, host->lost);
    compare_number(r, "exception", ours->vector, host->vector);
    compare_number(r, "error code", ours->error, host->error);
    compare_number(r, "cr2", ours->cr2, host->cr2);
    for (unsigned i = 0; i < 8; i++)
        compare_number(r, gpr[i], ours->state.gpr[i], host->state.gpr[i]);
    compare_number(r, "eip", ours->state.eip, host->state.eip);
    compare_number(r, "eflags", ours->state.eflags, host->state.eflags);
    for (unsigned i = 0; i < 6; i++)
        compare_number(r, segments[i], ours->state.segment[i], host->state.segment[i]);
    compare_x87(r, c, &ours->state.x87, &host->state.x87);
}

static bool is_ignored(const struct diff_case *c, uint32_t linear)
{
    for (unsigned i = 0; i < c->ignored_count; i++)
        if (linear - c->ignored[i].linear < c->ignored[i].length)
            return true;
    return false;
}

static void compare_memory(struct report *r, const struct run *run, const struct diff_case *c)
{
    for (unsigned area = 0; area < AREAS; area++) {
        const uint8_t *ours = interpreter_area(run->interpreter, area), *host = host_area(area);
        uint32_t size = areas[area].pages * PAGE;
        if (!memcmp(ours, host, size))
            continue;
        unsigned shown = 0;
        for (uint32_t i = 0; i < size; i++)
            if (ours[i] != host[i] && !is_ignored(c, areas[area].linear + i) && shown++ < 4)
                differ(r, "      memory at %08x: ours %02x, the host's %02x\n", areas[area].linear + i,
                       ours[i], host[i]);
    }
}

/* --- a case --- */

static void print_case(const struct run *run, unsigned group, uint64_t number, const struct diff_case *c)
{
    const struct machine_state *s = &c->start;
    printf("  %s: diff --seed %" PRIu64 " --group %s --case %" PRIu64 "\n", groups[group].name, run->seed,
           groups[group].name, number);
    for (unsigned i = 0; i < c->insns; i++) {
        printf("    %04x:", c->insn[i].at);
        for (unsigned k = 0; k < c->insn[i].length; k++)
            printf(" %02x", c->insn[i].bytes[k]);
        printf("\n");
    }
    printf("    eax %08x ecx %08x edx %08x ebx %08x esp %08x ebp %08x esi %08x edi %08x\n", s->gpr[0],
           s->gpr[1], s->gpr[2], s->gpr[3], s->gpr[4], s->gpr[5], s->gpr[6], s->gpr[7]);
    printf("    cs:eip %04x:%08x eflags %08x es %04x ss %04x ds %04x fs %04x gs %04x x87 control %04x status "
           "%04x tags %02x\n",
           s->segment[1], s->eip, s->eflags, s->segment[0], s->segment[2], s->segment[3], s->segment[4],
           s->segment[5], s->x87.control, s->x87.status, s->x87.tag);
    for (unsigned i = 0; i < 8 && s->x87.tag; i++)
        printf("    st%u %04x %016" PRIx64 "%s", i, s->x87.st[i].sign_exponent, s->x87.st[i].significand,
               i % 4 == 3 ? "\n" : "");
}

/* False: it differs. */
static bool run_case(struct run *run, unsigned group, uint64_t number)
{
    struct interpreter *in = run->interpreter;
    struct diff_case c;
    struct outcome steps, blocks, host;
    memcpy(&run->image, &run->pristine, sizeof run->image);
    load_interpreter(run);
    generate(in, group, run->seed, number, &run->image, run->host, &c);

    load_interpreter(run);
    interpreter_load(in, &c.start, true);
    interpreter_run_steps(in, 2 * CASE_STEPS);
    interpreter_outcome(in, &steps);
    if (steps.lost) /* an endless loop came about */
        return true;

    load_memory(area_of_host, NULL, &run->image);
    host_run(&c.start, &host);
    struct report report = {0};
    struct outcome masked = host;
    mask_outcome(&c, &steps, &masked);
    compare_state(&report, &c, &steps, &masked);
    compare_memory(&report, run, &c);
    bool by_steps = report.differences;

    if (!by_steps) {
        load_interpreter(run);
        if (number % 16 == 0)
            interpreter_flush_tlb(in);
        interpreter_load(in, &c.start, false);
        interpreter_run_blocks(in);
        interpreter_outcome(in, &blocks);
        masked = host;
        mask_outcome(&c, &blocks, &masked);
        compare_state(&report, &c, &blocks, &masked);
        compare_memory(&report, run, &c);
    }
    if (report.differences || run->only >= 0) {
        if (run->failures++ < SHOWN) {
            print_case(run, group, number, &c);
            printf("    %s, exception %u at %x:\n%s",
                   report.differences ? by_steps ? "by steps" : "by blocks" : "no difference", host.vector,
                   host.state.eip, report.text);
        }
    }
    return !report.differences;
}

/* --- groups, arguments --- */

static bool run_group(struct run *run, unsigned group)
{
    uint64_t different = 0;
    run->failures = 0;
    if (run->only >= 0)
        return run_case(run, group, (uint64_t)run->only);
    for (uint64_t i = 0; i < run->count; i++)
        different += !run_case(run, group, i);
    printf("%-12s %8" PRIu64 " cases, %" PRIu64 " different   (%s)\n", groups[group].name, run->count,
           different, groups[group].what);
    fflush(stdout);
    return different == 0;
}

static int usage(const char *what, const char *which)
{
    fprintf(stderr,
            "diff: %s%s\nusage: diff [--seed N] [--count N] [--group NAME] [--case N] [--long] [--list] "
            "[--masks]\n",
            what, which);
    return 2;
}

static int print_masks(void)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } flags[] = {{FLAG_OF, "OF"}, {FLAG_SF, "SF"}, {FLAG_ZF, "ZF"},
                 {FLAG_AF, "AF"}, {FLAG_PF, "PF"}, {FLAG_CF, "CF"}};
    for (unsigned i = 0; i < mask_count; i++) {
        printf("%s", mask_rows[i].what);
        for (unsigned k = 0; k < sizeof flags / sizeof flags[0]; k++)
            if (mask_rows[i].flags & flags[k].bit)
                printf(": %s", flags[k].name);
        printf("\n    %s\n", mask_rows[i].why);
    }
    return 0;
}

static int print_groups(void)
{
    for (unsigned i = 0; i < group_count; i++)
        printf("%-12s %s\n", groups[i].name, groups[i].what);
    return 0;
}

static struct run run = {.seed = 1, .count = COUNT_SHORT, .only = -1};

int main(int argc, char **argv)
{
    const char *only = NULL;
    bool wide_masks = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--long"))
            run.count = COUNT_LONG;
        else if (!strcmp(argv[i], "--list"))
            return print_groups();
        else if (!strcmp(argv[i], "--masks"))
            return print_masks();
        else if (!strcmp(argv[i], "--wide-masks"))
            wide_masks = true;
        else if (i + 1 == argc)
            return usage("bad option, or one without its value: ", argv[i]);
        else if (!strcmp(argv[i], "--seed"))
            run.seed = strtoull(argv[++i], NULL, 0);
        else if (!strcmp(argv[i], "--count"))
            run.count = strtoull(argv[++i], NULL, 0);
        else if (!strcmp(argv[i], "--group"))
            only = argv[++i];
        else if (!strcmp(argv[i], "--case"))
            run.only = strtoll(argv[++i], NULL, 0);
        else
            return usage("bad option ", argv[i]);
    }
    const char *why = host_begin();
    if (why) {
        printf("skipped: %s\n", why);
        return 77;
    }
    run.host = host_kind();
    if (run.host == HOST_KNOWN && wide_masks)
        run.host = HOST_INTEL;
    if (run.host != HOST_KNOWN)
        printf(
            "flags that the manual calls undefined are not compared: the host's are not known to be ours\n");
    fill_pristine(&run);
    host_write_read_only(run.pristine.bytes + area_offset(AREA_READ_ONLY));
    run.interpreter = interpreter_create(cpu_model_find("p6"));
    memcpy(interpreter_area(run.interpreter, AREA_READ_ONLY),
           run.pristine.bytes + area_offset(AREA_READ_ONLY), areas[AREA_READ_ONLY].pages * PAGE);
    bool same = true, found = false;
    for (unsigned group = 0; group < group_count; group++)
        if (!only || !strcmp(only, groups[group].name)) {
            same &= run_group(&run, group);
            found = true;
        }
    interpreter_destroy(run.interpreter);
    if (!found)
        return usage("there is no group ", only);
    return same ? 0 : 1;
}
