/* 16550A universal asynchronous receiver/transmitter with FIFOs.
 * National Semiconductor PC16550D datasheet (June 1995), section 8 "Registers". */
#include "devices/uart.h"

#define UART_HZ 1843200u

enum { RBR_THR, IER_DLM, IIR_FCR, LCR, MCR, LSR, MSR, SCR, UART_PORTS };

enum { IER_RDA = 0x01, IER_THRE = 0x02, IER_RLS = 0x04, IER_MS = 0x08 };
enum {
    IIR_MS = 0x00,
    IIR_NONE = 0x01,
    IIR_THRE = 0x02,
    IIR_RDA = 0x04,
    IIR_RLS = 0x06,
    IIR_TIMEOUT = 0x0C,
    IIR_FIFOS = 0xC0
};
enum { FCR_ENABLE = 0x01, FCR_CLEAR_RX = 0x02, FCR_CLEAR_TX = 0x04, FCR_DMA = 0x08, FCR_TRIGGER = 0xC0 };
enum { LCR_LENGTH = 0x03, LCR_STOP = 0x04, LCR_PARITY = 0x08, LCR_BREAK = 0x40, LCR_DLAB = 0x80 };
enum { MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOP = 0x10, MCR_ALL = 0x1F };
enum {
    LSR_DR = 0x01,
    LSR_OE = 0x02,
    LSR_PE = 0x04,
    LSR_FE = 0x08,
    LSR_BI = 0x10,
    LSR_THRE = 0x20,
    LSR_TEMT = 0x40,
    LSR_FIFO = 0x80
};

static bool fifos(const struct uart *u)
{
    return u->fcr & FCR_ENABLE;
}

static unsigned capacity(const struct uart *u)
{
    return fifos(u) ? UART_FIFO : 1;
}

static unsigned trigger(const struct uart *u)
{
    static const uint8_t levels[4] = {1, 4, 8, 14};
    return fifos(u) ? levels[u->fcr >> 6] : 1;
}

static uint8_t word_mask(const struct uart *u)
{
    return (uint8_t)(0xFF >> (3 - (u->lcr & LCR_LENGTH)));
}

/* Cycles that one character takes. A divisor of zero, which the datasheet does not allow, counts as one. */
static uint64_t character_time(const struct uart *u)
{
    unsigned bits = 5 + (u->lcr & LCR_LENGTH);
    unsigned halves = 2 * (1 + bits + (u->lcr & LCR_PARITY ? 1 : 0)) + 2;
    if (u->lcr & LCR_STOP)
        halves += bits == 5 ? 1 : 2;
    uint64_t ticks = (uint64_t)halves * 8 * (u->divisor ? u->divisor : 1);
    return clock_cycle_of_tick(u->dev.clock, ticks, UART_HZ, 1);
}

static void schedule(const struct uart *u, struct event *event, uint64_t cycles)
{
    event_schedule(u->dev.clock, event, u->dev.clock->now + cycles);
}

/* --- Interrupts --- */

/* Overrun, and what is wrong with the byte at the top. */
static uint8_t line_errors(const struct uart *u)
{
    return (uint8_t)((u->overrun ? LSR_OE : 0) | (u->rx_count ? u->rx_errors[u->rx_head] : 0));
}

static uint8_t interrupt_identity(const struct uart *u)
{
    if (u->ier & IER_RLS && line_errors(u))
        return IIR_RLS;
    if (u->ier & IER_RDA && u->rx_count >= trigger(u))
        return IIR_RDA;
    if (u->ier & IER_RDA && u->timeout_pending)
        return IIR_TIMEOUT;
    if (u->ier & IER_THRE && u->thr_empty_pending)
        return IIR_THRE;
    if (u->ier & IER_MS && u->deltas)
        return IIR_MS;
    return IIR_NONE;
}

static void update_irq(struct uart *u)
{
    bool level = interrupt_identity(u) != IIR_NONE && u->mcr & MCR_OUT2 && !(u->mcr & MCR_LOOP);
    if (level == u->irq_level)
        return;
    u->irq_level = level;
    wire_set(&u->irq, level);
}

/* --- Receiver --- */

