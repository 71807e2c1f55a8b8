/* Runs folders of processor test vectors in the MOO format and compares every register and byte of memory.
 *
 *   moo [--cpu MODEL] [--cycles] [--verbose] FOLDER-OR-FILE ...
 *
 * Each test runs twice, by single steps and through decoded blocks. For the processor that was captured
 * (286), everything must pass, and only tests on the folder's own revocation list are left out. For later
 * models a test that comes out differently is excused where a rule of tests/vectors/rules.c explains it; each
 * is counted under its rule. Exit status: 0 all passed, 1 some did not, 2 bad arguments or files. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cpu/insn.h"
#include "cpu/model.h"
#include "tests/vectors/metadata.h"
#include "tests/vectors/rules.h"

#define SHOWN_PER_FILE 3

struct counts {
    unsigned passed, failed, revoked;
    unsigned excused[RULES_MAX];
    uint64_t our_cycles, hardware_cycles, timed, over_ratio_sum; /* sum of 1000 * ours / theirs */
};

struct run {
    struct rig *rig;
    const char *cpu;
    bool cycles, verbose;
    struct counts total;
};

static const char *const way_names[RIG_WAYS] = {"steps", "blocks"};

/* --- reporting --- */

static void print_result(const struct moo_test *test, enum rig_way way, const struct rig_result *r)
{
    static const char *const names[MOO_REGISTERS] = {
        "cr0", "cr3", "eax", "ebx", "ecx", "edx", "esi", "edi",    "ebp", "esp",
        "cs",  "ds",  "es",  "fs",  "gs",  "ss",  "eip", "eflags", "dr6", "dr7",
    };
    printf("    test %u '%s' (", test->index, test->name);
    for (unsigned i = 0; i < test->length; i++)
        printf("%s%02x", i ? " " : "", test->bytes[i]);
    printf("), %s:", way_names[way]);
    if (test->has_exception)
        printf(" [interrupt %u]", test->vector);
    if (!r->halted)
        printf(" HLT was not reached;");
    for (unsigned i = 0; i < MOO_REGISTERS; i++)
        if (r->registers >> i & 1)
            printf(" %s is %x, not %x;", names[i], r->got[i], r->expected[i]);
    if (r->bytes)
        printf(" %u bytes differ, the first at %06x is %02x, not %02x%s;", r->bytes, r->address, r->byte_got,
               r->byte_expected, r->stray ? " (not named by the test)" : "");
    printf("\n");
}

static unsigned excused(const struct counts *c)
{
    unsigned n = 0;
    for (unsigned i = 0; i < rules_count(); i++)
        n += c->excused[i];
    return n;
}

static void add_counts(struct counts *to, const struct counts *c)
{
    to->passed += c->passed;
    to->failed += c->failed;
    to->revoked += c->revoked;
    for (unsigned i = 0; i < rules_count(); i++)
        to->excused[i] += c->excused[i];
    to->our_cycles += c->our_cycles;
    to->hardware_cycles += c->hardware_cycles;
    to->timed += c->timed;
    to->over_ratio_sum += c->over_ratio_sum;
}

static void print_counts(const struct run *run, const char *name, const struct counts *c)
{
    printf("%-12s %6u passed, %u failed", name, c->passed, c->failed);
    if (c->revoked)
        printf(", %u revoked", c->revoked);
    if (excused(c))
        printf(", %u not comparable", excused(c));
    if (run->cycles && c->timed)
        printf(", %.3f of the hardware's cycles (mean of the tests' ratios %.3f)",
               (double)c->our_cycles / (double)c->hardware_cycles,
               (double)c->over_ratio_sum / 1000 / (double)c->timed);
    printf("\n");
}

/* --- running --- */

/* Passed, or excused by a rule: no line. */
static void run_test(struct run *run, const struct moo_test *test, const struct rig_masks *masks,
                     struct counts *c)
{
    struct rig_result results[RIG_WAYS];
    int rule = -1, failed = -1;
    for (unsigned way = 0; way < RIG_WAYS; way++) {
        struct rig_result *r = &results[way];
        rig_run(run->rig, test, masks, way, r);
        if (rig_equal(r))
            continue;
        int found =
            rig_level(run->rig) > LEVEL_286 && !test->wide ? rules_find(test, rig_level(run->rig), r) : -1;
        if (found < 0 && failed < 0)
            failed = (int)way;
        rule = found;
    }
    if (failed >= 0) {
        if (c->failed++ < SHOWN_PER_FILE || run->verbose)
            print_result(test, (enum rig_way)failed, &results[failed]);
    } else if (rule >= 0) {
        c->excused[rule]++;
    } else {
        c->passed++;
    }
    uint64_t ours = results[RIG_STEPS].cycles;
    if (test->cycles && failed < 0) {
        c->timed++;
        c->our_cycles += ours;
        c->hardware_cycles += test->cycles;
        c->over_ratio_sum += ours * 1000 / test->cycles;
    }
}

