/* Snapshots: the file of sections, structures as bytes, and that a machine's tables of fields are complete.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/section_file.h"
#include "bus/clock.h"
#include "devices/speaker.h"
#include "machine/snapshot.h"
#include "machine/state.h"
#include "tests/unit/state_blob.h"

/* --- sections --- */

static const struct section_format format = {"TESTFIL", 3, "a file of this test"};
static uint8_t large[300000];

static struct section_writer *three_sections(void)
{
    struct section_writer *out = section_writer_create(&format);
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (uint8_t)(i * i >> 7);
    section_begin(out, "empty");
    section_end(out);
    section_begin(out, "large");
    section_add(out, large, 7);
    section_add(out, large + 7, sizeof large - 7);
    section_end(out);
    section_begin(out, "last");
    section_add(out, "xyz", 3);
    section_end(out);
    return out;
}

START_TEST(sections_come_back)
{
    struct error err;
    struct section_writer *out = three_sections();
    const struct blob *bytes = section_writer_finish(out);
    struct section_file *file = section_file_of_memory(bytes->bytes, bytes->size, "it", &format, &err);
    ck_assert_msg(file != NULL, "%s", err.text);
    ck_assert_uint_eq(section_count(file), 3);
    ck_assert_str_eq(section_name(file, 1), "large");
    struct blob got = {0};
    ck_assert(section_load(file, "empty", 0, &got, &err));
    ck_assert_uint_eq(got.size, 0);
    ck_assert(section_load(file, "large", sizeof large, &got, &err));
    ck_assert_uint_eq(got.size, sizeof large);
    ck_assert(!memcmp(got.bytes, large, sizeof large));
    ck_assert(!section_load(file, "large", sizeof large - 1, &got, &err));
    ck_assert(!section_load(file, "none", 9, &got, &err));
    struct section_stream *in = section_open(file, "last", &err);
    char text[4] = "";
    ck_assert(section_read(in, text, 2) && section_left(in) == 1);
    ck_assert_str_eq(text, "xy");
    ck_assert(!section_read(in, text, 2));
    ck_assert(section_read(in, text, 1) && text[0] == 'z' && !section_left(in));
    section_close(in);
    blob_free(&got);
    section_file_close(file);
    section_writer_free(out);
}
END_TEST

static void expect_refused(const uint8_t *bytes, size_t size, const char *why)
{
    struct error err = {""};
    struct section_file *file = section_file_of_memory(bytes, size, "it", &format, &err);
    ck_assert_msg(file == NULL, "%s is taken", why);
    ck_assert_msg(!strncmp(err.text, "it ", 3) && !strchr(err.text, '\n'), "%s: %s", why, err.text);
}

/* Puts the right hash at the end. */
static void sum(uint8_t *bytes, size_t size)
{
    uint64_t hash = hash_bytes(HASH_START, bytes, size - 8);
    for (unsigned i = 0; i < 8; i++)
        bytes[size - 8 + i] = (uint8_t)(hash >> 8 * i);
}

START_TEST(every_damage_is_seen)
{
    struct section_writer *out = three_sections();
    const struct blob *good = section_writer_finish(out);
    uint8_t *bytes = malloc(good->size + 1);
    for (size_t size = 0; size < good->size; size += size < 200 ? 1 : 97) {
        memcpy(bytes, good->bytes, good->size);
        expect_refused(bytes, size, "a part");
        bytes[size] ^= 0x10;
        expect_refused(bytes, good->size, "a changed byte");
    }
    memcpy(bytes, good->bytes, good->size);
    bytes[good->size] = 0;
    sum(bytes, good->size + 1);
    expect_refused(bytes, good->size + 1, "a byte too many");
    memcpy(bytes, good->bytes, good->size);
    bytes[8] = 4;
    sum(bytes, good->size);
    expect_refused(bytes, good->size, "another version");
    memcpy(bytes, good->bytes, good->size);
    bytes[12] = 4;
    sum(bytes, good->size);
    expect_refused(bytes, good->size, "a wrong count");
    free(bytes);
    section_writer_free(out);
}
END_TEST

START_TEST(a_section_that_is_no_zlib_stream_ends_reading)
{
    struct error err;
    struct section_writer *out = three_sections();
    const struct blob *good = section_writer_finish(out);
    uint8_t *bytes = malloc(good->size);
    memcpy(bytes, good->bytes, good->size);
    memset(bytes + good->size / 2, 0xA5, 100);
    sum(bytes, good->size);
    struct section_file *file = section_file_of_memory(bytes, good->size, "it", &format, &err);
    struct blob got = {0};
    ck_assert(file != NULL);
    ck_assert(!section_load(file, "large", sizeof large, &got, &err));
    blob_free(&got);
    section_file_close(file);
    free(bytes);
    section_writer_free(out);
}
END_TEST