/* The timeout counts four characters' time without one arriving or being read. */
static void restart_timeout(struct uart *u)
{
    u->timeout_pending = false;
    if (fifos(u) && u->rx_count)
        schedule(u, &u->timeout, 4 * character_time(u));
    else
        event_cancel(u->dev.clock, &u->timeout);
}

static void on_timeout(void *owner, uint64_t late)
{
    struct uart *u = owner;
    (void)late;
    u->timeout_pending = fifos(u) && u->rx_count;
    update_irq(u);
}

/* A character is complete in the shift register. */
static void push_received(struct uart *u, uint8_t byte, uint8_t errors)
{
    if (u->rx_count >= capacity(u)) {
        u->overrun = true;
        if (!fifos(u)) { /* the new one destroys the old; a FIFO stays as it is */
            u->rx[u->rx_head] = byte;
            u->rx_errors[u->rx_head] = errors;
        }
    } else {
        unsigned at = (u->rx_head + u->rx_count++) % UART_FIFO;
        u->rx[at] = byte;
        u->rx_errors[at] = errors;
    }
    restart_timeout(u);
    update_irq(u);
}

static void on_received(void *owner, uint64_t late)
{
    struct uart *u = owner;
    (void)late;
    u->receiving = false;
    push_received(u, u->rx_shift & word_mask(u), u->rx_shift_errors);
}

static bool start_receiving(struct uart *u, uint8_t byte, uint8_t errors)
{
    if (u->receiving || u->mcr & MCR_LOOP || u->rx_count >= capacity(u))
        return false;
    u->receiving = true;
    u->rx_shift = byte;
    u->rx_shift_errors = errors;
    schedule(u, &u->received, character_time(u));
    return true;
}

bool uart_receive(struct uart *u, uint8_t byte)
{
    return start_receiving(u, byte, 0);
}

bool uart_receive_break(struct uart *u)
{
    return start_receiving(u, 0, LSR_BI | LSR_FE);
}

static uint8_t read_rbr(struct uart *u)
{
    uint8_t value = u->rx[u->rx_head];
    if (u->rx_count) {
        u->rx_errors[u->rx_head] = 0;
        if (u->rx_count > 1 || fifos(u))
            u->rx_head = (uint8_t)((u->rx_head + 1) % UART_FIFO);
        u->rx_count--;
    }
    restart_timeout(u);
    update_irq(u);
    return value;
}

static void clear_receiver(struct uart *u)
{
    u->rx_head = u->rx_count = 0;
    u->timeout_pending = false;
    event_cancel(u->dev.clock, &u->timeout);
}

/* --- Transmitter --- */

static void transmitter_emptied(struct uart *u)
{
    u->thr_empty_pending = true;
}

static uint64_t sending_time(const struct uart *u)
{
    uint64_t programmed = character_time(u);
    uint64_t quick = clock_cycle_of_tick(u->dev.clock, UART_QUICK_NS, 1000000000, 1);
    return u->line_rate || (u->mcr & MCR_LOOP) || programmed < quick ? programmed : quick;
}

/* Moves the next character into the shift register. FROM: the cycle at which it begins. */
static void start_sending(struct uart *u, uint64_t from)
{
    if (u->sending || !u->tx_count)
        return;
    u->tx_shift = u->tx[u->tx_head];
    u->tx_head = (uint8_t)((u->tx_head + 1) % UART_FIFO);
    u->tx_count--;
    u->sending = true;
    event_schedule(u->dev.clock, &u->sent, from + sending_time(u));
    if (!u->tx_count)
        transmitter_emptied(u);
}

static void on_sent(void *owner, uint64_t late)
{
    struct uart *u = owner;
    uint8_t byte = u->tx_shift & word_mask(u);
    bool is_break = u->lcr & LCR_BREAK;
    (void)late;
    u->sending = false;
    if (u->mcr & MCR_LOOP)
        push_received(u, is_break ? 0 : byte, is_break ? LSR_BI | LSR_FE : 0);
    else if (!is_break)
        sink_put(&u->out, byte);
    start_sending(u, u->sent.when);
    update_irq(u);
}

