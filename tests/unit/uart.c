/* The 16550A by the datasheet, and the serial mouse that hangs on one. */
#include "devices/uart.h"

#include "devices/serial_mouse.h"
#include "tests/unit/chip_rig.h"

#define BASE 0x3F8

static struct rig rig;
static struct uart *uart;
static struct probe irq;
static struct collector out;

static void write_reg(unsigned reg, uint8_t value)
{
    out8(&rig, (uint16_t)(BASE + reg), value);
}

static uint8_t read_reg(unsigned reg)
{
    return in8(&rig, (uint16_t)(BASE + reg));
}

/* 115200 baud, 8N1: a character takes 86.8 microseconds. */
#define CHARACTER_US 87

static void fast(void)
{
    write_reg(3, 0x83);
    write_reg(0, 1);
    write_reg(1, 0);
    write_reg(3, 0x03);
}

static void setup(void)
{
    rig_open(&rig, 100000000);
    struct uart_config config = {.base = BASE, .out = collector_sink(&out), .line_rate = true};
    config.irq = probe_wire(&irq, &rig);
    uart = rig_add(&rig, &uart_type, "uart0", &config);
    rig_power_on(&rig);
    fast();
    write_reg(4, 0x0B); /* DTR, RTS, OUT2 */
}

static void teardown(void)
{
    rig_close(&rig);
}

static void receive(uint8_t byte)
{
    ck_assert(uart_receive(uart, byte));
    rig_pass_us(&rig, CHARACTER_US);
}

START_TEST(reset_state)
{
    devices_reset(&rig.list, RESET_HARD);
    ck_assert_uint_eq(read_reg(1), 0);
    ck_assert_uint_eq(read_reg(2), 0x01);
    ck_assert_uint_eq(read_reg(3), 0);
    ck_assert_uint_eq(read_reg(4), 0);
    ck_assert_uint_eq(read_reg(5), 0x60);
    ck_assert_uint_eq(read_reg(6) & 0x0F, 0);
}
END_TEST

START_TEST(registers_keep_only_their_bits)
{
    write_reg(1, 0xF0);
    ck_assert_uint_eq(read_reg(1), 0);
    write_reg(4, 0xFF);
    ck_assert_uint_eq(read_reg(4), 0x1F);
    write_reg(7, 0xA5);
    ck_assert_uint_eq(read_reg(7), 0xA5);
    write_reg(3, 0x83);
    write_reg(0, 0x34);
    write_reg(1, 0x12);
    ck_assert_uint_eq(read_reg(0), 0x34);
    ck_assert_uint_eq(read_reg(1), 0x12);
    write_reg(3, 0x03);
    ck_assert_uint_eq(read_reg(1), 0);
}
END_TEST

START_TEST(byte_leaves_at_the_programmed_rate)
{
    write_reg(3, 0x80);
    write_reg(0, 96);   /* 1200 baud */
    write_reg(3, 0x1F); /* 8 bits, even parity, two stop bits: 12 bits, 10 ms */
    write_reg(0, 'A');
    ck_assert_uint_eq(read_reg(5), 0x20); /* in the shift register, holding register free */
    write_reg(0, 'B');
    ck_assert_uint_eq(read_reg(5), 0x00);
    rig_pass_us(&rig, 9990);
    ck_assert_uint_eq(out.count, 0);
    rig_pass_us(&rig, 20);
    ck_assert_uint_eq(out.count, 1);
    ck_assert_uint_eq(read_reg(5), 0x20);
    rig_pass_us(&rig, 9980);
    ck_assert_uint_eq(out.count, 1);
    rig_pass_us(&rig, 20);
    ck_assert_uint_eq(out.count, 2);
    ck_assert_uint_eq(read_reg(5), 0x60);
    ck_assert_uint_eq(out.bytes[0], 'A');
    ck_assert_uint_eq(out.bytes[1], 'B');
}
END_TEST