START_TEST(saving_replaces_a_file_as_a_whole)
{
    struct error err;
    char path[] = "/tmp/tick86-test-XXXXXX";
    int fd = mkstemp(path);
    ck_assert(write(fd, "old", 3) == 3);
    struct section_writer *out = three_sections();
    ck_assert_msg(section_writer_save(out, path, &err), "%s", err.text);
    struct stat before, after;
    ck_assert(!fstat(fd, &before) && !stat(path, &after));
    ck_assert(before.st_ino != after.st_ino && before.st_size == 3);
    struct section_file *file = section_file_open(path, &format, &err);
    ck_assert_msg(file != NULL, "%s", err.text);
    section_file_close(file);
    ck_assert(!section_writer_save(out, "/nowhere/file", &err));
    ck_assert(!section_writer_save(out, "/tmp", &err));
    section_writer_free(out);
    close(fd);
    unlink(path);
}
END_TEST

/* --- fields --- */

struct inner {
    uint16_t a, b;
};
struct pointed {
    uint64_t value;
};
struct sample {
    uint8_t u8;
    bool flag;
    uint16_t array[3];
    uint32_t ranged;
    int32_t negative;
    uint8_t bytes[5];
    struct inner inner[2];
    struct event event;
    struct pointed *pointed;
    uint64_t figure, left_out;
};
static const struct field inner_fields[] = {FIELD(struct inner, a), FIELD(struct inner, b), FIELD_END};
static const struct field pointed_fields[] = {FIELD(struct pointed, value), FIELD_END};
static const struct field sample_fields[] = {FIELD(struct sample, u8),
                                             FIELD(struct sample, flag),
                                             FIELD_ARRAY(struct sample, array),
                                             FIELD_RANGE(struct sample, ranged, 5, 9),
                                             FIELD(struct sample, negative),
                                             FIELD_BYTES(struct sample, bytes),
                                             FIELD_STRUCTS(struct sample, inner, inner_fields),
                                             FIELD_EVENT(struct sample, event),
                                             FIELD_POINTED(struct sample, pointed, pointed_fields),
                                             FIELD_FIGURE(struct sample, figure),
                                             FIELD_END};

static struct clock test_clock;

static void nothing(void *owner, uint64_t late)
{
    (void)owner, (void)late;
}

static void make_sample(struct sample *s, struct pointed *pointed)
{
    *s = (struct sample){.ranged = 5, .pointed = pointed};
    event_init(&test_clock, &s->event, nothing, s, "event");
}

static void fill_sample(struct sample *s)
{
    s->u8 = 200;
    s->flag = true;
    memcpy(s->array, (uint16_t[]){1, 0x8000, 0xFFFF}, sizeof s->array);
    s->ranged = 9;
    s->negative = -7;
    memcpy(s->bytes, "abcde", 5);
    s->inner[0] = (struct inner){11, 12};
    s->inner[1] = (struct inner){13, 14};
    event_schedule(&test_clock, &s->event, 123456789);
    s->pointed->value = 1ull << 63;
    s->figure = 77;
    s->left_out = 88;
}

static bool read_sample(struct sample *s, const struct blob *bytes, struct error *err)
{
    struct state_reader reader = {{bytes->bytes, bytes->size, false}, &test_clock, test_clock.now};
    return state_read(sample_fields, s, &reader, err) && !reader.in.left;
}

START_TEST(every_kind_of_field_comes_back)
{
    struct error err;
    struct pointed there = {0}, here = {0};
    struct sample a, b;
    struct blob first = {0}, second = {0};
    clock_init(&test_clock, 1000000);
    make_sample(&a, &there);
    make_sample(&b, &here);
    fill_sample(&a);
    state_write(sample_fields, &a, &first);
    ck_assert_msg(read_sample(NULL, &first, &err), "%s", err.text);
    ck_assert(!b.u8 && !here.value && !b.event.pending);
    ck_assert_msg(read_sample(&b, &first, &err), "%s", err.text);
    state_write(sample_fields, &b, &second);
    ck_assert(first.size == second.size && !memcmp(first.bytes, second.bytes, first.size));
    ck_assert(b.u8 == 200 && b.flag && b.array[1] == 0x8000 && b.ranged == 9 && b.negative == -7 &&
              b.bytes[4] == 'e' && b.inner[1].b == 14 && here.value == 1ull << 63 && b.figure == 77 &&
              !b.left_out);
    ck_assert(b.event.pending && b.event.when == 123456789 && b.event.owner == &b &&
              test_clock.pending_count == 2);
    /* Figures and what is pointed to are not the guest's. */
    uint64_t hash = state_hash(HASH_START, sample_fields, &a);
    a.figure++;
    there.value++;
    ck_assert_uint_eq(hash, state_hash(HASH_START, sample_fields, &a));
    a.bytes[2]++;
    ck_assert_uint_ne(hash, state_hash(HASH_START, sample_fields, &a));
    blob_free(&first);
    blob_free(&second);
    clock_free(&test_clock);
}
END_TEST

