/* INT 15h C2h, the PS/2 mouse (PS/2 BIOS Interface Technical Reference, pointing device interface). */
#include "bios/bda.h"
#include "bios/resident.h"
#include "bios/services.h"

enum { MOUSE_OK, BAD_FUNCTION, BAD_INPUT, INTERFACE_ERROR, RESEND, NO_HANDLER };
enum { ACK = 0xfa, NACK = 0xfe };
enum { HANDLER_SET = 0x80 };
enum { CMD_BYTE_IRQ12 = 0x02, CMD_BYTE_MOUSE_OFF = 0x20 };

/* Sets and clears bits of the controller's command byte. */
static int change_command_byte(u8 clear, u8 set)
{
    int old;
    if (!kbc_write_command(0x20))
        return 0;
    old = kbc_read(20000);
    if (old < 0)
        return 0;
    return kbc_write_command(0x60) && kbc_write_data((u8)((old & ~clear) | set));
}

/* While a command runs, the keyboard is held and the answers come by polling. */
static void begin_commands(void)
{
    interrupts_off();
    kbc_write_command(0xad);
    change_command_byte(CMD_BYTE_MOUSE_OFF | CMD_BYTE_IRQ12, 0);
}

static void end_commands(void)
{
    change_command_byte(0, CMD_BYTE_IRQ12);
    kbc_write_command(0xae);
}

static u8 send(u8 byte)
{
    int answer = mouse_send(byte);
    if (answer == ACK)
        return MOUSE_OK;
    return answer == NACK ? RESEND : INTERFACE_ERROR;
}

static u8 send2(u8 command, u8 value)
{
    u8 status = send(command);
    return status == MOUSE_OK ? send(value) : status;
}

static u8 enable(struct regs *r)
{
    if (r->bh > 1)
        return BAD_INPUT;
    if (r->bh == 1 && !(ebda.mouse_flags2 & HANDLER_SET))
        return NO_HANDLER;
    ebda.mouse_flags1 = 0;
    return send(r->bh ? 0xf4 : 0xf5);
}

/* The mouse answers a reset after its self test, which takes up to half a second. */
static u8 reset(struct regs *r)
{
    u8 status = send(0xff);
    int result, id;
    if (status != MOUSE_OK)
        return status;
    result = mouse_read(1500000);
    id = mouse_read(100000);
    if (result != 0xaa || id < 0)
        return INTERFACE_ERROR;
    r->bl = (u8)result;
    r->bh = (u8)id;
    ebda.mouse_flags1 = 0;
    return MOUSE_OK;
}

static u8 sample_rate(u8 code)
{
    static const u8 ROM rates[] = {10, 20, 40, 60, 80, 100, 200};
    return code < sizeof(rates) ? send2(0xf3, rates[code]) : BAD_INPUT;
}

static u8 resolution(u8 code)
{
    return code < 4 ? send2(0xe8, code) : BAD_INPUT;
}

static u8 device_type(struct regs *r)
{
    u8 status = send(0xf2);
    int id;
    if (status != MOUSE_OK)
        return status;
    id = mouse_read(50000);
    if (id < 0)
        return INTERFACE_ERROR;
    r->bh = (u8)id;
    return MOUSE_OK;
}

static u8 initialise(struct regs *r)
{
    if (r->bh < 1 || r->bh > 8)
        return BAD_INPUT;
    ebda.mouse_flags1 = 0;
    ebda.mouse_flags2 = (u8)((ebda.mouse_flags2 & HANDLER_SET) | (r->bh - 1));
    return reset(r);
}

static u8 read_status(struct regs *r)
{
    u8 status = send(0xe9);
    int byte[3];
    if (status != MOUSE_OK)
        return status;
    for (u8 i = 0; i < 3; i++) {
        byte[i] = mouse_read(50000);
        if (byte[i] < 0)
            return INTERFACE_ERROR;
    }
    r->bl = (u8)byte[0];
    r->cl = (u8)byte[1];
    r->dl = (u8)byte[2];
    return MOUSE_OK;
}

static u8 extended(struct regs *r)
{
    switch (r->bh) {
    case 0:
        return read_status(r);
    case 1:
        return send(0xe6);
    case 2:
        return send(0xe7);
    default:
        return BAD_INPUT;
    }
}

/* AL=07h: ES:BX is called with each packet; 0:0 takes the handler away. */
static u8 set_handler(struct regs *r)
{
    ebda.mouse_handler.seg = r->es;
    ebda.mouse_handler.off = r->bx;
    if (r->es || r->bx)
        ebda.mouse_flags2 |= HANDLER_SET;
    else
        ebda.mouse_flags2 &= (u8)~HANDLER_SET;
    ebda.mouse_flags1 = 0;
    return MOUSE_OK;
}

static u8 read_raw(struct regs *r)
{
    int byte[3];
    for (u8 i = 0; i < 3; i++) {
        byte[i] = mouse_read(50000);
        if (byte[i] < 0)
            return INTERFACE_ERROR;
    }
    r->bl = (u8)byte[0];
    r->cl = (u8)byte[1];
    r->dl = (u8)byte[2];
    return MOUSE_OK;
}

static u8 command(struct regs *r)
{
    switch (r->al) {
    case 0x00:
        return enable(r);
    case 0x01:
        return reset(r);
    case 0x02:
        return sample_rate(r->bh);
    case 0x03:
        return resolution(r->bh);
    case 0x04:
        return device_type(r);
    case 0x05:
        return initialise(r);
    case 0x06:
        return extended(r);
    case 0x08:
        return send(r->dl);
    case 0x09:
        return read_raw(r);
    default:
        return BAD_FUNCTION;
    }
}

void mouse_service(struct regs *r)
{
    u8 status;
    if (!resident.has_mouse) {
        status = INTERFACE_ERROR;
    } else if (r->al == 0x07) {
        status = set_handler(r);
    } else {
        begin_commands();
        status = command(r);
        end_commands();
    }
    set_status(r, status);
}

/* Looks for a mouse: it acknowledges "set defaults". Leaves it silent until a driver asks. */
void mouse_init(void)
{
    memset(&ebda.mouse_handler, 0, 14);
    ebda.mouse_flags2 = 2;
    kbc_write_command(0xad);
    kbc_write_command(0xa8);
    resident.has_mouse = mouse_send(0xf6) == ACK;
    if (resident.has_mouse) {
        mouse_send(0xf5);
        bda.equipment |= 4;
    } else {
        kbc_write_command(0xa7);
    }
    kbc_write_command(0xae);
}