static void write_thr(struct uart *u, uint8_t value)
{
    u->thr_empty_pending = false;
    update_irq(u);
    if (u->tx_count < capacity(u))
        u->tx[(u->tx_head + u->tx_count++) % UART_FIFO] = value;
    else /* full: the last place is overwritten */
        u->tx[(u->tx_head + u->tx_count - 1u) % UART_FIFO] = value;
    start_sending(u, u->dev.clock->now);
    update_irq(u);
}

static void clear_transmitter(struct uart *u)
{
    if (u->tx_count)
        transmitter_emptied(u);
    u->tx_head = u->tx_count = 0;
}

/* --- Modem --- */

static uint8_t modem_inputs(const struct uart *u)
{
    if (!(u->mcr & MCR_LOOP))
        return u->lines;
    return (uint8_t)((u->mcr & MCR_RTS ? UART_CTS : 0) | (u->mcr & MCR_DTR ? UART_DSR : 0) |
                     (u->mcr & MCR_OUT1 ? UART_RI : 0) | (u->mcr & MCR_OUT2 ? UART_DCD : 0));
}

/* Notes which inputs changed; of the ring indicator only the end counts. */
static void note_modem_change(struct uart *u, uint8_t before)
{
    uint8_t now = modem_inputs(u), changed = before ^ now;
    changed &= (uint8_t) ~(now & UART_RI);
    u->deltas |= changed >> 4;
    update_irq(u);
}

void uart_set_lines(struct uart *u, uint8_t lines)
{
    uint8_t before = modem_inputs(u);
    u->lines = lines & 0xF0;
    note_modem_change(u, before);
}

static bool output_on(const struct uart *u, uint8_t bit)
{
    return u->mcr & bit && !(u->mcr & MCR_LOOP);
}

static void write_mcr(struct uart *u, uint8_t value)
{
    uint8_t before = modem_inputs(u);
    bool dtr = output_on(u, MCR_DTR), rts = output_on(u, MCR_RTS);
    u->mcr = value & MCR_ALL;
    if (output_on(u, MCR_DTR) != dtr)
        wire_set(&u->dtr, !dtr);
    if (output_on(u, MCR_RTS) != rts)
        wire_set(&u->rts, !rts);
    note_modem_change(u, before);
}

/* --- Registers --- */

static void write_ier(struct uart *u, uint8_t value)
{
    uint8_t enabled = value & (uint8_t)~u->ier;
    u->ier = value & 0x0F;
    /* Enabling the interrupt while the holding register is empty raises it. */
    if (enabled & IER_THRE && !u->tx_count)
        u->thr_empty_pending = true;
    update_irq(u);
}

static void write_fcr(struct uart *u, uint8_t value)
{
    bool toggled = (u->fcr ^ value) & FCR_ENABLE;
    if (toggled || (value & FCR_ENABLE && value & FCR_CLEAR_RX))
        clear_receiver(u);
    if (toggled || (value & FCR_ENABLE && value & FCR_CLEAR_TX))
        clear_transmitter(u);
    /* The other bits are taken only together with the enable bit. */
    u->fcr = value & FCR_ENABLE ? value & (FCR_ENABLE | FCR_DMA | FCR_TRIGGER) : 0;
    update_irq(u);
}

static uint8_t line_status(const struct uart *u)
{
    uint8_t value = (uint8_t)(line_errors(u) | (u->rx_count ? LSR_DR : 0) | (u->tx_count ? 0 : LSR_THRE) |
                              (u->tx_count || u->sending ? 0 : LSR_TEMT));
    for (unsigned i = 0; fifos(u) && i < u->rx_count; i++)
        if (u->rx_errors[(u->rx_head + i) % UART_FIFO])
            value |= LSR_FIFO;
    return value;
}

static uint8_t read_lsr(struct uart *u)
{
    uint8_t value = line_status(u);
    u->overrun = false;
    u->rx_errors[u->rx_head] = 0;
    update_irq(u);
    return value;
}

static uint8_t read_iir(struct uart *u)
{
    uint8_t identity = interrupt_identity(u);
    if (identity == IIR_THRE) {
        u->thr_empty_pending = false;
        update_irq(u);
    }
    return (uint8_t)(identity | (fifos(u) ? IIR_FIFOS : 0));
}

