/* Snapshots of machines that are in the middle of anything.
 *
 * A case does random operations on two machines; one of them is saved now and then, and a new machine goes on
 * from what was saved. They must be equal to the end: what the tables of fields leave out shows here.
 *
 * Then the last snapshot is damaged and given a good checksum again. It is refused, and the machine is as it
 * was before; or it is taken, and more operations on the machine crash nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "machine/snapshot.h"
#include "tests/fuzz/compare.h"
#include "tests/fuzz/world.h"

#define OPERATIONS  300
#define DAMAGES     6
#define AFTERWARDS  20
#define SECTION_MAX (64u << 20)

static struct section_writer *save(struct world *w)
{
    struct error err;
    struct section_writer *out = section_writer_create(&snapshot_format);
    if (!snapshot_write(w->machine, out, &err)) {
        fprintf(stderr, "cannot be saved: %s\n", err.text);
        abort();
    }
    return out;
}

static struct section_file *open_saved(struct section_writer *out)
{
    struct error err;
    const struct blob *bytes = section_writer_finish(out);
    struct section_file *file =
        section_file_of_memory(bytes->bytes, bytes->size, "memory", &snapshot_format, &err);
    if (!file) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return file;
}

/* The images stay as they are, but for their overlays: these go with the machine. */
static bool go_on_in_a_new_machine(struct world *w)
{
    struct error err;
    struct section_writer *out = save(w);
    struct section_file *file = open_saved(out);
    struct machine_config given = {.reset_on_triple_fault =
                                       machine_configuration(w->machine)->reset_on_triple_fault},
                          config;
    machine_destroy(w->machine);
    w->machine = NULL;
    world_connect(w, &given);
    if (snapshot_configure(file, &given, &config, &err)) {
        w->machine = machine_create(&config, &err);
        machine_config_free(&config);
    }
    bool ok = w->machine && snapshot_read(w->machine, file, &err);
    if (ok)
        w->bus = machine_bus(w->machine);
    else
        fprintf(stderr, "cannot be restored: %s\n", err.text);
    section_file_close(file);
    section_writer_free(out);
    return ok;
}

static bool goes_on_equally(struct world *plain, struct world *restored, struct fuzz_random *r, bool verbose)
{
    struct text what = {0};
    for (unsigned i = 0; i < OPERATIONS; i++) {
        world_operate(plain, i);
        world_operate(restored, i);
        if (verbose)
            printf("%s: cycle %" PRIu64 ", hashes %016" PRIx64 " %016" PRIx64 "\n", fuzz_last_note(),
                   machine_cycles(plain->machine), machine_hash(plain->machine),
                   machine_hash(restored->machine));
        if (fuzz_chance(r, 40)) {
            fuzz_note("operation %u: save and restore", i);
            if (!go_on_in_a_new_machine(restored))
                return false;
        }
    }
    bool equal =
        machines_equal(plain->machine, restored->machine, true, &what) && plain->seen == restored->seen;
    if (!equal)
        fprintf(stderr, "restored machine and unbroken one differ; compare the hashes of --verbose\n%s",
                text_chars(&what));
    text_free(&what);
    return equal;
}

/* --- damaged files --- */

/* Changes some bytes; mostly numbers, where fields are, and not always the length. */
static void damage_bytes(struct fuzz_random *r, struct blob *bytes)
{
    for (unsigned i = fuzz_below(r, 6); i < 6 && bytes->size; i++) {
        size_t at = fuzz_u64(r) % bytes->size;
        uint32_t value = fuzz_value(r);
        size_t n = 1u << fuzz_below(r, 3);
        memcpy(bytes->bytes + at, &value, n < bytes->size - at ? n : bytes->size - at);
    }
    if (fuzz_chance(r, 20))
        bytes->size = fuzz_u64(r) % (bytes->size + 1);
    if (fuzz_chance(r, 40))
        blob_zeros(bytes, fuzz_below(r, 100));
}

/* Memory is the least interesting, and the largest. */
static bool shall_be_damaged(struct fuzz_random *r, const char *name, bool fields_only)
{
    bool fields = !strncmp(name, "device.", 7) || !strcmp(name, "processor") || !strcmp(name, "board");
    return fields_only ? fields && fuzz_chance(r, 4) : fuzz_chance(r, strncmp(name, "memory", 6) ? 8 : 40);
}

/* A copy of FILE, damaged in some sections, with good checksums. */
static struct section_writer *damage(struct fuzz_random *r, const struct section_file *file)
{
    struct section_writer *out = section_writer_create(&snapshot_format);
    bool fields_only = fuzz_below(r, 4);
    for (unsigned i = 0; i < section_count(file); i++) {
        const char *name = section_name(file, i);
        struct blob bytes = {0};
        struct error err;
        if (fuzz_chance(r, 400))
            continue;
        if (!section_load(file, name, SECTION_MAX, &bytes, &err))
            abort();
        if (shall_be_damaged(r, name, fields_only))
            damage_bytes(r, &bytes);
        section_begin(out, name);
        section_add(out, bytes.bytes, bytes.size);
        section_end(out);
        blob_free(&bytes);
    }
    return out;
}

