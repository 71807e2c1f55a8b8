/* Ports that no PC has, for guests that know they are emulated: a console, exit codes, power off.
 *
 *     E9h          write: a byte to the console; read: E9h, which tells that it is there
 *     F4h, 501h    write N: the run ends with status (N << 1) | 1, as QEMU's isa-debug-exit
 *     F5h          write N: the run ends with status N
 *     8900h        the bytes of "Shutdown" one after another: power off
 *
 * The power-off ports 604h and B004h belong to devices/acpi_pm.h, as firmware puts the real register there.
 */
#ifndef TICK86_DEVICES_DEBUG_PORTS_H
#define TICK86_DEVICES_DEBUG_PORTS_H

#include <stdint.h>

#include "bus/device.h"
#include "bus/sink.h"

struct debug_ports_config {
    struct byte_sink console;
    /* Either may be NULL. */
    void (*power_off)(void *owner);
    void (*exit)(void *owner, int status);
    void *owner;
};

struct debug_ports {
    struct device dev;
    struct debug_ports_config config;
    uint8_t shutdown_matched; /* characters of "Shutdown" */
};

extern const struct device_type debug_ports_type;

#endif
