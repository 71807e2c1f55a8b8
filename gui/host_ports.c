#include "gui/host_ports.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"
#include "bus/sink.h"
#include "gui/tty.h"
#include "machine/machine.h"

#define SENT_MAX   65536 /* of the log for --until-serial */
#define OUTPUT_MAX 65536 /* bytes kept for a peer that does not read; then the oldest go */
#define QUIT_BYTE  0x1D  /* Ctrl-] */

struct connection {
    char name[16]; /* "COM1" */
    int in, out;   /* file descriptors, -1: none */
    int listener;  /* -1: none */
    int spare;     /* the pty's other side, kept open so that it does not hang up */
    bool is_socket;
    bool is_terminal;  /* standard input in raw mode: Ctrl-] leaves */
    bool non_blocking; /* output that does not fit is kept */
    int failure;       /* errno of the first write to a file that failed, 0: none */
    struct text output;
    struct text sent;
    bool keep_sent;
    uint8_t input[256];
    size_t input_at, input_count;
};

enum { DEBUGCON = MACHINE_SERIAL_PORTS, PARALLEL, CONNECTIONS };

struct host_ports {
    struct connection connections[CONNECTIONS];
    bool quit_asked, interactive;
};

/* --- Output -----------------------------------------------------------------------------------------------
 */

static void close_peer(struct connection *c)
{
    if (c->in >= 0)
        close(c->in);
    c->in = c->out = -1;
    text_clear(&c->output);
}

static void flush(struct connection *c)
{
    size_t done = 0;
    while (c->out >= 0 && done < c->output.length) {
        ssize_t n = c->is_socket ? send(c->out, c->output.chars + done, c->output.length - done, MSG_NOSIGNAL)
                                 : write(c->out, c->output.chars + done, c->output.length - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN && c->is_socket) {
            close_peer(c);
            return;
        }
        if (n <= 0) {
            if (!c->non_blocking) {
                /* A full disk or a closed pipe: the guest carries on. */
                if (!c->failure)
                    c->failure = n < 0 ? errno : ENOSPC;
                done = c->output.length;
            }
            break;
        }
        done += (size_t)n;
    }
    if (!done)
        return;
    memmove(c->output.chars, c->output.chars + done, c->output.length - done);
    c->output.length -= done;
}

static void drop_oldest(struct text *text, size_t keep)
{
    if (text->length <= keep)
        return;
    memmove(text->chars, text->chars + text->length - keep, keep);
    text->length = keep;
    text->chars[keep] = 0;
}

static void put(void *owner, uint8_t byte)
{
    struct connection *c = owner;
    if (c->keep_sent && byte) {
        text_add_bytes(&c->sent, &byte, 1);
        if (c->sent.length > 2 * SENT_MAX)
            drop_oldest(&c->sent, SENT_MAX);
    }
    if (c->out < 0)
        return;
    text_add_bytes(&c->output, &byte, 1);
    if (c->output.length >= 4096)
        flush(c);
    if (c->output.length > 2 * OUTPUT_MAX)
        drop_oldest(&c->output, OUTPUT_MAX);
}

/* --- Opening ----------------------------------------------------------------------------------------------
 */

static void set_non_blocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static bool open_stdio(struct host_ports *ports, struct connection *c, bool take_input)
{
    c->out = dup(STDOUT_FILENO);
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (ports->connections[i].in == STDIN_FILENO)
            take_input = false; /* the first one has it */
    if (!take_input)
        return true;
    c->in = STDIN_FILENO;
    if (isatty(STDIN_FILENO)) {
        ports->interactive = true;
        c->is_terminal = tty_raw(false, NULL);
        fprintf(stderr, "tick86: %s is this terminal; Ctrl-] leaves\n", c->name);
    }
    return true;
}

static bool open_file(struct connection *c, const char *path, struct error *err)
{
    c->out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (c->out < 0)
        return error_set(err, "%s: %s; choose a file that can be written for %s", path, strerror(errno),
                         c->name);
    return true;
}

