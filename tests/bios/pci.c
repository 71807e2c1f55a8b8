/* The PCI BIOS, real mode and through BIOS32, and APM. */
#include "test.h"

static void check_real_mode(void)
{
    struct regs r = {0xb101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x1a, &r);
    CHECK(r.flags & CF, 0);
    CHECK(r.ax >> 8 & 0xff, 0);
    CHECK(r.dx, 0x20494350);
    CHECK(r.bx & 0xffff, 0x0210);
    /* the host bridge, by number and by class */
    outl(0xcf8, 0x80000000);
    u32 id = inl(0xcfc);
    at_si = 0;
    call(0x1a, 0xb102, 0, (u16)(id >> 16), (u16)id);
    CHECK(CARRY, 0);
    CHECK(BX, 0);
    at_si = 1;
    call(0x1a, 0xb102, 0x7777, (u16)(id >> 16), (u16)id);
    CHECK(CARRY, 1);
    CHECK(AH, 0x86);
    at_si = 0;
    call(0x1a, 0xb102, 0, 0, 0xffff);
    CHECK(AH, 0x83);
    struct regs c = {0xb103, 0, 0x060000, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x1a, &c);
    CHECK(c.flags & CF, 0);
    CHECK(c.bx & 0xffff, 0);
    /* the IDE function is found behind function 0 of its device */
    struct regs d = {0xb103, 0, 0x010180, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x1a, &d);
    CHECK(d.flags & CF, 0);
    CHECK(d.bx & 0xffff, 0x0009);
    at_di = 0;
    call(0x1a, 0xb109, 0x0000, 0, 0);
    CHECK(CX, id & 0xffff);
    call(0x1a, 0xb108, 0x0000, 0, 0);
    CHECK(CX & 0xff, id & 0xff);
    struct regs e = {0xb10a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x1a, &e);
    CHECK(e.cx, id);
    at_di = 1;
    call(0x1a, 0xb109, 0, 0, 0);
    CHECK(AH, 0x87);
    at_di = 2;
    call(0x1a, 0xb10a, 0, 0, 0);
    CHECK(AH, 0x87);
    /* writing: the router's line D, and back */
    at_di = 0x63;
    call(0x1a, 0xb10b, 0x0008, 0x0005, 0);
    CHECK(AH, 0);
    call(0x1a, 0xb108, 0x0008, 0, 0);
    CHECK(CX & 0xff, 0x05);
    at_di = 0x62;
    call(0x1a, 0xb10c, 0x0008, 0x0b0b, 0);
    call(0x1a, 0xb109, 0x0008, 0, 0);
    CHECK(CX, 0x0b0b);
    call(0x1a, 0xb106, 0, 0, 0);
    CHECK(AH, 0x81);
    CHECK(CARRY, 1);
}

static u8 slots[1024] __attribute__((aligned(4)));