START_TEST(byte_leaves_at_once_where_the_line_has_no_rate)
{
    uart->line_rate = false;
    write_reg(3, 0x80);
    write_reg(0, 96); /* 1200 baud */
    write_reg(3, 0x03);
    write_reg(0, 'A');
    ck_assert_uint_eq(read_reg(5), 0x20);
    rig_pass_us(&rig, 2);
    ck_assert_uint_eq(out.count, 1);
    ck_assert_uint_eq(read_reg(5), 0x60);
    write_reg(4, 0x1B); /* loopback: as programmed */
    write_reg(0, 'B');
    rig_pass_us(&rig, 8300);
    ck_assert_uint_eq(read_reg(5) & 1, 0);
    rig_pass_us(&rig, 50);
    ck_assert_uint_eq(read_reg(5) & 1, 1);
}
END_TEST

START_TEST(five_bits_with_one_and_a_half_stop_bits)
{
    write_reg(3, 0x80);
    write_reg(0, 96);
    write_reg(3, 0x04); /* 7.5 bits: 6.25 ms */
    write_reg(0, 0xFF);
    rig_pass_us(&rig, 6240);
    ck_assert_uint_eq(out.count, 0);
    rig_pass_us(&rig, 20);
    ck_assert_uint_eq(out.count, 1);
    ck_assert_uint_eq(out.bytes[0], 0x1F);
}
END_TEST

START_TEST(divisor_zero_still_sends)
{
    write_reg(3, 0x83);
    write_reg(0, 0);
    write_reg(1, 0);
    write_reg(3, 0x03);
    write_reg(0, 'x');
    rig_pass_ms(&rig, 1);
    ck_assert_uint_eq(out.count, 1);
}
END_TEST

START_TEST(holding_register_empty_interrupt)
{
    write_reg(1, 0x02);
    ck_assert(irq.level); /* empty when enabled */
    ck_assert_uint_eq(read_reg(2), 0x02);
    ck_assert(!irq.level); /* cleared by the read */
    ck_assert_uint_eq(read_reg(2), 0x01);
    write_reg(0, 1);
    ck_assert(irq.level); /* moved on to the shift register */
    write_reg(0, 2);
    ck_assert(!irq.level);
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert(irq.level);
    write_reg(1, 0);
    ck_assert(!irq.level);
    write_reg(1, 2);
    ck_assert(irq.level);
}
END_TEST

START_TEST(received_data_interrupt_without_fifo)
{
    write_reg(1, 0x01);
    ck_assert(uart_receive(uart, 'q'));
    ck_assert(!uart_receive(uart, 'r')); /* the line is busy */
    ck_assert_uint_eq(read_reg(5) & 1, 0);
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert(irq.level);
    ck_assert_uint_eq(read_reg(2), 0x04);
    ck_assert_uint_eq(read_reg(5) & 1, 1);
    ck_assert(!uart_receive(uart, 'r')); /* not yet read */
    ck_assert_uint_eq(read_reg(0), 'q');
    ck_assert(!irq.level);
    ck_assert(uart_receive(uart, 'r'));
}
END_TEST

START_TEST(fifo_trigger_levels)
{
    static const uint8_t levels[4] = {1, 4, 8, 14};
    write_reg(1, 0x01);
    for (unsigned i = 0; i < 4; i++) {
        write_reg(2, (uint8_t)(i << 6 | 0x07));
        for (unsigned n = 1; n <= 16; n++) {
            receive((uint8_t)n);
            ck_assert_int_eq(irq.level, n >= levels[i]);
        }
        ck_assert(!uart_receive(uart, 0));
        ck_assert_uint_eq(read_reg(2), 0xC4);
        for (unsigned n = 1; n <= 16; n++) {
            ck_assert_uint_eq(read_reg(0), n);
            ck_assert_int_eq(irq.level, 16 - n >= levels[i]);
        }
        ck_assert_uint_eq(read_reg(5) & 1, 0);
    }
}
END_TEST