static uint8_t read_msr(struct uart *u)
{
    uint8_t value = modem_inputs(u) | u->deltas;
    u->deltas = 0;
    update_irq(u);
    return value;
}

static uint32_t peek_register(void *state, uint16_t port, unsigned size)
{
    const struct uart *u = state;
    bool dlab = u->lcr & LCR_DLAB;
    (void)size;
    switch ((port - u->base) & 7) {
    case RBR_THR:
        return dlab ? u->divisor & 0xFFu : u->rx[u->rx_head];
    case IER_DLM:
        return dlab ? u->divisor >> 8 : u->ier;
    case IIR_FCR:
        return interrupt_identity(u) | (fifos(u) ? IIR_FIFOS : 0u);
    case LCR:
        return u->lcr;
    case MCR:
        return u->mcr;
    case LSR:
        return line_status(u);
    case MSR:
        return modem_inputs(u) | u->deltas;
    default:
        return u->scratch;
    }
}

static uint32_t read_register(void *state, uint16_t port, unsigned size)
{
    struct uart *u = state;
    switch ((port - u->base) & 7) {
    case RBR_THR:
        return u->lcr & LCR_DLAB ? u->divisor & 0xFFu : read_rbr(u);
    case IIR_FCR:
        return read_iir(u);
    case LSR:
        return read_lsr(u);
    case MSR:
        return read_msr(u);
    default:
        return peek_register(state, port, size);
    }
}

static void write_register(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct uart *u = state;
    uint8_t byte = (uint8_t)value;
    bool dlab = u->lcr & LCR_DLAB;
    (void)size;
    switch ((port - u->base) & 7) {
    case RBR_THR:
        if (dlab)
            u->divisor = (uint16_t)((u->divisor & 0xFF00) | byte);
        else
            write_thr(u, byte);
        break;
    case IER_DLM:
        if (dlab)
            u->divisor = (uint16_t)((u->divisor & 0x00FF) | byte << 8);
        else
            write_ier(u, byte);
        break;
    case IIR_FCR:
        write_fcr(u, byte);
        break;
    case LCR:
        u->lcr = byte;
        break;
    case MCR:
        write_mcr(u, byte);
        break;
    case SCR:
        u->scratch = byte;
        break;
    default: /* LSR and MSR are for reading */
        break;
    }
}

/* --- The device --- */

static const struct port_row uart_row = {.count = UART_PORTS,
                                         .name = "16550A",
                                         .read = read_register,
                                         .write = write_register,
                                         .peek = peek_register};

static bool uart_init(void *state, const void *config, struct error *err)
{
    struct uart *u = state;
    const struct uart_config *given = config;
    struct clock *clock = u->dev.clock;
    if (!given)
        return error_set(err, "a serial port needs a configuration");
    u->base = given->base;
    u->irq = given->irq;
    u->out = given->out;
    u->line_rate = given->line_rate;
    u->lines = given->out.put ? UART_CTS | UART_DSR | UART_DCD : 0;
    if (!ports_map(u->dev.bus, u->dev.name, u, &uart_row, u->base, err))
        return false;
    event_init(clock, &u->received, on_received, u, "%s.received", u->dev.name);
    event_init(clock, &u->sent, on_sent, u, "%s.sent", u->dev.name);
    event_init(clock, &u->timeout, on_timeout, u, "%s.timeout", u->dev.name);
    return true;
}

static void uart_destroy(void *state)
{
    struct uart *u = state;
    event_destroy(u->dev.clock, &u->received);
    event_destroy(u->dev.clock, &u->sent);
    event_destroy(u->dev.clock, &u->timeout);
    ports_unmap(u->dev.bus, u, &uart_row, u->base);
}