/* Where the data of a field begin: behind its name, kind, size and count. */
static uint8_t *data_of(const struct blob *bytes, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i + length + 10 < bytes->size; i++)
        if (bytes->bytes[i] == length && !memcmp(bytes->bytes + i + 1, name, length))
            return bytes->bytes + i + 1 + length + 9;
    ck_abort_msg("no field %s", name);
    return NULL;
}

static void expect_bad_fields(const struct blob *bytes, const char *message)
{
    struct error err = {""};
    ck_assert_msg(!read_sample(NULL, bytes, &err), "taken, though %s", message);
    ck_assert_msg(strstr(err.text, message) != NULL, "'%s', not '%s'", err.text, message);
}

START_TEST(what_cannot_be_is_refused)
{
    struct pointed there = {0};
    struct sample a;
    struct blob bytes = {0};
    struct error err;
    clock_init(&test_clock, 1000000);
    test_clock.now = 5000000;
    make_sample(&a, &there);
    fill_sample(&a);
    event_schedule(&test_clock, &a.event, 4999000);
    state_write(sample_fields, &a, &bytes);
    ck_assert_msg(read_sample(NULL, &bytes, &err), "%s", err.text);
    *data_of(&bytes, "flag") = 2;
    expect_bad_fields(&bytes, "flag cannot be 2");
    *data_of(&bytes, "flag") = 1;
    *data_of(&bytes, "ranged") = 10;
    expect_bad_fields(&bytes, "ranged cannot be 10 (5 to 9)");
    *data_of(&bytes, "ranged") = 4;
    expect_bad_fields(&bytes, "ranged cannot be 4");
    *data_of(&bytes, "ranged") = 5;
    *data_of(&bytes, "event") = 3;
    expect_bad_fields(&bytes, "event cannot have waited");
    *data_of(&bytes, "event") = 1;
    memset(data_of(&bytes, "event") + 1, 0, 8);
    expect_bad_fields(&bytes, "event cannot have waited since cycle 0");
    *data_of(&bytes, "event") = 0;
    ck_assert(read_sample(NULL, &bytes, &err));
    data_of(&bytes, "u8")[-10] ^= 1; /* its name's last letter */
    expect_bad_fields(&bytes, "it has no u8");
    bytes.size -= 3;
    ck_assert(!read_sample(NULL, &bytes, &err));
    blob_free(&bytes);
    clock_free(&test_clock);
}
END_TEST

/* --- the machine --- */

static struct machine *new_machine(void)
{
    struct error err;
    struct machine_config config = {
        .memory = 4 << 20, .start_time = 978307200, .mouse = MOUSE_PS2, .serial_present = {true, true}};
    config.disk[2].kind = DRIVE_CDROM;
    struct machine *machine = machine_create(&config, &err);
    ck_assert_msg(machine != NULL, "%s", err.text);
    return machine;
}

struct copies {
    uint8_t *bytes[64];
    unsigned count;
};

static void copy_devices(struct machine *machine, struct copies *copies)
{
    copies->count = 0;
    for (struct device *dev = machine_devices(machine)->first; dev; dev = dev->next) {
        ck_assert_uint_lt(copies->count, 64);
        uint8_t *bytes = malloc(dev->type->state_size);
        memcpy(bytes, dev, dev->type->state_size);
        copies->bytes[copies->count++] = bytes;
    }
}

static void free_copies(struct copies *copies)
{
    for (unsigned i = 0; i < copies->count; i++)
        free(copies->bytes[i]);
}

static void restore(struct machine *from, struct machine *to)
{
    struct error err;
    struct section_writer *out = section_writer_create(&snapshot_format);
    ck_assert_msg(snapshot_write(from, out, &err), "%s", err.text);
    const struct blob *bytes = section_writer_finish(out);
    struct section_file *file =
        section_file_of_memory(bytes->bytes, bytes->size, "it", &snapshot_format, &err);
    ck_assert_msg(file && snapshot_read(to, file, &err), "%s", err.text);
    section_file_close(file);
    section_writer_free(out);
}