START_TEST(fifo_timeout_after_four_characters)
{
    write_reg(1, 0x01);
    write_reg(2, 0xC7);
    receive('a');
    rig_pass_us(&rig, 340);
    ck_assert(!irq.level);
    rig_pass_us(&rig, 10);
    ck_assert(irq.level);
    ck_assert_uint_eq(read_reg(2), 0xCC);
    ck_assert_uint_eq(read_reg(0), 'a');
    ck_assert(!irq.level);
    receive('b');
    receive('c');
    rig_pass_us(&rig, 400);
    ck_assert_uint_eq(read_reg(0), 'b'); /* the read starts the time anew */
    ck_assert(!irq.level);
    rig_pass_us(&rig, 400);
    ck_assert(irq.level);
}
END_TEST

START_TEST(transmit_fifo_takes_sixteen)
{
    write_reg(2, 0x01);
    write_reg(1, 0x02);
    read_reg(2);
    for (unsigned i = 0; i < 17; i++) /* one in the shift register */
        write_reg(0, (uint8_t)i);
    ck_assert(!irq.level);
    ck_assert_uint_eq(read_reg(5) & 0x60, 0);
    for (unsigned i = 0; i < 16; i++)
        rig_pass_us(&rig, CHARACTER_US);
    ck_assert(irq.level);
    ck_assert_uint_eq(read_reg(5) & 0x60, 0x20);
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(out.count, 17);
    for (unsigned i = 0; i < 17; i++)
        ck_assert_uint_eq(out.bytes[i], i);
    ck_assert_uint_eq(read_reg(5) & 0x60, 0x60);
}
END_TEST

START_TEST(fifo_control_clears_and_identifies)
{
    ck_assert_uint_eq(read_reg(2) & 0xC0, 0);
    write_reg(2, 0xC1);
    ck_assert_uint_eq(read_reg(2) & 0xC0, 0xC0);
    receive('a');
    write_reg(2, 0xC3);
    ck_assert_uint_eq(read_reg(5) & 1, 0);
    write_reg(0, 'x');
    write_reg(0, 'y');
    write_reg(2, 0xC5); /* not the shift register */
    rig_pass_ms(&rig, 1);
    ck_assert_uint_eq(out.count, 1);
    receive('b');
    write_reg(2, 0x00); /* turning the FIFOs off empties them */
    ck_assert_uint_eq(read_reg(5) & 1, 0);
    write_reg(2, 0xC0); /* ignored without the enable bit */
    ck_assert_uint_eq(read_reg(2) & 0xC0, 0);
}
END_TEST

START_TEST(interrupts_need_out2)
{
    write_reg(4, 0x03);
    write_reg(1, 0x02);
    ck_assert(!irq.level);
    write_reg(4, 0x0B);
    ck_assert(irq.level);
    write_reg(4, 0x1B); /* loopback makes the pin inactive */
    ck_assert(!irq.level);
}
END_TEST

START_TEST(interrupt_priorities)
{
    write_reg(1, 0x0F);
    uart_set_lines(uart, 0);
    receive(0x41);
    ck_assert(uart_receive_break(uart) == false);
    ck_assert_uint_eq(read_reg(2), 0x04);
    read_reg(0);
    ck_assert(uart_receive_break(uart));
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(read_reg(2), 0x06);
    ck_assert_uint_eq(read_reg(5) & 0x1F, 0x19);
    ck_assert_uint_eq(read_reg(5) & 0x1E, 0); /* cleared by the read */
    ck_assert_uint_eq(read_reg(2), 0x04);
    ck_assert_uint_eq(read_reg(0), 0);
    ck_assert_uint_eq(read_reg(2), 0x02);
    ck_assert_uint_eq(read_reg(2), 0x00);
    read_reg(6);
    ck_assert_uint_eq(read_reg(2), 0x01);
}
END_TEST

START_TEST(modem_inputs_and_deltas)
{
    ck_assert_uint_eq(read_reg(6), 0xB0);
    uart_set_lines(uart, UART_CTS | UART_RI);
    ck_assert_uint_eq(read_reg(6), 0x5A); /* DSR and DCD went; RI came, which is no event */
    ck_assert_uint_eq(read_reg(6), 0x50);
    write_reg(1, 0x08);
    uart_set_lines(uart, UART_CTS);
    ck_assert(irq.level);
    ck_assert_uint_eq(ports_peek(rig.bus, BASE + 6, 1), 0x14);
    ck_assert_uint_eq(read_reg(6), 0x14); /* trailing edge of RI */
    ck_assert(!irq.level);
}
END_TEST

