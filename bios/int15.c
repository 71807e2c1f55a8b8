/* INT 15h: system services that are not the mouse's, APM's or in assembly (modes.S). */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"
#include "bios/timer.h"

enum { UNSUPPORTED = 0x86, SMAP = 0x534d4150 };
/* ACPI 3.0, 14.1: callers with room for 24 bytes get attributes behind the row, of which bit 0 says that it
 * counts. */
enum { EXTENDED_ROW = 24, ROW_ENABLED = 1 };

static void fail(struct regs *r, u8 code)
{
    r->ah = code;
    set_carry(r);
}

static void succeed(struct regs *r)
{
    r->ah = 0;
    clear_carry(r);
}

/* AH=24h: the A20 gate. */
static void a20_service(struct regs *r)
{
    u8 port = inb(0x92);
    switch (r->al) {
    case 0x00:
        outb(0x92, port & 0xfc);
        break;
    case 0x01:
        outb(0x92, (u8)((port & 0xfe) | 2));
        break;
    case 0x02:
        r->al = port >> 1 & 1;
        break;
    case 0x03:
        r->bx = 3; /* by the keyboard controller and by port 92h */
        break;
    default:
        fail(r, UNSUPPORTED);
        return;
    }
    succeed(r);
}

/* AH=83h, 86h: the clock's 1024 Hz interrupt (irq.S) counts down and raises bit 7 of a byte. */

static void start_wait(u16 seg, u16 off, u32 us)
{
    bda.wait_flag.seg = seg;
    bda.wait_flag.off = off;
    bda.wait_us = us;
    bda.wait_active |= 1;
    outb(0xa1, inb(0xa1) & 0xfe);
    cmos_write(0x0a, 0x26);
    cmos_read(0x0c); /* a period that ended before is none of this wait */
    cmos_write(0x0b, cmos_read(0x0b) | 0x40);
    cmos_done();
}

static void stop_wait(void)
{
    cmos_write(0x0b, cmos_read(0x0b) & 0xbf);
    cmos_done();
    bda.wait_active = 0;
}

static void event_wait(struct regs *r)
{
    if (r->al == 1) {
        stop_wait();
        succeed(r);
    } else if (r->al != 0 || bda.wait_active & 1) {
        fail(r, r->al ? UNSUPPORTED : 0x83);
    } else {
        start_wait(r->es, r->bx, (u32)r->cx << 16 | r->dx);
        succeed(r);
    }
}

/* Waits of a few interrupts' length are timed directly; longer ones sleep. */
static void wait(struct regs *r)
{
    u32 us = (u32)r->cx << 16 | r->dx;
    struct timeout limit;
    if (bda.wait_active & 1) {
        fail(r, 0x83);
        return;
    }
    if (us < 3000) {
        interrupts_on();
        delay_us(us);
        succeed(r);
        return;
    }
    bda.wait_active = 0;
    start_wait(0x40, __builtin_offsetof(struct bda, wait_active), us);
    timeout_start(&limit, us + us / 64 + 120000);
    while (!(bda.wait_active & 0x80) && !timeout_passed(&limit))
        wait_for_interrupt();
    stop_wait();
    succeed(r);
}

/* AH=84h: the game port. A resistance is the time that its bit stays set after a write to the port. */
static void joystick(struct regs *r)
{
    u16 count[4] = {0, 0, 0, 0};
    if (r->dx == 0) {
        r->al = inb(0x201) & 0xf0;
    } else if (r->dx == 1) {
        struct timeout t;
        interrupts_off();
        timeout_start(&t, 3000);
        outb(0x201, 0);
        while (inb(0x201) & 0x0f && !timeout_passed(&t)) {
            u8 axes = inb(0x201);
            u16 passed = (u16)((3000 - t.left) / 4);
            for (u8 i = 0; i < 4; i++)
                if (axes & 1 << i)
                    count[i] = passed;
        }
        for (u8 i = 0; i < 4; i++)
            if (inb(0x201) & 1 << i)
                count[i] = 0; /* nothing connected */
        r->ax = count[0];
        r->bx = count[1];
        r->cx = count[2];
        r->dx = count[3];
        clear_carry(r);
        return;
    } else {
        fail(r, UNSUPPORTED);
        return;
    }
    clear_carry(r);
}

