/* Reader of MOO files; see moo_file.h. */
#include "tests/vectors/moo_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"

#define FILE_MAX (1u << 30)

/* A part of the file that is read from front to back. */
struct cursor {
    const uint8_t *at, *end;
};

struct chunk {
    char tag[5];
    struct cursor data;
};

static bool fail(struct moo_file *file, const uint8_t *at, const char *error)
{
    file->error = error;
    if (at)
        file->at = (size_t)(at - file->bytes);
    return false;
}

static size_t left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

static bool take(struct cursor *c, unsigned size, uint32_t *value)
{
    if (left(c) < size)
        return false;
    *value = 0;
    for (unsigned i = 0; i < size; i++)
        *value |= (uint32_t)c->at[i] << 8 * i;
    c->at += size;
    return true;
}

static bool take_chunk(struct moo_file *file, struct cursor *c, struct chunk *out)
{
    const uint8_t *start = c->at;
    uint32_t size;
    if (left(c) < 8)
        return fail(file, start, "a chunk is cut off");
    memcpy(out->tag, c->at, 4);
    out->tag[4] = 0;
    c->at += 4;
    if (!take(c, 4, &size) || size > left(c))
        return fail(file, start, "a chunk is longer than what holds it");
    out->data = (struct cursor){c->at, c->at + size};
    c->at += size;
    return true;
}

static bool is(const struct chunk *chunk, const char *tag)
{
    return !memcmp(chunk->tag, tag, 4);
}

/* --- whole files --- */

static bool read_all(struct moo_file *file, const char *path)
{
    gzFile gz = gzopen(path, "rb");
    if (!gz)
        return fail(file, NULL, "it cannot be opened");
    size_t capacity = 1 << 16;
    file->bytes = xcalloc(1, capacity);
    for (;;) {
        int n = gzread(gz, file->bytes + file->size, (unsigned)(capacity - file->size));
        if (n <= 0) {
            int error = Z_OK;
            gzerror(gz, &error);
            gzclose(gz);
            return n < 0 || (error != Z_OK && error != Z_STREAM_END)
                       ? fail(file, NULL, "it cannot be read or its compressed data is damaged")
                       : true;
        }
        file->size += (size_t)n;
        if (file->size > FILE_MAX) {
            gzclose(gz);
            return fail(file, NULL, "it is larger than a gigabyte");
        }
        if (file->size == capacity)
            file->bytes = xrealloc(file->bytes, capacity *= 2);
    }
}

bool moo_open(struct moo_file *file, const char *path)
{
    *file = (struct moo_file){0};
    struct chunk head;
    uint32_t version;
    if (!read_all(file, path))
        return false;
    struct cursor c = {file->bytes, file->bytes + file->size};
    if (!take_chunk(file, &c, &head))
        return false;
    if (!is(&head, "MOO "))
        return fail(file, file->bytes, "it does not begin with a MOO chunk");
    if (!take(&head.data, 4, &version) || !take(&head.data, 4, &file->tests) || left(&head.data) < 4)
        return fail(file, file->bytes, "its MOO chunk is too short");
    if ((version & 0xFF) > 1)
        return fail(file, file->bytes, "it is of a later format version than 1");
    memcpy(file->processor, head.data.at, 4);
    file->at = (size_t)(c.at - file->bytes);
    return true;
}

void moo_close(struct moo_file *file)
{
    free(file->bytes);
    *file = (struct moo_file){0};
}

/* --- parts of a test --- */

/* SIZE 2: REGS and RMSK; 4: RG32 and RM32. Upper halves of 16-bit registers become FILL. */
static bool read_registers(struct moo_file *file, struct cursor c, unsigned size, uint32_t fill,
                           struct moo_registers *out)
{
    static const uint8_t narrow[14] = {
        MOO_EAX, MOO_EBX, MOO_ECX, MOO_EDX, MOO_CS,  MOO_SS,  MOO_DS,
        MOO_ES,  MOO_ESP, MOO_EBP, MOO_ESI, MOO_EDI, MOO_EIP, MOO_EFLAGS,
    };
    unsigned known = size == 2 ? 14 : MOO_REGISTERS;
    const uint8_t *start = c.at;
    uint32_t mask;
    if (!take(&c, size, &mask))
        return fail(file, start, "a register chunk has no mask");
    if (mask >> known)
        return fail(file, start, "a register chunk names registers that do not exist");
    for (unsigned i = 0; i < known; i++) {
        if (!(mask >> i & 1))
            continue;
        unsigned reg = size == 2 ? narrow[i] : i;
        if (!take(&c, size, &out->value[reg]))
            return fail(file, start, "a register chunk has fewer values than its mask says");
        if (size == 2)
            out->value[reg] |= fill;
        out->mask |= 1u << reg;
    }
    return left(&c) ? fail(file, start, "a register chunk has more values than its mask says") : true;
}

