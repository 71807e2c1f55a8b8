/* Ports for guests that know they are emulated; they are what Bochs and QEMU have and hobby kernels use. */
#include "devices/debug_ports.h"

#define CONSOLE_THERE 0xE9

static const char shutdown_word[] = "Shutdown";

static void power_off(struct debug_ports *d)
{
    if (d->config.power_off)
        d->config.power_off(d->config.owner);
}

static void finish(struct debug_ports *d, uint32_t status)
{
    if (d->config.exit)
        d->config.exit(d->config.owner, (int)(status & INT32_MAX));
}

static uint32_t read_console(void *state, uint16_t port, unsigned size)
{
    (void)state;
    (void)port;
    (void)size;
    return CONSOLE_THERE;
}

static void write_console(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct debug_ports *d = state;
    (void)port;
    (void)size;
    sink_put(&d->config.console, (uint8_t)value);
}

static void write_odd_exit(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)port;
    (void)size;
    finish(state, value << 1 | 1);
}

static void write_exit(void *state, uint16_t port, uint32_t value, unsigned size)
{
    (void)port;
    (void)size;
    finish(state, value);
}

static void write_shutdown(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct debug_ports *d = state;
    uint8_t byte = (uint8_t)value;
    (void)port;
    (void)size;
    if (byte == (uint8_t)shutdown_word[d->shutdown_matched])
        d->shutdown_matched++;
    else
        d->shutdown_matched = byte == (uint8_t)shutdown_word[0];
    if (d->shutdown_matched < sizeof shutdown_word - 1)
        return;
    d->shutdown_matched = 0;
    power_off(d);
}

static bool debug_ports_init(void *state, const void *config, struct error *err)
{
    struct debug_ports *d = state;
    (void)err;
    if (config)
        d->config = *(const struct debug_ports_config *)config;
    return true;
}

static void debug_ports_reset(void *state, enum reset_kind kind)
{
    struct debug_ports *d = state;
    (void)kind;
    d->shutdown_matched = 0;
}

static void debug_ports_print(const void *state, struct text *out)
{
    const struct debug_ports *d = state;
    text_add(out, "console %s, %u characters of \"%s\" seen\n",
             d->config.console.put ? "connected" : "dropped", d->shutdown_matched, shutdown_word);
}

static const struct field debug_ports_fields[] = {
    FIELD_RANGE(struct debug_ports, shutdown_matched, 0, sizeof shutdown_word - 2),
    FIELD_END,
};

static const struct port_row debug_ports_rows[] = {
    {.base = 0xE9, .count = 1, .name = "debug console", .read = read_console, .write = write_console},
    {.base = 0xF4, .count = 1, .widths = IO_ANY, .name = "debug exit", .write = write_odd_exit},
    {.base = 0xF5, .count = 1, .widths = IO_ANY, .name = "exit with status", .write = write_exit},
    {.base = 0x501, .count = 1, .widths = IO_ANY, .name = "debug exit", .write = write_odd_exit},
    {.base = 0x8900, .count = 1, .name = "shutdown", .write = write_shutdown},
    {0},
};

const struct device_type debug_ports_type = {
    .name = "debug_ports",
    .title = "Debug console, exit and power-off ports",
    .state_size = sizeof(struct debug_ports),
    .ports = debug_ports_rows,
    .fields = debug_ports_fields,
    .init = debug_ports_init,
    .reset = debug_ports_reset,
    .print = debug_ports_print,
};