/* Memory sizes. */

static u32 below_16m_kb(void)
{
    u32 kb = resident.memory_above_1m_kb;
    return kb > 0x3c00 ? 0x3c00 : kb;
}

static u32 above_16m_64k(void)
{
    u32 kb = resident.memory_above_1m_kb;
    return kb > 0x3c00 ? (kb - 0x3c00) / 64 : 0;
}

static void extended_memory(struct regs *r)
{
    u32 kb = resident.memory_above_1m_kb;
    r->ax = (u16)(kb > 0xfc00 ? 0xfc00 : kb);
    clear_carry(r);
}

static void memory_map(struct regs *r)
{
    u32 length = r->ecx;
    if (r->edx != SMAP || length < sizeof(struct e820_row) || r->ebx >= resident.e820_count) {
        fail(r, UNSUPPORTED);
        return;
    }
    for (u16 i = 0; i < sizeof(struct e820_row); i++)
        poke8(r->es, (u16)(r->di + i), ((const u8 ROM *)&resident.e820[r->ebx])[i]);
    r->ecx = sizeof(struct e820_row);
    if (length >= EXTENDED_ROW) {
        poke32(r->es, (u16)(r->di + sizeof(struct e820_row)), ROW_ENABLED);
        r->ecx = EXTENDED_ROW;
    }
    r->eax = SMAP;
    r->ebx++;
    if (r->ebx >= resident.e820_count)
        r->ebx = 0;
    clear_carry(r);
}

static void big_memory(struct regs *r)
{
    switch (r->al) {
    case 0x01:
        r->ax = r->cx = (u16)below_16m_kb();
        r->bx = r->dx = (u16)above_16m_64k();
        clear_carry(r);
        break;
    case 0x20:
        memory_map(r);
        break;
    case 0x81:
        r->eax = r->ecx = below_16m_kb();
        r->ebx = r->edx = above_16m_64k();
        clear_carry(r);
        break;
    default:
        fail(r, UNSUPPORTED);
        break;
    }
}

/* AH=8Ah: all memory above 1 MB in KB, DX:AX. */
static void big_extended_memory(struct regs *r)
{
    r->ax = (u16)resident.memory_above_1m_kb;
    r->dx = (u16)(resident.memory_above_1m_kb >> 16);
    clear_carry(r);
}

/* AH=21h: the log of POST errors, which is empty; POST stops at what it could log. */
static void post_error_log(struct regs *r)
{
    if (r->al == 0) {
        r->bx = 0;
        r->es = 0xf000;
        r->di = 0xe6f5;
        succeed(r);
    } else {
        fail(r, r->al == 1 ? 0x01 : UNSUPPORTED); /* full */
    }
}

static void configuration_table(struct regs *r)
{
    r->es = 0xf000;
    r->bx = 0xe6f5;
    succeed(r);
}

void int15(struct regs *r)
{
    switch (r->ah) {
    case 0x21:
        post_error_log(r);
        break;
    case 0x24:
        a20_service(r);
        break;
    case 0x52: /* removal of a medium is asked for: INT 13h 46h asks here first (EDD 3.0) */
    case 0x80: /* device open, close, program termination: for multitaskers to intercept */
    case 0x81:
    case 0x82:
    case 0x85: /* SysReq */
        succeed(r);
        break;
    case 0x83:
        event_wait(r);
        break;
    case 0x84:
        joystick(r);
        break;
    case 0x86:
        wait(r);
        break;
    case 0x88:
        extended_memory(r);
        break;
    case 0x8a:
        big_extended_memory(r);
        break;
    case 0xc0:
        configuration_table(r);
        break;
    case 0xc1:
        r->es = bda.ebda_segment;
        clear_carry(r);
        break;
    case 0xc2:
        mouse_service(r);
        break;
    case 0xe8:
        big_memory(r);
        break;
    default: /* 00h-03h cassette, BFh, D8h EISA, ... */
        fail(r, UNSUPPORTED);
        break;
    }
}