static bool open_pty(struct host_ports *ports, struct connection *c, struct error *err)
{
    char path[128];
    struct termios mode;
    int master, slave;
    if (openpty(&master, &slave, path, NULL, NULL))
        return error_set(err, "%s: no pseudo-terminal to be had: %s", c->name, strerror(errno));
    tcgetattr(slave, &mode);
    cfmakeraw(&mode);
    tcsetattr(slave, TCSANOW, &mode);
    set_non_blocking(master);
    c->in = c->out = master;
    c->spare = slave;
    c->non_blocking = ports->interactive = true;
    fprintf(stderr, "tick86: %s is %s\n", c->name, path);
    return true;
}

static void socket_connected(struct connection *c, int fd)
{
    set_non_blocking(fd);
    c->in = c->out = fd;
    c->is_socket = c->non_blocking = true;
}

/* A socket for one of the addresses of HOST: listening or connected. -1 with errno. */
static int open_address(const struct addrinfo *list, bool listening)
{
    for (const struct addrinfo *at = list; at; at = at->ai_next) {
        int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd < 0)
            continue;
        int on = 1;
        if (listening) {
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            if (!bind(fd, at->ai_addr, at->ai_addrlen) && !listen(fd, 1))
                return fd;
        } else if (!connect(fd, at->ai_addr, at->ai_addrlen)) {
            return fd;
        }
        int why = errno;
        close(fd);
        errno = why;
    }
    return -1;
}

static bool open_tcp(struct host_ports *ports, struct connection *c, const char *where, struct error *err)
{
    const char *port = strrchr(where, ':');
    char *host = xstrdup(where);
    host[port - where] = 0;
    bool listening = !*host;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    /* Whoever connects to localhost tries 127.0.0.1 too, but not everybody tries ::1. */
    if (listening)
        hints.ai_family = AF_INET;
    int status = getaddrinfo(listening ? "127.0.0.1" : host, port + 1, &hints, &list);
    free(host);
    if (status)
        return error_set(err, "tcp:%s: %s; check the host's name for %s", where, gai_strerror(status),
                         c->name);
    int fd = open_address(list, listening);
    int why = errno;
    freeaddrinfo(list);
    if (fd < 0)
        return error_set(err, "tcp:%s: %s; %s", where, strerror(why),
                         listening ? "choose another port" : "is the other side listening?");
    ports->interactive = true;
    if (listening) {
        set_non_blocking(fd);
        c->listener = fd;
        c->is_socket = true;
        fprintf(stderr, "tick86: %s waits for a connection on port %s of localhost\n", c->name, port + 1);
    } else {
        socket_connected(c, fd);
    }
    return true;
}

static bool open_connection(struct host_ports *ports, struct connection *c, const char *where,
                            bool take_input, struct error *err)
{
    if (!where || !strcmp(where, "none"))
        return true;
    if (!strcmp(where, "stdio"))
        return open_stdio(ports, c, take_input);
    if (!strncmp(where, "file:", 5))
        return open_file(c, where + 5, err);
    if (!strcmp(where, "pty"))
        return open_pty(ports, c, err);
    return open_tcp(ports, c, where + 4, err);
}

struct host_ports *host_ports_create(struct machine_config *config)
{
    struct host_ports *ports = xcalloc(1, sizeof *ports);
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &ports->connections[i];
        c->in = c->out = c->listener = c->spare = -1;
    }
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++) {
        snprintf(ports->connections[i].name, sizeof ports->connections[i].name, "COM%zu", i + 1);
        config->serial[i] = (struct byte_sink){put, &ports->connections[i]};
    }
    strcpy(ports->connections[DEBUGCON].name, "port E9h");
    strcpy(ports->connections[PARALLEL].name, "LPT1");
    config->debugcon = (struct byte_sink){put, &ports->connections[DEBUGCON]};
    config->parallel = (struct byte_sink){put, &ports->connections[PARALLEL]};
    return ports;
}

bool host_ports_open(struct host_ports *ports, const struct run_options *options, bool take_input,
                     struct error *err)
{
    for (size_t i = 0; i < MACHINE_SERIAL_PORTS; i++) {
        ports->connections[i].keep_sent = options->until_serial != NULL;
        if (!open_connection(ports, &ports->connections[i], options->serial[i], take_input, err))
            return false;
    }
    return open_connection(ports, &ports->connections[DEBUGCON], options->debugcon, false, err) &&
           open_connection(ports, &ports->connections[PARALLEL], options->parallel, false, err);
}