static void check_routing(void)
{
    static struct {
        u16 size, off, seg;
    } buffer;
    buffer.size = 4;
    at_es = 0;
    at_di = (u32)&buffer;
    call(0x1a, 0xb10e, 0, 0, 0);
    CHECK(AH, 0x89);
    CHECK(buffer.size >= 16 && buffer.size <= sizeof(slots), 1);
    buffer.off = (u16)(u32)slots;
    buffer.seg = 0;
    buffer.size = sizeof(slots);
    call(0x1a, 0xb10e, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(BX, 0x0c00);
    CHECK(slots[1], 0x08); /* device 1 */
    CHECK(slots[2], 0x60);
    CHECK(slots[5], 0x61);
    /* device 2 pin A is routed by 61h of the bridge: to 5 and back */
    call(0x1a, 0xb10f, 0x0010, 0x050a, 0);
    CHECK(CARRY, 0);
    at_di = 0x61;
    call(0x1a, 0xb108, 0x0008, 0, 0);
    CHECK(CX & 0xff, 5);
    CHECK(inb(0x4d0) | inb(0x4d1) << 8, 0x0c20);
    call(0x1a, 0xb10f, 0x0010, 0x0a0a, 0);
    CHECK(CARRY, 0);
    call(0x1a, 0xb10f, 0x0010, 0x010a, 0);
    CHECK(AH, 0x88);
    call(0x1a, 0xb10f, 0x0010, 0x0a0e, 0);
    CHECK(AH, 0x88);
}

static void check_resources(void)
{
    /* every memory and I/O base of the display is set, inside the windows, and decoded */
    outl(0xcf8, 0x80001010);
    u32 frame = inl(0xcfc);
    CHECK(frame >= 0xe0000000 && frame < 0xfec00000, 1);
    outl(0xcf8, 0x80001004);
    CHECK(inl(0xcfc) & 3, 3);
    outl(0xcf8, 0x80000920);
    u32 master = inl(0xcfc);
    CHECK(master & 1, 1);
    CHECK((master & 0xfffc) >= 0xc000, 1);
    outl(0xcf8, 0x80000860);
    CHECK(inl(0xcfc), 0x0b0b0a0a);
}

static void check_bios32(void)
{
    u32 at = 0xf0000;
    while (at < 0x100000 && peek32((u16)(at >> 4), 0) != 0x5f32335f)
        at += 16;
    CHECK(at < 0x100000, 1);
    u32 entry = peek32((u16)(at >> 4), 4);
    far_selector = 8;
    struct regs r = {0x49435024, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    call_protected(entry, &r);
    CHECK(r.ax & 0xff, 0);
    u32 pci = r.bx + r.dx;
    CHECK(r.dx < r.cx, 1);
    struct regs unknown = {0x12345678, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    call_protected(entry, &unknown);
    CHECK(unknown.ax & 0xff, 0x80);
    struct regs p = {0xb181, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(call_protected(pci, &p) & CF, 0);
    CHECK(p.dx, 0x20494350);
    struct regs f = {0xb103, 0, 0x010180, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(call_protected(pci, &f) & CF, 0);
    CHECK(f.bx & 0xffff, 0x0009);
    struct regs n = {0xb103, 0, 0x123456, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(call_protected(pci, &n) & CF, CF);
    CHECK(n.ax >> 8 & 0xff, 0x86);
}

static void check_apm(void)
{
    call(0x15, 0x5300, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(after.ax & 0xffff, 0x0102);
    CHECK(BX, 0x504d);
    CHECK(CX & 3, 3);
    call(0x15, 0x5305, 0, 0, 0);
    CHECK(CARRY, 1); /* not connected */
    CHECK(AH, 3);
    call(0x15, 0x5301, 0, 0, 0);
    CHECK(CARRY, 0);
    call(0x15, 0x5301, 0, 0, 0);
    CHECK(AH, 2);
    call(0x15, 0x530e, 0, 0x0102, 0);
    CHECK(after.ax & 0xffff, 0x0102);
    call(0x15, 0x530a, 1, 0, 0);
    CHECK(BX >> 8, 1);
    call(0x15, 0x530b, 0, 0, 0);
    CHECK(AH, 0x80);
    u32 start = ticks();
    call(0x15, 0x5305, 0, 0, 0);
    CHECK(CARRY, 0);
    CHECK(ticks() - start <= 2, 1);
    call(0x15, 0x5304, 0, 0, 0);
    CHECK(CARRY, 0);
    /* 32 bits: the same function through the far entry */
    struct regs r = {0x5303, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    interrupt(0x15, &r);
    CHECK(r.flags & CF, 0);
    CHECK(r.ax & 0xffff, 0xf000);
    CHECK(r.dx & 0xffff, 0x0040);
    far_selector = 0x28;
    struct regs s = {0x530a, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(call_protected(r.bx, &s) & CF, 0);
    CHECK(s.bx >> 8 & 0xff, 1);
    struct regs t = {0x5304, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    CHECK(call_protected(r.bx, &t) & CF, 0);
    CHECK(call_protected(r.bx, &t) & CF, CF);
}

void test(void)
{
    check_real_mode();
    check_routing();
    check_resources();
    check_bios32();
    check_apm();
}