/* "F6.4" of ".../F6.4.MOO.gz"; the prefixes 66 and 67 of 32-bit collections do not change which flags are
 * defined. */
static uint16_t flags_of_file(const struct metadata *metadata, const char *name)
{
    char opcode[32];
    snprintf(opcode, sizeof opcode, "%.*s", (int)(strstr(name, ".MOO") - name), name);
    uint16_t mask = metadata_flags(metadata, opcode);
    for (const char *at = opcode;
         mask == 0xFFFF && (!strncmp(at, "66", 2) || !strncmp(at, "67", 2)) && at[2];) {
        at += 2;
        mask = metadata_flags(metadata, at);
    }
    return mask;
}

static bool run_file(struct run *run, const struct metadata *metadata, const char *folder, const char *name)
{
    char path[4096];
    struct moo_file file;
    struct moo_test test;
    struct counts c = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (moo_open(&file, path)) {
        struct rig_masks masks = {.registers = file.undefined, .flags = flags_of_file(metadata, name)};
        while (moo_next(&file, &test)) {
            masks.registers = file.undefined;
            if (metadata_is_revoked(metadata, test.hash))
                c.revoked++;
            else
                run_test(run, &test, &masks, &c);
        }
    }
    bool ok = !file.error;
    if (!ok)
        fprintf(stderr, "moo: %s: %s (at byte %zu of its uncompressed data)\n", path, file.error, file.at);
    moo_close(&file);
    char shown[64];
    snprintf(shown, sizeof shown, "%.*s", (int)(strstr(name, ".MOO") - name), name);
    print_counts(run, shown, &c);
    add_counts(&run->total, &c);
    return ok;
}

static int is_vector_file(const struct dirent *entry)
{
    const char *at = strstr(entry->d_name, ".MOO");
    return at && at != entry->d_name && (!strcmp(at, ".MOO") || !strcmp(at, ".MOO.gz"));
}

static bool run_folder(struct run *run, const char *folder)
{
    struct dirent **entries;
    struct metadata metadata;
    int count = scandir(folder, &entries, is_vector_file, alphasort);
    if (count <= 0) {
        fprintf(stderr, "moo: %s: %s\n", folder,
                count < 0 ? "not a folder" : "no .MOO or .MOO.gz files in it");
        return false;
    }
    bool ok = metadata_load(&metadata, folder);
    if (!ok)
        fprintf(stderr, "moo: %s: %s\n", folder, metadata.error);
    for (int i = 0; i < count; i++) {
        ok = ok && run_file(run, &metadata, folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    metadata_free(&metadata);
    return ok;
}

/* --- arguments --- */

static int usage(const char *what, const char *which)
{
    fprintf(stderr, "moo: %s%s\nusage: moo [--cpu MODEL] [--cycles] [--verbose] FOLDER ...\n", what, which);
    return 2;
}

int main(int argc, char **argv)
{
    struct run run = {.cpu = "286"};
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (!strcmp(argv[first], "--cpu") && first + 1 < argc)
            run.cpu = argv[++first];
        else if (!strcmp(argv[first], "--cycles"))
            run.cycles = true;
        else if (!strcmp(argv[first], "--verbose"))
            run.verbose = true;
        else
            return usage("bad option ", argv[first]);
    }
    if (first == argc)
        return usage("no folder was named", "");
    const struct cpu_model *model = cpu_model_find(run.cpu);
    if (!model)
        return usage("there is no processor model ", run.cpu);

    run.rig = rig_create(model);
    bool ok = true;
    for (int i = first; i < argc && ok; i++)
        ok = run_folder(&run, argv[i]);
    rig_destroy(run.rig);
    if (!ok)
        return 2;
    for (unsigned i = 0; i < rules_count(); i++)
        if (run.total.excused[i])
            printf("not comparable: %6u by rule '%s': %s\n", run.total.excused[i], rules[i].name,
                   rules[i].why);
    print_counts(&run, "total", &run.total);
    return run.total.failed ? 1 : 0;
}