void host_ports_destroy(struct host_ports *ports)
{
    if (!ports)
        return;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &ports->connections[i];
        flush(c);
        if (c->is_terminal)
            tty_restore();
        if (c->listener >= 0)
            close(c->listener);
        if (c->spare >= 0)
            close(c->spare);
        if (c->out >= 0)
            close(c->out);
        text_free(&c->output);
        text_free(&c->sent);
    }
    free(ports);
}

/* --- Input ------------------------------------------------------------------------------------------------
 */

static void accept_peer(struct connection *c)
{
    if (c->listener < 0 || c->in >= 0)
        return;
    int fd = accept(c->listener, NULL, NULL);
    if (fd >= 0)
        socket_connected(c, fd);
}

static bool readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

static void read_more(struct host_ports *ports, struct connection *c)
{
    if (c->in < 0 || c->input_at < c->input_count || !readable(c->in))
        return;
    ssize_t n = read(c->in, c->input, sizeof c->input);
    c->input_at = c->input_count = 0;
    if (n > 0) {
        c->input_count = (size_t)n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        if (c->is_socket)
            close_peer(c);
        else
            c->in = -1; /* the end of a file or pipe */
    }
    if (c->is_terminal && memchr(c->input, QUIT_BYTE, c->input_count))
        ports->quit_asked = true;
}

void host_ports_send(struct host_ports *ports)
{
    for (unsigned i = 0; i < CONNECTIONS; i++)
        flush(&ports->connections[i]);
}

void host_ports_poll(struct host_ports *ports, struct machine *machine)
{
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct connection *c = &ports->connections[i];
        accept_peer(c);
        flush(c);
        if (i >= MACHINE_SERIAL_PORTS)
            continue;
        do {
            read_more(ports, c);
            while (c->input_at < c->input_count && machine_serial_receive(machine, i, c->input[c->input_at]))
                c->input_at++;
        } while (c->input_count && c->input_at == c->input_count && c->in >= 0 && readable(c->in));
    }
}

bool host_ports_interactive(const struct host_ports *ports)
{
    return ports->interactive;
}

bool host_ports_failed(const struct host_ports *ports, struct error *err)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        const struct connection *c = &ports->connections[i];
        if (!c->failure || c->failure == EPIPE) /* who reads no more wants no more */
            continue;
        error_set(err, "%s: what the guest sent could not be written: %s", c->name, strerror(c->failure));
        return true;
    }
    return false;
}

bool host_ports_quit_asked(const struct host_ports *ports)
{
    return ports->quit_asked;
}

const struct text *host_ports_sent(const struct host_ports *ports, unsigned port)
{
    return &ports->connections[port].sent;
}

/* --- Snapshots --------------------------------------------------------------------------------------------
 */

void host_ports_write(const struct host_ports *ports, struct blob *out)
{
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++) {
        const struct connection *c = &ports->connections[i];
        size_t input = c->input_count - c->input_at,
               sent = c->sent.length < SENT_MAX ? c->sent.length : SENT_MAX;
        blob_u32(out, (uint32_t)sent);
        blob_add(out, text_chars(&c->sent) + (c->sent.length - sent), sent);
        blob_u32(out, (uint32_t)input);
        blob_add(out, c->input + c->input_at, input);
    }
}

bool host_ports_read(struct host_ports *ports, struct blob_reader *in)
{
    for (unsigned i = 0; i < MACHINE_SERIAL_PORTS; i++) {
        struct connection *c = ports ? &ports->connections[i] : NULL;
        uint32_t sent = read_u32(in);
        const uint8_t *sent_bytes = sent <= SENT_MAX ? read_bytes(in, sent) : NULL;
        uint32_t input = read_u32(in);
        const uint8_t *input_bytes = input <= sizeof c->input ? read_bytes(in, input) : NULL;
        if (!sent_bytes || !input_bytes || memchr(sent_bytes, 0, sent))
            return false;
        if (!c)
            continue;
        text_clear(&c->sent);
        text_add_bytes(&c->sent, sent_bytes, sent);
        memcpy(c->input, input_bytes, input);
        c->input_at = 0;
        c->input_count = input;
    }
    return true;
}