START_TEST(loopback_of_modem_lines_and_data)
{
    write_reg(4, 0x10);
    read_reg(6);
    static const uint8_t msr[16] = {0x00, 0x20, 0x10, 0x30, 0x40, 0x60, 0x50, 0x70,
                                    0x80, 0xA0, 0x90, 0xB0, 0xC0, 0xE0, 0xD0, 0xF0};
    for (unsigned i = 0; i < 16; i++) {
        write_reg(4, (uint8_t)(0x10 | i));
        ck_assert_uint_eq(read_reg(6) & 0xF0, msr[i]);
    }
    write_reg(4, 0x10);
    write_reg(0, 0x5A);
    ck_assert(!uart_receive(uart, 1)); /* the line is cut off */
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(out.count, 0);
    ck_assert_uint_eq(read_reg(5), 0x61);
    ck_assert_uint_eq(read_reg(0), 0x5A);
}
END_TEST

START_TEST(overrun_in_loopback)
{
    write_reg(4, 0x10);
    write_reg(0, 1);
    rig_pass_us(&rig, CHARACTER_US);
    write_reg(0, 2);
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(read_reg(5) & 0x03, 0x03);
    ck_assert_uint_eq(read_reg(5) & 0x02, 0);
    ck_assert_uint_eq(read_reg(0), 2); /* the old byte is lost */
    write_reg(2, 0x01);
    for (unsigned i = 0; i < 17; i++) {
        write_reg(0, (uint8_t)(0x10 + i));
        rig_pass_us(&rig, CHARACTER_US);
    }
    ck_assert_uint_eq(read_reg(5) & 0x02, 0x02);
    for (unsigned i = 0; i < 16; i++) /* the FIFO is not */
        ck_assert_uint_eq(read_reg(0), 0x10 + i);
}
END_TEST

START_TEST(break_holds_the_line)
{
    write_reg(3, 0x43);
    write_reg(0, 'x');
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(out.count, 0);
    write_reg(3, 0x03);
    write_reg(0, 'y');
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(out.count, 1);
    write_reg(4, 0x10);
    write_reg(3, 0x43);
    write_reg(0, 'z');
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(read_reg(5) & 0x11, 0x11);
    ck_assert_uint_eq(read_reg(0), 0);
}
END_TEST

START_TEST(fifo_error_bit_and_errors_at_the_top)
{
    write_reg(2, 0xC1);
    receive('a');
    ck_assert(uart_receive_break(uart));
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(read_reg(5) & 0x9F, 0x81); /* somewhere in the FIFO */
    ck_assert_uint_eq(read_reg(0), 'a');
    ck_assert_uint_eq(read_reg(5) & 0x9F, 0x99);
    ck_assert_uint_eq(read_reg(5) & 0x9F, 0x01);
}
END_TEST

START_TEST(several_uarts_live_side_by_side)
{
    struct collector other;
    struct uart_config config = {.base = 0x2F8, .out = collector_sink(&other), .line_rate = true};
    rig_add(&rig, &uart_type, "uart1", &config);
    out8(&rig, 0x2FB, 0x80);
    out8(&rig, 0x2F8, 1);
    out8(&rig, 0x2F9, 0);
    out8(&rig, 0x2FB, 0x03);
    out8(&rig, 0x2F8, 'B');
    write_reg(0, 'A');
    rig_pass_us(&rig, CHARACTER_US);
    ck_assert_uint_eq(out.bytes[0], 'A');
    ck_assert_uint_eq(other.bytes[0], 'B');
    struct error err;
    config.base = 0x3FC;
    ck_assert(!device_create(&rig.list, &uart_type, "uart2", &config, &err));
}
END_TEST

/* --- Serial mouse --- */

static struct serial_mouse *mouse;

