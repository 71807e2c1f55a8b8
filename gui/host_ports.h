/* The host's side of serial ports, printer and debug console: none, stdio, file:PATH, tcp:HOST:PORT,
 * tcp::PORT (listens on this computer), pty. Output goes there as the guest sends; input is polled between
 * slices. */
#ifndef TICK86_GUI_HOST_PORTS_H
#define TICK86_GUI_HOST_PORTS_H

#include <stdbool.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/text.h"
#include "machine/options.h"

struct machine;
struct host_ports;

/* Puts the ports' sinks into CONFIG, unconnected as yet, so that a machine can be built with them. */
struct host_ports *host_ports_create(struct machine_config *config);
/* Opens the connections of OPTIONS, once all else is known to be good. TAKE_INPUT false: standard input
 * belongs to someone else (the monitor, a terminal display). False with ERR. */
bool host_ports_open(struct host_ports *ports, const struct run_options *options, bool take_input,
                     struct error *err);
void host_ports_destroy(struct host_ports *ports);

/* Between slices: hands over what came in, sends what is buffered. */
void host_ports_poll(struct host_ports *ports, struct machine *machine);
/* Sends what is buffered; nothing comes in. */
void host_ports_send(struct host_ports *ports);

/* Does any port bring input from outside whose timing is the host's (a terminal, a network, a pty)? */
bool host_ports_interactive(const struct host_ports *ports);
/* Was Ctrl-] typed at a serial port on the terminal? */
bool host_ports_quit_asked(const struct host_ports *ports);

/* Bytes of a port were lost because the file behind it could not be written: ERR tells of the first such
 * port. */
bool host_ports_failed(const struct host_ports *ports, struct error *err);

/* For snapshots: what serial ports sent, for --until-serial, and input that the guest has not taken yet. With
 * PORTS NULL host_ports_read() only checks. */
void host_ports_write(const struct host_ports *ports, struct blob *out);
bool host_ports_read(struct host_ports *ports, struct blob_reader *in);

/* The last 64 KB that serial port PORT (0 = COM1) sent, zero bytes left out. */
const struct text *host_ports_sent(const struct host_ports *ports, unsigned port);

#endif