/* What the user hears of the speaker is not the guest's, and is taken by the front end while it runs. */
static bool is_for_the_user(const struct device *dev)
{
    return dev->type == &speaker_type;
}

static uint64_t word_at(const void *bytes, size_t at, size_t size)
{
    uint64_t word = 0;
    memcpy(&word, (const uint8_t *)bytes + at, size - at < 8 ? size - at : 8);
    return word;
}

/* Host addresses differ from machine to machine; so early no cycle is as large. */
static bool is_address(uint64_t word)
{
    return word >> 32 && !(word >> 48);
}

static void expect_saved(const struct device *from, const struct device *to, const uint8_t *fresh_from,
                         const uint8_t *fresh_to)
{
    size_t size = from->type->state_size;
    uint8_t *events = calloc(size, 1);
    state_blob_mark_events(from->type->fields, events, 0);
    for (size_t at = 0; at < size; at += 8) {
        uint64_t a = word_at(from, at, size), b = word_at(to, at, size);
        bool wiring =
            word_at(fresh_from, at, size) != word_at(fresh_to, at, size) || word_at(events, at, size);
        ck_assert_msg(a == b || wiring || (is_address(a) && is_address(b)),
                      "%s: what lies at offset %zu is not saved: %" PRIx64 " came back as %" PRIx64,
                      from->name, at, a, b);
    }
    free(events);
}

static void expect_all_saved(struct machine *saved, struct machine *restored,
                             const struct copies *fresh_saved, const struct copies *fresh)
{
    struct device *from = machine_devices(saved)->first, *to = machine_devices(restored)->first;
    for (unsigned i = 0; from && to; i++, from = from->next, to = to->next)
        if (!is_for_the_user(from) && from->type->fields)
            expect_saved(from, to, fresh_saved->bytes[i], fresh->bytes[i]);
}

/* Some moments of the start, with keys and a mouse that come in between. */
START_TEST(devices_have_no_state_that_is_left_out)
{
    struct machine *saved = new_machine(), *restored = new_machine();
    struct copies fresh_saved, fresh;
    copy_devices(saved, &fresh_saved);
    copy_devices(restored, &fresh);
    for (unsigned i = 0; i < 8; i++) {
        machine_run(saved, machine_cycles(saved) + 40000000 + 1234567 * i);
        machine_key(saved, (uint16_t)(0x1E + i), true);
        machine_mouse(saved, 5, 3, 1, 1);
        machine_serial_receive(saved, 0, 'x');
        machine_run(saved, machine_cycles(saved) + 40000);
        restore(saved, restored);
        ck_assert_uint_eq(machine_hash(saved), machine_hash(restored));
        expect_all_saved(saved, restored, &fresh_saved, &fresh);
    }
    free_copies(&fresh_saved);
    free_copies(&fresh);
    machine_destroy(saved);
    machine_destroy(restored);
}
END_TEST

static void mark_events(const struct field *fields, const uint8_t *at, const struct clock *clock, bool *known)
{
    for (const struct field *f = fields; f && f->kind != FIELD_KIND_END; f++) {
        for (unsigned i = 0; f->kind == FIELD_KIND_EVENT && i < clock->event_count; i++)
            if ((const uint8_t *)clock->events[i] == at + f->offset)
                known[i] = true;
        for (unsigned i = 0; f->kind == FIELD_KIND_STRUCTS && i < f->count; i++)
            mark_events(f->fields, at + f->offset + (size_t)i * f->element_size, clock, known);
    }
}

START_TEST(every_event_is_in_a_table)
{
    struct machine *machine = new_machine();
    const struct clock *clock = machine_clock(machine);
    bool known[256] = {false};
    ck_assert_uint_lt(clock->event_count, 256);
    for (struct device *dev = machine_devices(machine)->first; dev; dev = dev->next)
        mark_events(dev->type->fields, (const uint8_t *)dev, clock, known);
    for (unsigned i = 0; i < clock->event_count; i++)
        ck_assert_msg(known[i], "event %s is not saved", clock->events[i]->name);
    machine_destroy(machine);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tests = tcase_create("snapshot");
    tcase_add_test(tests, sections_come_back);
    tcase_add_test(tests, every_damage_is_seen);
    tcase_add_test(tests, a_section_that_is_no_zlib_stream_ends_reading);
    tcase_add_test(tests, saving_replaces_a_file_as_a_whole);
    tcase_add_test(tests, every_kind_of_field_comes_back);
    tcase_add_test(tests, what_cannot_be_is_refused);
    tcase_add_test(tests, devices_have_no_state_that_is_left_out);
    tcase_add_test(tests, every_event_is_in_a_table);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
