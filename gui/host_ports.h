/* The host's side of serial ports, printer and debug console: none, stdio, file:PATH, tcp:HOST:PORT,
 * tcp::PORT (listens on this computer), pty. Output goes there as the guest sends; input is polled between
 * slices. */
#ifndef TICK86_GUI_HOST_PORTS_H
#define TICK86_GUI_HOST_PORTS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "machine/options.h"

struct machine;
struct host_ports;

/* Opens all connections of OPTIONS and puts their sinks into CONFIG. TAKE_INPUT false: standard input belongs
 * to someone else (the monitor, a terminal display). NULL with ERR. */
struct host_ports *host_ports_create(const struct run_options *options, struct machine_config *config,
                                     bool take_input, struct error *err);
void host_ports_destroy(struct host_ports *ports);

/* Between slices: hands over what came in, sends what is buffered. */
void host_ports_poll(struct host_ports *ports, struct machine *machine);

/* Does any port bring input from outside whose timing is the host's (a terminal, a network, a pty)? */
bool host_ports_interactive(const struct host_ports *ports);
/* Was Ctrl-] typed at a serial port on the terminal? */
bool host_ports_quit_asked(const struct host_ports *ports);

/* The last 64 KB that serial port PORT (0 = COM1) sent, zero bytes left out. */
const struct text *host_ports_sent(const struct host_ports *ports, unsigned port);

#endif