static bool read_ram(struct moo_file *file, struct cursor c, struct moo_ram *out)
{
    const uint8_t *start = c.at;
    if (!take(&c, 4, &out->count))
        return fail(file, start, "a RAM chunk has no count");
    if ((uint64_t)out->count * 5 != left(&c))
        return fail(file, start, "a RAM chunk's count does not fit its length");
    out->entries = c.at;
    return true;
}

static bool read_state(struct moo_file *file, struct cursor c, struct moo_test *test, struct moo_state *out)
{
    while (left(&c)) {
        struct chunk chunk;
        bool ok = take_chunk(file, &c, &chunk);
        if (ok && is(&chunk, "REGS"))
            ok = read_registers(file, chunk.data, 2, 0, &out->registers);
        else if (ok && is(&chunk, "RG32"))
            ok = test->wide = read_registers(file, chunk.data, 4, 0, &out->registers);
        else if (ok && is(&chunk, "RMSK"))
            ok = read_registers(file, chunk.data, 2, 0xFFFF0000, &out->undefined);
        else if (ok && is(&chunk, "RM32"))
            ok = read_registers(file, chunk.data, 4, 0, &out->undefined);
        else if (ok && is(&chunk, "RAM "))
            ok = read_ram(file, chunk.data, &out->ram);
        if (!ok)
            return false;
    }
    return true;
}

/* A u32 length, then as many bytes. */
static bool read_counted(struct moo_file *file, struct cursor c, const uint8_t **bytes, uint32_t *length)
{
    const uint8_t *start = c.at;
    if (!take(&c, 4, length) || *length > left(&c))
        return fail(file, start, "a NAME or BYTS chunk is shorter than its count says");
    *bytes = c.at;
    return true;
}

static void read_name(struct moo_test *test, const uint8_t *name, uint32_t length)
{
    if (length >= sizeof test->name)
        length = sizeof test->name - 1;
    for (uint32_t i = 0; i < length; i++)
        test->name[i] = name[i] >= ' ' && name[i] < 0x7F ? (char)name[i] : '?';
    test->name[length] = 0;
}

static bool read_part(struct moo_file *file, const struct chunk *chunk, struct moo_test *test)
{
    struct cursor c = chunk->data;
    const uint8_t *text;
    uint32_t value;
    if (is(chunk, "NAME")) {
        if (!read_counted(file, c, &text, &value))
            return false;
        read_name(test, text, value);
    } else if (is(chunk, "BYTS")) {
        return read_counted(file, c, &test->bytes, &test->length);
    } else if (is(chunk, "INIT")) {
        return read_state(file, c, test, &test->initial);
    } else if (is(chunk, "FINA")) {
        return read_state(file, c, test, &test->final);
    } else if (is(chunk, "EXCP")) {
        if (!take(&c, 1, &value) || !take(&c, 4, &test->flags_address))
            return fail(file, chunk->data.at, "an EXCP chunk is too short");
        test->has_exception = true;
        test->vector = (uint8_t)value;
    } else if (is(chunk, "CYCN")) {
        if (!take(&c, 4, &test->cycles))
            return fail(file, chunk->data.at, "a CYCN chunk is too short");
    } else if (is(chunk, "HASH")) {
        if (left(&c) < 20)
            return fail(file, chunk->data.at, "a HASH chunk is too short");
        for (unsigned i = 0; i < 20; i++)
            snprintf(test->hash + 2 * i, 3, "%02x", c.at[i]);
    }
    return true; /* others are skipped */
}

static bool read_test(struct moo_file *file, struct cursor c, struct moo_test *test)
{
    const uint8_t *start = c.at;
    *test = (struct moo_test){0};
    if (!take(&c, 4, &test->index))
        return fail(file, start, "a TEST chunk has no index");
    while (left(&c)) {
        struct chunk chunk;
        if (!take_chunk(file, &c, &chunk) || !read_part(file, &chunk, test))
            return false;
    }
    const uint32_t least = 1u << MOO_CS | 1u << MOO_EIP | 1u << MOO_EFLAGS;
    if ((test->initial.registers.mask & least) != least)
        return fail(file, start, "a TEST chunk has no whole initial state");
    if (!test->length)
        return fail(file, start, "a TEST chunk has no instruction bytes");
    return true;
}

bool moo_next(struct moo_file *file, struct moo_test *test)
{
    struct cursor c = {file->bytes + file->at, file->bytes + file->size};
    while (left(&c)) {
        struct chunk chunk;
        bool ok = take_chunk(file, &c, &chunk);
        if (ok && is(&chunk, "RMSK"))
            ok = read_registers(file, chunk.data, 2, 0xFFFF0000, &file->undefined);
        else if (ok && is(&chunk, "RM32"))
            ok = read_registers(file, chunk.data, 4, 0, &file->undefined);
        else if (ok && is(&chunk, "TEST"))
            ok = read_test(file, chunk.data, test);
        if (!ok)
            return false;
        if (is(&chunk, "TEST")) {
            file->at = (size_t)(c.at - file->bytes);
            file->read++;
            return true;
        }
    }
    if (file->read != file->tests)
        return fail(file, c.at, "it has another number of tests than its MOO chunk says");
    return false;
}