/* The datasheet's table III. The divisor and the scratch register are not touched by a reset. */
static void uart_reset(void *state, enum reset_kind kind)
{
    struct uart *u = state;
    struct clock *clock = u->dev.clock;
    event_cancel(clock, &u->received);
    event_cancel(clock, &u->sent);
    event_cancel(clock, &u->timeout);
    if (kind == RESET_POWER_ON) {
        u->divisor = 12; /* 9600 baud; undefined by the datasheet */
        u->scratch = 0;
    }
    u->receiving = u->sending = false;
    u->ier = u->fcr = u->lcr = 0;
    u->overrun = u->thr_empty_pending = u->timeout_pending = false;
    u->rx_head = u->rx_count = u->tx_head = u->tx_count = 0;
    write_mcr(u, 0);
    u->deltas = 0;
    update_irq(u);
}

static bool uart_post_load(void *state, struct error *err)
{
    struct uart *u = state;
    if (u->receiving != u->received.pending || u->sending != u->sent.pending)
        return error_set(err, "%s: a shift register is busy without its event, or the other way round",
                         u->dev.name);
    if (u->rx_count > capacity(u) || u->tx_count > capacity(u))
        return error_set(err, "%s: more characters than places", u->dev.name);
    return true;
}

static void uart_print(const void *state, struct text *out)
{
    const struct uart *u = state;
    static const char parities[8] = "NONENMNS"; /* by LCR bits 5-3 */
    unsigned divisor = u->divisor ? u->divisor : 1;
    text_add(out, "ports %03Xh-%03Xh, %u baud, %u%c%s\n", u->base, u->base + 7, UART_HZ / 16 / divisor,
             5 + (u->lcr & LCR_LENGTH), parities[u->lcr >> 3 & 7],
             !(u->lcr & LCR_STOP)     ? "1"
             : !(u->lcr & LCR_LENGTH) ? "1.5"
                                      : "2");
    text_add(out, "ier %02X iir %02X fcr %02X lcr %02X mcr %02X lsr %02X msr %02X scr %02X\n", u->ier,
             (unsigned)peek_register((void *)u, (uint16_t)(u->base + IIR_FCR), 1), u->fcr, u->lcr, u->mcr,
             line_status(u), modem_inputs(u) | u->deltas, u->scratch);
    text_add(out, "received %u, to send %u%s%s, irq %d\n", u->rx_count, u->tx_count,
             u->receiving ? ", receiving" : "", u->sending ? ", sending" : "", u->irq_level);
}

static const struct field uart_fields[] = {
    FIELD(struct uart, divisor),
    FIELD_RANGE(struct uart, ier, 0, 15),
    FIELD(struct uart, fcr),
    FIELD(struct uart, lcr),
    FIELD_RANGE(struct uart, mcr, 0, MCR_ALL),
    FIELD(struct uart, scratch),
    FIELD(struct uart, lines),
    FIELD_RANGE(struct uart, deltas, 0, 15),
    FIELD_RANGE(struct uart, overrun, 0, 1),
    FIELD_RANGE(struct uart, thr_empty_pending, 0, 1),
    FIELD_RANGE(struct uart, timeout_pending, 0, 1),
    FIELD_BYTES(struct uart, rx),
    FIELD_BYTES(struct uart, rx_errors),
    FIELD_RANGE(struct uart, rx_head, 0, UART_FIFO - 1),
    FIELD_RANGE(struct uart, rx_count, 0, UART_FIFO),
    FIELD_BYTES(struct uart, tx),
    FIELD_RANGE(struct uart, tx_head, 0, UART_FIFO - 1),
    FIELD_RANGE(struct uart, tx_count, 0, UART_FIFO),
    FIELD_RANGE(struct uart, receiving, 0, 1),
    FIELD_RANGE(struct uart, sending, 0, 1),
    FIELD(struct uart, rx_shift),
    FIELD(struct uart, rx_shift_errors),
    FIELD(struct uart, tx_shift),
    FIELD_RANGE(struct uart, irq_level, 0, 1),
    FIELD_EVENT(struct uart, received),
    FIELD_EVENT(struct uart, sent),
    FIELD_EVENT(struct uart, timeout),
    FIELD_END,
};

const struct device_type uart_type = {
    .name = "uart",
    .title = "16550A serial port",
    .state_size = sizeof(struct uart),
    .fields = uart_fields,
    .init = uart_init,
    .reset = uart_reset,
    .post_load = uart_post_load,
    .print = uart_print,
    .destroy = uart_destroy,
};
