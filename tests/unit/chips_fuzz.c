/* All chips of the ISA side together under random accesses, from fixed seeds: nothing crashes or hangs, a
 * peek tells what a read gives, and a copy made from the field tables alone lives on exactly as the original.
 */
#include "devices/cmos.h"
#include "devices/debug_ports.h"
#include "devices/i8042.h"
#include "devices/parallel.h"
#include "devices/pic.h"
#include "devices/pit.h"
#include "devices/port61.h"
#include "devices/port92.h"
#include "devices/ps2_keyboard.h"
#include "devices/ps2_mouse.h"
#include "devices/serial_mouse.h"
#include "devices/speaker.h"
#include "devices/uart.h"
#include "tests/unit/chip_rig.h"

struct world {
    struct rig rig;
    struct pic *pic;
    struct pit *pit;
    struct speaker *speaker;
    struct port61 *port61;
    struct ps2_keyboard *keyboard;
    struct ps2_mouse *mouse;
    struct uart *uart[2];
    struct serial_mouse *serial_mouse;
    struct probe intr, nmi, a20, reset;
    uint64_t printed; /* a hash of what sinks got */
};

static void print_byte(void *owner, uint8_t byte)
{
    struct world *w = owner;
    w->printed = (w->printed ^ byte) * 1099511628211u;
}

static struct wire irq_wire(struct world *w, unsigned pin)
{
    return (struct wire){pic_set_irq, w->pic, pin};
}

static void open_world(struct world *w)
{
    memset(w, 0, sizeof *w);
    rig_open(&w->rig, 33000000);
    struct byte_sink sink = {print_byte, w};
    w->pic = rig_add(&w->rig, &pic_type, NULL, NULL);
    w->pic->intr = probe_wire(&w->intr, &w->rig);
    w->pit = rig_add(&w->rig, &pit_type, NULL, NULL);
    w->pit->out[0] = irq_wire(w, 0);
    w->speaker = rig_add(&w->rig, &speaker_type, NULL, &(struct speaker_config){w->pit});
    w->port61 = rig_add(&w->rig, &port61_type, NULL, &(struct port61_config){w->pit, w->speaker});
    w->port61->nmi = probe_wire(&w->nmi, &w->rig);
    struct port92 *port92 = rig_add(&w->rig, &port92_type, NULL, NULL);
    port92->reset = probe_wire(&w->reset, &w->rig);
    struct cmos_config cmos = {.start_time = 946684799,
                               .irq8 = irq_wire(w, 8),
                               .nmi_mask = {port61_set_input, w->port61, PORT61_NMI_MASK}};
    rig_add(&w->rig, &cmos_type, NULL, &cmos);
    struct i8042 *kbc = rig_add(&w->rig, &i8042_type, NULL, NULL);
    kbc->irq1 = irq_wire(w, 1);
    kbc->irq12 = irq_wire(w, 12);
    kbc->a20 = probe_wire(&w->a20, &w->rig);
    w->keyboard = rig_add(&w->rig, &ps2_keyboard_type, NULL, &(struct ps2_keyboard_config){kbc});
    w->mouse = rig_add(&w->rig, &ps2_mouse_type, NULL, &(struct ps2_mouse_config){kbc});
    w->uart[0] = rig_add(&w->rig, &uart_type, "uart0",
                         &(struct uart_config){.base = 0x3F8, .irq = irq_wire(w, 4), .out = sink});
    w->uart[1] = rig_add(&w->rig, &uart_type, "uart1",
                         &(struct uart_config){.base = 0x3E8, .irq = irq_wire(w, 4 + 16), .out = sink});
    w->serial_mouse =
        rig_add(&w->rig, &serial_mouse_type, NULL, &(struct serial_mouse_config){w->uart[1], true});
    rig_add(&w->rig, &parallel_type, NULL, &(struct parallel_config){0x378, irq_wire(w, 7), sink});
    rig_add(&w->rig, &debug_ports_type, NULL, &(struct debug_ports_config){.console = sink});
    rig_power_on(&w->rig);
}

/* --- Copying and comparing by the field tables --- */

