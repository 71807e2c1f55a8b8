/* For tests: copies what a device's field table lists out of it, and into another instance of it. A device
 * that goes on in the same way afterwards has listed all of its state. */
#ifndef TICK86_TESTS_UNIT_STATE_BLOB_H
#define TICK86_TESTS_UNIT_STATE_BLOB_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bus/device.h"

static inline void state_blob_save(const struct field *fields, const void *state, struct text *out)
{
    for (const struct field *f = fields; f->kind != FIELD_KIND_END; f++) {
        const uint8_t *at = (const uint8_t *)state + f->offset;
        if (f->kind == FIELD_KIND_STRUCTS) {
            for (uint32_t i = 0; i < f->count; i++)
                state_blob_save(f->fields, at + (size_t)i * f->element_size, out);
        } else if (f->kind == FIELD_KIND_EVENT) {
            const struct event *event = (const struct event *)at;
            text_add_bytes(out, &event->pending, sizeof event->pending);
            text_add_bytes(out, &event->when, sizeof event->when);
        } else {
            text_add_bytes(out, at, (size_t)f->element_size * f->count);
        }
    }
}

static inline void state_blob_check_range(const struct field *f, const uint8_t *at)
{
    for (uint32_t i = 0; f->ranged && i < f->count; i++) {
        uint64_t value = 0;
        memcpy(&value, at + (size_t)i * f->element_size, f->element_size);
        ck_assert_msg(value >= f->min && value <= f->max, "%s = %llu", f->name, (unsigned long long)value);
    }
}

/* Returns what follows in the blob. Values outside their ranges would be refused by a loader: they fail the
 * test. */
static inline const char *state_blob_load(const struct field *fields, void *state, struct clock *clock,
                                          const char *in)
{
    for (const struct field *f = fields; f->kind != FIELD_KIND_END; f++) {
        uint8_t *at = (uint8_t *)state + f->offset;
        if (f->kind == FIELD_KIND_STRUCTS) {
            for (uint32_t i = 0; i < f->count; i++)
                in = state_blob_load(f->fields, at + (size_t)i * f->element_size, clock, in);
        } else if (f->kind == FIELD_KIND_EVENT) {
            struct event *event = (struct event *)at;
            bool pending;
            uint64_t when;
            memcpy(&pending, in, sizeof pending);
            memcpy(&when, in + sizeof pending, sizeof when);
            in += sizeof pending + sizeof when;
            event_cancel(clock, event);
            if (pending)
                event_schedule(clock, event, when);
            else
                event->when = when;
        } else {
            memcpy(at, in, (size_t)f->element_size * f->count);
            in += (size_t)f->element_size * f->count;
            if (f->kind == FIELD_KIND_UINT)
                state_blob_check_range(f, at);
        }
    }
    return in;
}

/* All devices of a list, in order. */
static inline void state_blob_save_all(const struct device_list *list, struct text *out)
{
    for (const struct device *dev = list->first; dev; dev = dev->next)
        if (dev->type->fields)
            state_blob_save(dev->type->fields, dev, out);
}

static inline void state_blob_load_all(struct device_list *list, const struct text *blob)
{
    const char *in = blob->chars;
    for (struct device *dev = list->first; dev; dev = dev->next) {
        struct error err = {""};
        if (dev->type->fields)
            in = state_blob_load(dev->type->fields, dev, list->clock, in);
        ck_assert_msg(!dev->type->post_load || dev->type->post_load(dev, &err), "%s", err.text);
    }
    ck_assert_ptr_eq(in, blob->chars + blob->length);
}

/* ---- is the table complete? ----
 *
 * Of two devices built alike, bytes that differ at once are host pointers. Of all others, those that still
 * differ after the one's state was loaded into the other are state that the table does not list. */

static inline void state_blob_mark_events(const struct field *fields, uint8_t *mask, size_t offset)
{
    for (const struct field *f = fields; f->kind != FIELD_KIND_END; f++) {
        if (f->kind == FIELD_KIND_EVENT)
            memset(mask + offset + f->offset, 1, sizeof(struct event));
        for (uint32_t i = 0; f->kind == FIELD_KIND_STRUCTS && i < f->count; i++)
            state_blob_mark_events(f->fields, mask, offset + f->offset + (size_t)i * f->element_size);
    }
}

/* FRESH_SAVED and SAVED: bytes of the first device when new and when saved; FRESH: of DEV when new.
 * STATISTIC: the value of a 64-bit counter in SAVED that may differ. */
static inline void state_blob_expect_complete(const struct device *dev, const uint8_t *fresh_saved,
                                              const uint8_t *saved, const uint8_t *fresh, uint64_t statistic)
{
    size_t size = dev->type->state_size;
    uint8_t *events = calloc(size, 1);
    state_blob_mark_events(dev->type->fields, events, 0);
    for (size_t i = 0; i < size; i++) {
        uint64_t word = 0;
        if (fresh_saved[i] != fresh[i] || events[i] || ((const uint8_t *)dev)[i] == saved[i])
            continue;
        memcpy(&word, saved + (i & ~(size_t)7), (i | 7) < size ? 8 : 0);
        ck_assert_msg(word == statistic, "%s: byte %zu of the state is not saved", dev->name, i);
    }
    free(events);
}

#endif