static void plug_mouse(bool wheel)
{
    write_reg(4, 0x00);
    mouse = rig_add(&rig, &serial_mouse_type, NULL, &(struct serial_mouse_config){uart, wheel});
    write_reg(3, 0x80);
    write_reg(0, 96);
    write_reg(1, 0);
    write_reg(3, 0x02); /* 7N1 */
    write_reg(2, 0x07);
    write_reg(4, 0x09);
    rig_pass_ms(&rig, 10);
    write_reg(4, 0x0B);
    rig_pass_ms(&rig, 60);
}

static void expect_bytes(unsigned n, const uint8_t *bytes)
{
    for (unsigned i = 0; i < n; i++) {
        ck_assert_msg(read_reg(5) & 1, "byte %u did not come", i);
        ck_assert_uint_eq(read_reg(0), bytes[i]);
    }
    ck_assert_uint_eq(read_reg(5) & 1, 0);
}

START_TEST(mouse_says_m_when_powered)
{
    plug_mouse(false);
    expect_bytes(1, (const uint8_t[]){'M'});
    write_reg(4, 0x01);
    rig_pass_ms(&rig, 30);
    expect_bytes(0, NULL);
    write_reg(4, 0x03);
    rig_pass_ms(&rig, 30);
    expect_bytes(1, (const uint8_t[]){'M'});
}
END_TEST

START_TEST(mouse_packets)
{
    plug_mouse(false);
    read_reg(0);
    serial_mouse_move(mouse, 1, -1, 0, 1);
    rig_pass_ms(&rig, 60);
    expect_bytes(3, (const uint8_t[]){0x6C, 0x01, 0x3F});
    serial_mouse_move(mouse, -2, 64, 0, 2);
    rig_pass_ms(&rig, 60);
    expect_bytes(3, (const uint8_t[]){0x57, 0x3E, 0x00});
    serial_mouse_move(mouse, 0, 0, 5, 2); /* it has no wheel */
    rig_pass_ms(&rig, 60);
    expect_bytes(0, NULL);
}
END_TEST

START_TEST(mouse_with_wheel)
{
    plug_mouse(true);
    expect_bytes(2, (const uint8_t[]){'M', 'Z'});
    serial_mouse_move(mouse, 0, 0, 1, 4);
    rig_pass_ms(&rig, 60);
    expect_bytes(4, (const uint8_t[]){0x40, 0x00, 0x00, 0x1F});
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("uart");
    TCase *tc = tcase_create("16550A");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, reset_state);
    tcase_add_test(tc, registers_keep_only_their_bits);
    tcase_add_test(tc, byte_leaves_at_the_programmed_rate);
    tcase_add_test(tc, byte_leaves_at_once_where_the_line_has_no_rate);
    tcase_add_test(tc, five_bits_with_one_and_a_half_stop_bits);
    tcase_add_test(tc, divisor_zero_still_sends);
    tcase_add_test(tc, holding_register_empty_interrupt);
    tcase_add_test(tc, received_data_interrupt_without_fifo);
    tcase_add_test(tc, fifo_trigger_levels);
    tcase_add_test(tc, fifo_timeout_after_four_characters);
    tcase_add_test(tc, transmit_fifo_takes_sixteen);
    tcase_add_test(tc, fifo_control_clears_and_identifies);
    tcase_add_test(tc, interrupts_need_out2);
    tcase_add_test(tc, interrupt_priorities);
    tcase_add_test(tc, modem_inputs_and_deltas);
    tcase_add_test(tc, loopback_of_modem_lines_and_data);
    tcase_add_test(tc, overrun_in_loopback);
    tcase_add_test(tc, break_holds_the_line);
    tcase_add_test(tc, fifo_error_bit_and_errors_at_the_top);
    tcase_add_test(tc, several_uarts_live_side_by_side);
    suite_add_tcase(suite, tc);
    tc = tcase_create("serial mouse");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, mouse_says_m_when_powered);
    tcase_add_test(tc, mouse_packets);
    tcase_add_test(tc, mouse_with_wheel);
    suite_add_tcase(suite, tc);
    return rig_run(suite);
}