static void copy_fields(struct clock *clock, const struct field *fields, const uint8_t *from, uint8_t *to)
{
    for (const struct field *f = fields; f->kind != FIELD_KIND_END; f++) {
        if (f->kind == FIELD_KIND_EVENT) {
            const struct event *source = (const struct event *)(from + f->offset);
            struct event *event = (struct event *)(to + f->offset);
            if (source->pending)
                event_schedule(clock, event, source->when);
            else
                event_cancel(clock, event);
        } else if (f->kind == FIELD_KIND_STRUCTS) {
            for (unsigned i = 0; i < f->count; i++)
                copy_fields(clock, f->fields, from + f->offset + i * f->element_size,
                            to + f->offset + i * f->element_size);
        } else {
            memcpy(to + f->offset, from + f->offset, (size_t)f->element_size * f->count);
        }
    }
}

static uint64_t value_of(const struct field *f, const uint8_t *at)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < f->element_size; i++) /* little-endian hosts only: a test */
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

static void compare_fields(const char *device, const struct field *fields, const uint8_t *a, const uint8_t *b)
{
    for (const struct field *f = fields; f->kind != FIELD_KIND_END; f++) {
        if (f->kind == FIELD_KIND_EVENT) {
            const struct event *left = (const struct event *)(a + f->offset),
                               *right = (const struct event *)(b + f->offset);
            ck_assert_msg(left->pending == right->pending && (!left->pending || left->when == right->when),
                          "%s: event %s differs", device, f->name);
        } else if (f->kind == FIELD_KIND_STRUCTS) {
            for (unsigned i = 0; i < f->count; i++)
                compare_fields(device, f->fields, a + f->offset + i * f->element_size,
                               b + f->offset + i * f->element_size);
        } else {
            ck_assert_msg(!memcmp(a + f->offset, b + f->offset, (size_t)f->element_size * f->count),
                          "%s: field %s differs", device, f->name);
        }
    }
}

static void check_ranges(const char *device, const struct field *fields, const uint8_t *at)
{
    for (const struct field *f = fields; f->kind != FIELD_KIND_END; f++) {
        for (unsigned i = 0; f->kind == FIELD_KIND_STRUCTS && i < f->count; i++)
            check_ranges(device, f->fields, at + f->offset + i * f->element_size);
        for (unsigned i = 0; f->kind == FIELD_KIND_UINT && f->ranged && i < f->count; i++) {
            uint64_t value = value_of(f, at + f->offset + i * f->element_size);
            ck_assert_msg(value >= f->min && value <= f->max, "%s: %s is %llu, beyond its own range", device,
                          f->name, (unsigned long long)value);
        }
    }
}

static void copy_world(const struct world *from, struct world *to)
{
    open_world(to);
    to->rig.clock.now = from->rig.clock.now;
    struct device *b = to->rig.list.first;
    for (struct device *a = from->rig.list.first; a; a = a->next, b = b->next) {
        struct error err = {0};
        check_ranges(a->name, a->type->fields, (uint8_t *)a);
        copy_fields(&to->rig.clock, a->type->fields, (uint8_t *)a, (uint8_t *)b);
        ck_assert_msg(!b->type->post_load || b->type->post_load(b, &err), "%s: %s", b->name, err.text);
    }
    to->printed = from->printed;
}

static void compare_worlds(const struct world *a, const struct world *b)
{
    ck_assert_uint_eq(a->printed, b->printed);
    struct device *right = b->rig.list.first;
    for (struct device *left = a->rig.list.first; left; left = left->next, right = right->next)
        compare_fields(left->name, left->type->fields, (uint8_t *)left, (uint8_t *)right);
}

/* --- Random operations --- */

static const uint16_t ports[] = {
    0x20,  0x21,  0xA0,  0xA1,  0x4D0, 0x4D1, 0x40,  0x41,  0x42,  0x43,  0x43,  0x61,  0x61,   0x92,  0x70,
    0x71,  0x71,  0x72,  0x73,  0x60,  0x60,  0x64,  0x64,  0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC,  0x3FD, 0x3FE,
    0x3FF, 0x3E8, 0x3E9, 0x3EA, 0x3EB, 0x3EC, 0x3ED, 0x3EE, 0x378, 0x379, 0x37A, 0xE9,  0x8900,
};

