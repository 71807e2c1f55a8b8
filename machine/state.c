#include "machine/state.h"

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