/* As --load does. */
static void load_anew(const struct section_file *file)
{
    struct error err;
    struct machine_config given = {.snapshot = true}, config;
    struct machine *machine = NULL;
    if (snapshot_configure(file, &given, &config, &err)) {
        machine = machine_create(&config, &err);
        machine_config_free(&config);
    }
    if (machine && snapshot_read(machine, file, &err))
        machine_run(machine, machine_cycles(machine) + 100000);
    machine_destroy(machine);
}

/* As the monitor does, whatever media are in the drives meanwhile; or with those that are there. */
static bool load_back(struct fuzz_random *r, struct world *w, const struct section_file *file,
                      struct error *err)
{
    return fuzz_below(r, 4) ? snapshot_return(w->machine, file, err) : snapshot_read(w->machine, file, err);
}

/* The file as it would lie on a disk, with a byte changed here and there: the checksum is made right again.
 */
static void damage_file(struct fuzz_random *r, const struct section_file *whole, struct world *w)
{
    struct error err;
    struct section_writer *out = damage(r, whole);
    const struct blob *good = section_writer_finish(out);
    struct blob bytes = {0};
    blob_add(&bytes, good->bytes, good->size - 8);
    damage_bytes(r, &bytes);
    if (fuzz_below(r, 4))
        blob_u64(&bytes, hash_bytes(HASH_START, bytes.bytes, bytes.size));
    struct section_file *file =
        section_file_of_memory(bytes.bytes, bytes.size, "memory", &snapshot_format, &err);
    if (file) {
        load_anew(file);
        load_back(r, w, file, &err);
    }
    section_file_close(file);
    section_writer_free(out);
    blob_free(&bytes);
}

static bool is_one_line(const struct error *err)
{
    return *err->text && !strchr(err->text, '\n');
}

/* Refused, it must have changed nothing at all. */
static bool load_damaged(struct fuzz_random *r, struct world *w, const struct section_file *file)
{
    struct error err = {""};
    for (unsigned i = fuzz_below(r, 4); i; i--)
        world_change_medium(w);
    struct section_writer *before = save(w);
    const struct blob *old = section_writer_finish(before);
    bool ok = true;
    if (load_back(r, w, file, &err)) {
        for (unsigned i = 0; i < AFTERWARDS; i++)
            world_operate(w, i);
    } else {
        struct section_writer *after = save(w);
        const struct blob *new = section_writer_finish(after);
        ok = is_one_line(&err) && old->size == new->size && !memcmp(old->bytes, new->bytes, old->size);
        if (!ok)
            fprintf(stderr, "refused with '%s', the machine has changed\n", err.text);
        section_writer_free(after);
    }
    section_writer_free(before);
    return ok;
}

/* Whatever has become of it and its media meanwhile, it is what it was. */
static bool comes_back(struct fuzz_random *r, struct world *w, struct section_writer *saved,
                       const struct section_file *file)
{
    struct error err = {""};
    for (unsigned i = fuzz_below(r, 6); i; i--)
        world_change_medium(w);
    for (unsigned i = 0; i < AFTERWARDS; i++)
        world_operate(w, i);
    if (!snapshot_return(w->machine, file, &err)) {
        fprintf(stderr, "does not come back: %s\n", err.text);
        return false;
    }
    struct section_writer *again = save(w);
    const struct blob *old = section_writer_finish(saved), *new = section_writer_finish(again);
    bool same = old->size == new->size && !memcmp(old->bytes, new->bytes, old->size);
    if (!same)
        fprintf(stderr, "came back, it is not what it was\n");
    section_writer_free(again);
    return same;
}

static bool survives_damage(struct world *w, struct fuzz_random *r)
{
    struct section_writer *out = save(w);
    struct section_file *whole = open_saved(out);
    bool ok = true;
    for (unsigned i = 0; i < DAMAGES && ok; i++) {
        fuzz_note("return %u", i);
        ok = comes_back(r, w, out, whole);
        if (!ok)
            break;
        fuzz_note("damage %u", i);
        struct section_writer *damaged = damage(r, whole);
        struct section_file *file = open_saved(damaged);
        ok = load_damaged(r, w, file);
        load_anew(file);
        section_file_close(file);
        section_writer_free(damaged);
        fuzz_note("damage %u, file", i);
        if (ok)
            damage_file(r, whole, w);
    }
    section_file_close(whole);
    section_writer_free(out);
    return ok;
}

static bool run_case(uint64_t seed, bool verbose)
{
    struct world plain, restored;
    struct fuzz_random r = {~seed};
    world_open(&plain, seed);
    world_open(&restored, seed);
    bool ok = goes_on_equally(&plain, &restored, &r, verbose) && survives_damage(&restored, &r);
    world_close(&plain);
    world_close(&restored);
    return ok;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "snapshot_fuzz", 60, run_case);
}