/* Values at which registers do something come often. */
static uint32_t random_value(uint64_t *seed)
{
    static const uint8_t likely[] = {0x00, 0x01, 0x02, 0x03, 0x0B, 0x0C, 0x10, 0x11, 0x1B,
                                     0x20, 0x26, 0x34, 0x36, 0x42, 0x60, 0x80, 0x83, 0xA8,
                                     0xAE, 0xC7, 0xD3, 0xD4, 0xED, 0xF3, 0xF4, 0xFF};
    uint32_t r = rig_random(seed);
    return r & 1 ? likely[(r >> 1) % sizeof likely] : rig_random(seed);
}

static void random_input(struct world *w, uint32_t r, uint32_t s)
{
    switch (r % 8) {
    case 0:
    case 1:
        ps2_keyboard_key(w->keyboard, (uint16_t)(s & 1 ? s >> 8 & 0x7F : 0xE000 | (s >> 8 & 0x7F)), s & 2);
        break;
    case 2:
        ps2_mouse_move(w->mouse, (int)(s & 0xFF) - 128, (int)(s >> 8 & 0x3FF) - 512, (int)(s >> 20 & 7) - 4,
                       s >> 24);
        break;
    case 3:
        serial_mouse_move(w->serial_mouse, (int)(s & 0xFF) - 128, (int)(s >> 8 & 0xFF),
                          (int)(s >> 20 & 7) - 4, s >> 24);
        break;
    case 4:
        uart_receive(w->uart[0], (uint8_t)s);
        break;
    case 5:
        uart_set_lines(w->uart[0], (uint8_t)s);
        break;
    case 6:
        port61_set_input(w->port61, s % 4, s & 16);
        break;
    default:
        uart_receive_break(w->uart[0]);
        break;
    }
}

static void print_all(struct world *w)
{
    struct text text = {0};
    for (struct device *d = w->rig.list.first; d; d = d->next)
        d->type->print(d, &text);
    ck_assert_uint_gt(text.length, 500);
    text_free(&text);
}

/* One random step; returns what the guest saw. */
static uint32_t step(struct world *w, uint64_t *seed)
{
    uint32_t r = rig_random(seed), value = random_value(seed), seen = 0;
    uint16_t port = ports[(r >> 8) % (sizeof ports / sizeof *ports)];
    unsigned size = r >> 24 & 7 ? 1 : 1u << (r >> 27) % 3;
    switch (r & 7) {
    case 0:
    case 1:
    case 2:
        ports_write(w->rig.bus, port, value, size);
        break;
    case 3:
    case 4:
        seen = ports_peek(w->rig.bus, port, 1);
        uint32_t read = ports_read(w->rig.bus, port, 1);
        ck_assert_msg(read == seen, "port %03X: peek %02X, read %02X", port, seen, read);
        break;
    case 5:
        random_input(w, r >> 4, value ^ r);
        break;
    case 6:
        if (w->intr.level)
            seen = pic_acknowledge(w->pic);
        if (r >> 20 == 0)
            devices_reset(&w->rig.list, RESET_HARD);
        break;
    default:
        clock_advance_to(&w->rig.clock,
                         w->rig.clock.now + (r >> 28 ? r >> 8 & 0xFFF : (r >> 8 & 0xFFFFF) * 4));
        break;
    }
    return seen;
}

START_TEST(random_accesses_and_a_copy_by_fields)
{
    uint64_t seed = 1000 + (uint64_t)_i;
    static struct world original, copy;
    static struct speaker_edge edges[SPEAKER_EDGES];
    open_world(&original);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 3000; i++)
            step(&original, &seed);
        print_all(&original);
        speaker_take_edges(original.speaker, edges, SPEAKER_EDGES);
        copy_world(&original, &copy);
        copy.intr.level = original.intr.level;
        compare_worlds(&original, &copy);
        uint64_t seed_of_copy = seed;
        for (unsigned i = 0; i < 2000; i++) {
            uint32_t a = step(&original, &seed), b = step(&copy, &seed_of_copy);
            ck_assert_msg(a == b, "round %u step %u: the original gives %X, the copy %X", round, i, a, b);
        }
        compare_worlds(&original, &copy);
        rig_close(&copy.rig);
    }
    rig_close(&original.rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chips_fuzz");
    TCase *tc = tcase_create("fuzz");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, random_accesses_and_a_copy_by_fields, 0, 10);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
