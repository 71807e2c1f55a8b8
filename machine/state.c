#include "machine/state.h"

#include <inttypes.h>
#include <string.h>

#include "bus/clock.h"

static uint64_t hash_event(uint64_t hash, const struct event *event)
{
    uint64_t when = event->pending ? event->when : CLOCK_NEVER;
    return hash_bytes(hash, &when, sizeof when);
}

uint64_t state_hash(uint64_t hash, const struct field *fields, const void *structure)
{
    for (const struct field *f = fields; f && f->kind != FIELD_KIND_END; f++) {
        const uint8_t *at = (const uint8_t *)structure + f->offset;
        if (f->figure)
            continue;
        switch (f->kind) {
        case FIELD_KIND_UINT:
            hash = hash_bytes(hash, at, (size_t)f->element_size * f->count);
            break;
        case FIELD_KIND_BYTES:
            hash = hash_bytes(hash, at, f->element_size);
            break;
        case FIELD_KIND_EVENT:
            hash = hash_event(hash, (const struct event *)(const void *)at);
            break;
        case FIELD_KIND_STRUCTS:
            for (uint32_t i = 0; i < f->count; i++)
                hash = state_hash(hash, f->fields, at + (size_t)i * f->element_size);
            break;
        default:
            break;
        }
    }
    return hash;
}

/* --- as bytes --- */

static uint64_t load_number(const uint8_t *at, unsigned size)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    switch (size) {
    case 1:
        memcpy(&u8, at, 1);
        return u8;
    case 2:
        memcpy(&u16, at, 2);
        return u16;
    case 4:
        memcpy(&u32, at, 4);
        return u32;
    default:
        memcpy(&u64, at, 8);
        return u64;
    }
}

static void store_number(uint8_t *at, uint64_t value, unsigned size)
{
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;
    const void *from = size == 1   ? (const void *)&u8
                       : size == 2 ? (const void *)&u16
                       : size == 4 ? (const void *)&u32
                                   : (const void *)&value;
    memcpy(at, from, size);
}

static void write_data(const struct field *f, const uint8_t *at, struct blob *out)
{
    const struct event *event = (const void *)at;
    const void *pointed;
    switch (f->kind) {
    case FIELD_KIND_UINT:
        for (uint32_t i = 0; i < f->count; i++)
            blob_number(out, load_number(at + (size_t)i * f->element_size, f->element_size), f->element_size);
        break;
    case FIELD_KIND_BYTES:
        blob_add(out, at, f->element_size);
        break;
    case FIELD_KIND_EVENT:
        blob_u8(out, event->pending);
        blob_u64(out, event->when);
        break;
    case FIELD_KIND_STRUCTS:
        for (uint32_t i = 0; i < f->count; i++)
            state_write(f->fields, at + (size_t)i * f->element_size, out);
        break;
    case FIELD_KIND_POINTED:
        memcpy(&pointed, at, sizeof pointed);
        state_write(f->fields, pointed, out);
        break;
    case FIELD_KIND_END:
        break;
    }
}

/* Structures are told apart by their fields: their size is the compiler's business. */
static uint32_t written_size(const struct field *f)
{
    return f->kind == FIELD_KIND_UINT || f->kind == FIELD_KIND_BYTES ? f->element_size : 0;
}

void state_write(const struct field *fields, const void *structure, struct blob *out)
{
    for (const struct field *f = fields; f && f->kind != FIELD_KIND_END; f++) {
        size_t length = strlen(f->name);
        blob_u8(out, (uint8_t)length);
        blob_add(out, f->name, length);
        blob_u8(out, (uint8_t)f->kind);
        blob_u32(out, written_size(f));
        blob_u32(out, f->count);
        write_data(f, (const uint8_t *)structure + f->offset, out);
    }
    blob_u8(out, 0);
}

static bool cut_short(struct error *err)
{
    return error_set(err, "it is damaged: data are missing");
}

static bool read_numbers(const struct field *f, uint8_t *at, struct state_reader *r, struct error *err)
{
    for (uint32_t i = 0; i < f->count; i++) {
        uint64_t value = read_number(&r->in, f->element_size);
        if (r->in.failed)
            return cut_short(err);
        if (f->ranged && (value < f->min || value > f->max))
            return error_set(err, "%s cannot be %" PRIu64 " (%" PRIu64 " to %" PRIu64 ")", f->name, value,
                             f->min, f->max);
        if (at)
            store_number(at + (size_t)i * f->element_size, value, f->element_size);
    }
    return true;
}

/* The longest by which an event can come too late is an instruction, far below a second. An older deadline
 * would have devices catch up through all the time since. */
static bool read_event(const struct field *f, struct event *event, struct state_reader *r, struct error *err)
{
    uint8_t pending = read_u8(&r->in);
    uint64_t when = read_u64(&r->in);
    if (r->in.failed)
        return cut_short(err);
    if (pending > 1 || (pending && when < r->now && r->now - when > r->clock->hz))
        return error_set(err, "%s cannot have waited since cycle %" PRIu64, f->name, when);
    if (!event)
        return true;
    event_cancel(r->clock, event);
    event->when = when;
    if (pending)
        event_schedule(r->clock, event, when);
    return true;
}

static bool read_data(const struct field *f, uint8_t *at, struct state_reader *r, struct error *err)
{
    const uint8_t *bytes;
    void *pointed = NULL;
    switch (f->kind) {
    case FIELD_KIND_UINT:
        return read_numbers(f, at, r, err);
    case FIELD_KIND_BYTES:
        bytes = read_bytes(&r->in, f->element_size);
        if (bytes && at)
            memcpy(at, bytes, f->element_size);
        return bytes || cut_short(err);
    case FIELD_KIND_EVENT:
        return read_event(f, (void *)at, r, err);
    case FIELD_KIND_STRUCTS:
        for (uint32_t i = 0; i < f->count; i++)
            if (!state_read(f->fields, at ? at + (size_t)i * f->element_size : NULL, r, err))
                return false;
        return true;
    case FIELD_KIND_POINTED:
        if (at)
            memcpy(&pointed, at, sizeof pointed);
        return state_read(f->fields, pointed, r, err);
    case FIELD_KIND_END:
        break;
    }
    return true;
}

/* The fields stand in the file as they do in the table: another order is another version too. */
static bool expect_field(const struct field *f, struct state_reader *r, struct error *err)
{
    size_t length = read_u8(&r->in);
    const char *name = (const char *)read_bytes(&r->in, length);
    if (!name)
        return cut_short(err);
    if (length != strlen(f->name) || memcmp(name, f->name, length))
        return error_set(err, "it has no %s, so another version of tick86 made it; load it with that one",
                         f->name);
    uint8_t kind = read_u8(&r->in);
    uint32_t size = read_u32(&r->in), count = read_u32(&r->in);
    if (kind != f->kind || size != written_size(f) || count != f->count)
        return error_set(
            err, "%s has another form, so another version of tick86 made it; load it with that one", f->name);
    return true;
}

bool state_read(const struct field *fields, void *structure, struct state_reader *r, struct error *err)
{
    for (const struct field *f = fields; f && f->kind != FIELD_KIND_END; f++)
        if (!expect_field(f, r, err) ||
            !read_data(f, structure ? (uint8_t *)structure + f->offset : NULL, r, err))
            return false;
    if (read_u8(&r->in) || r->in.failed)
        return error_set(
            err, "it holds more than this version of tick86 knows; load it with the one that made it");
    return true;
}
