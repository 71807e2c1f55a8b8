/* Tables that say which fields of a structure are its state.
 *
 * A device (or the processor) lists the fields that make up what the guest could ever observe. From the
 * table come snapshots (written field by field, by name, little-endian, so that the format survives
 * changes of layout and of host), comparison of two machines, and the monitor's raw view. Fields that can
 * be worked out from others, host pointers and statistics are not listed; `post_load` rebuilds them.
 *
 * Example:
 *     static const struct field channel_fields[] = {
 *         FIELD(struct pit_channel, mode),
 *         FIELD_RANGE(struct pit_channel, count_state, 0, 5),     values outside are refused on load
 *         FIELD_END};
 *     static const struct field pit_fields[] = {
 *         FIELD_STRUCTS(struct pit, channel, channel_fields),     an array (or one) of structures
 *         FIELD_EVENT(struct pit, tick_event),                    deadline of an event, see bus/clock.h
 *         FIELD_BYTES(struct pit, buffer),
 *         FIELD_END};
 *
 * Counts for the user and what pictures alone depend on are fields too, so that a restored machine shows the
 * same in the end, but they are no part of what the guest can observe: FIELD_FIGURE, FIELD_POINTED. Hashes of
 * the state leave them out.
 */
#ifndef TICK86_BASE_STATE_H
#define TICK86_BASE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_kind {
    FIELD_KIND_END,
    FIELD_KIND_UINT,    /* unsigned or signed integer, bool or enum: element_size bytes each, count of them */
    FIELD_KIND_BYTES,   /* raw bytes, element_size of them */
    FIELD_KIND_EVENT,   /* struct event (bus/clock.h): pending or not, and its deadline in cycles */
    FIELD_KIND_STRUCTS, /* count structures of element_size bytes, described by `fields` */
    FIELD_KIND_POINTED, /* a pointer, never NULL, to a structure described by `fields` */
};

struct field {
    const char *name;
    enum field_kind kind;
    uint32_t offset;       /* in the structure, bytes */
    uint32_t element_size; /* bytes */
    uint32_t count;
    bool ranged;
    bool figure;       /* not for the guest's eyes */
    uint64_t min, max; /* allowed values on load, where ranged */
    const struct field *fields;
};

#define FIELD_SIZE_(type, member) sizeof(((type *)0)->member)
/* A bool can only be 0 or 1. */
#define FIELD_IS_BOOL_(value) _Generic((value), bool : true, default : false)

/* A scalar of 1, 2, 4 or 8 bytes. */
#define FIELD(type, member)                                                                                  \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_UINT, .offset = offsetof(type, member),                          \
        .element_size = FIELD_SIZE_(type, member), .count = 1,                                               \
        .ranged = FIELD_IS_BOOL_(((type *)0)->member), .max = 1                                              \
    }
/* A scalar that no guest can see: a statistic. */
#define FIELD_FIGURE(type, member)                                                                           \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_UINT, .offset = offsetof(type, member),                          \
        .element_size = FIELD_SIZE_(type, member), .count = 1, .figure = true                                \
    }
/* A scalar whose value is used as an index or an enum: a loaded value must lie in [LOW, HIGH]. */
#define FIELD_RANGE(type, member, low, high)                                                                 \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_UINT, .offset = offsetof(type, member),                          \
        .element_size = FIELD_SIZE_(type, member), .count = 1, .ranged = true, .min = (low), .max = (high)   \
    }
/* An array of scalars. */
#define FIELD_ARRAY(type, member)                                                                            \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_UINT, .offset = offsetof(type, member),                          \
        .element_size = FIELD_SIZE_(type, member[0]),                                                        \
        .count = FIELD_SIZE_(type, member) / FIELD_SIZE_(type, member[0]),                                   \
        .ranged = FIELD_IS_BOOL_(((type *)0)->member[0]), .max = 1                                           \
    }
#define FIELD_ARRAY_RANGE(type, member, low, high)                                                           \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_UINT, .offset = offsetof(type, member),                          \
        .element_size = FIELD_SIZE_(type, member[0]),                                                        \
        .count = FIELD_SIZE_(type, member) / FIELD_SIZE_(type, member[0]), .ranged = true, .min = (low),     \
        .max = (high)                                                                                        \
    }
/* An array of uint8_t, written as one run of bytes. */
#define FIELD_BYTES(type, member)                                                                            \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_BYTES, .offset = offsetof(type, member),                         \
        .element_size = FIELD_SIZE_(type, member), .count = 1                                                \
    }
#define FIELD_EVENT(type, member)                                                                            \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_EVENT, .offset = offsetof(type, member), .count = 1              \
    }
/* One embedded structure. */
#define FIELD_STRUCT(type, member, table)                                                                    \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_STRUCTS, .offset = offsetof(type, member),                       \
        .element_size = FIELD_SIZE_(type, member), .count = 1, .fields = (table)                             \
    }
/* An array of embedded structures. */
#define FIELD_STRUCTS(type, member, table)                                                                   \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_STRUCTS, .offset = offsetof(type, member),                       \
        .element_size = FIELD_SIZE_(type, member[0]),                                                        \
        .count = FIELD_SIZE_(type, member) / FIELD_SIZE_(type, member[0]), .fields = (table)                 \
    }
/* A structure of its own that the member points to, for as long as the owner lives; no guest can see it. */
#define FIELD_POINTED(type, member, table)                                                                   \
    {                                                                                                        \
        .name = #member, .kind = FIELD_KIND_POINTED, .offset = offsetof(type, member), .count = 1,           \
        .figure = true, .fields = (table)                                                                    \
    }
#define FIELD_END                                                                                            \
    {                                                                                                        \
        .kind = FIELD_KIND_END                                                                               \
    }

#endif
