#include "tests/fuzz/compare.h"

#include <inttypes.h>
#include <string.h>

#include "bus/device.h"
#include "cpu/cpu.h"

#define MOST_LINES 20

struct comparison {
    struct text *out;
    unsigned differences;
};

static void differ(struct comparison *c, const char *where, const struct field *f, unsigned index, uint64_t a,
                   uint64_t b)
{
    if (c->differences++ < MOST_LINES)
        text_add(c->out, "  %s.%s[%u]: %" PRIx64 " and %" PRIx64 "\n", where, f->name, index, a, b);
}

static uint64_t value_at(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, at, size < 8 ? size : 8); /* for showing it only */
    return value;
}

static void compare_fields(struct comparison *c, const char *where, const struct field *fields,
                           const uint8_t *a, const uint8_t *b)
{
    for (const struct field *f = fields; f && f->kind != FIELD_KIND_END; f++) {
        if (f->kind == FIELD_KIND_EVENT) {
            const struct event *left = (const struct event *)(const void *)(a + f->offset);
            const struct event *right = (const struct event *)(const void *)(b + f->offset);
            uint64_t x = left->pending ? left->when : CLOCK_NEVER,
                     y = right->pending ? right->when : CLOCK_NEVER;
            if (x != y)
                differ(c, where, f, 0, x, y);
            continue;
        }
        if (f->kind == FIELD_KIND_POINTED) {
            const uint8_t *left, *right;
            memcpy(&left, a + f->offset, sizeof left);
            memcpy(&right, b + f->offset, sizeof right);
            compare_fields(c, where, f->fields, left, right);
            continue;
        }
        bool bytes = f->kind == FIELD_KIND_BYTES;
        unsigned size = bytes ? 1 : f->element_size, count = bytes ? f->element_size : f->count;
        for (unsigned i = 0; i < count; i++) {
            const uint8_t *left = a + f->offset + (size_t)i * size, *right = b + f->offset + (size_t)i * size;
            if (f->kind == FIELD_KIND_STRUCTS) {
                char name[96];
                snprintf(name, sizeof name, "%s.%s[%u]", where, f->name, i);
                compare_fields(c, name, f->fields, left, right);
            } else if (memcmp(left, right, size)) {
                differ(c, where, f, i, value_at(left, size), value_at(right, size));
            }
        }
    }
}

static void compare_page(struct comparison *c, const char *name, const uint8_t *a, const uint8_t *b,
                         uint64_t base)
{
    if (!memcmp(a, b, PAGE_SIZE))
        return;
    for (unsigned i = 0; i < PAGE_SIZE; i++)
        if (a[i] != b[i] && c->differences++ < MOST_LINES)
            text_add(c->out, "  %s at %" PRIx64 ": %02x and %02x\n", name, base + i, a[i], b[i]);
}

static void compare_blocks(struct comparison *c, struct machine *a, struct machine *b, bool whole)
{
    struct ram_block *right = bus_blocks(machine_bus(b));
    for (struct ram_block *left = bus_blocks(machine_bus(a)); left && right;
         left = left->next, right = right->next)
        for (uint64_t at = 0; left->saved && at < left->size; at += PAGE_SIZE) {
            uint8_t flags = left->page_flags[at >> PAGE_SHIFT] | right->page_flags[at >> PAGE_SHIFT];
            if (whole || (flags & RAM_PAGE_DIRTY))
                compare_page(c, left->name, left->bytes + at, right->bytes + at, at);
        }
}

bool machines_equal(struct machine *a, struct machine *b, bool whole, struct text *out)
{
    struct comparison c = {.out = out};
    if (machine_cycles(a) != machine_cycles(b)) {
        text_add(out, "  cycles: %" PRIu64 " and %" PRIu64 "\n", machine_cycles(a), machine_cycles(b));
        c.differences++;
    }
    cpu_pre_save(machine_cpu(a, 0));
    cpu_pre_save(machine_cpu(b, 0));
    compare_fields(&c, "cpu", cpu_fields, (const uint8_t *)machine_cpu(a, 0),
                   (const uint8_t *)machine_cpu(b, 0));
    struct device *right = machine_devices(b)->first;
    for (struct device *left = machine_devices(a)->first; left && right;
         left = left->next, right = right->next)
        compare_fields(&c, left->name, left->type->fields, (const uint8_t *)left, (const uint8_t *)right);
    compare_blocks(&c, a, b, whole);
    return !c.differences;
}
