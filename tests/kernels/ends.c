/* APM's 32-bit interface, and the ways to end: power off, and resets after which the kernel finds its mark in
 * the CMOS memory. */
#include "tests/kernels/kernel.h"

static struct {
    u32 offset;
    u16 selector;
} __attribute__((packed)) apm_entry;

/* Connects by the 32-bit interface; false: there is no APM. */
static bool connect(void)
{
    struct bios r = {.eax = 0x5300};
    call(0x15, &r);
    if (r.flags & FLAG_CF || (r.ebx & 0xFFFF) != 0x504D || !(r.ecx & 2))
        return false;
    r = (struct bios){.eax = 0x5304}; /* a loader may have connected */
    call(0x15, &r);
    r = (struct bios){.eax = 0x5303};
    call(0x15, &r);
    if (r.flags & FLAG_CF)
        return false;
    set_descriptor(APM_CODE, (r.eax & 0xFFFF) << 4, 0xFFFF, 0x9B, 4);
    set_descriptor(APM_CODE16, (r.ecx & 0xFFFF) << 4, 0xFFFF, 0x9B, 0);
    set_descriptor(APM_DATA, (r.edx & 0xFFFF) << 4, 0xFFFF, 0x93, 4);
    apm_entry.offset = r.ebx;
    apm_entry.selector = APM_CODE;
    return true;
}

static bool apm(u32 *eax, u32 *ebx, u32 *ecx)
{
    static u8 carry;
    u32 edx = 0;
    __asm__ volatile("pushl %%ebp; lcall *apm_far; popl %%ebp; setc %0"
                     : "=m"(carry), "+a"(*eax), "+b"(*ebx), "+c"(*ecx), "+d"(edx)::"esi", "edi", "memory",
                       "cc");
    return !carry;
}
void name_apm(void);
void name_apm(void)
{
    __asm__(".globl apm_far\n.set apm_far, %c0" ::"i"(&apm_entry));
}

void test_apm(void)
{
    bool there = connect();
    if (!there) {
        print("note: no APM\n");
        return;
    }
    u32 eax = 0x530E, ebx = 0, ecx = 0x0102;
    row(apm(&eax, &ebx, &ecx) && (eax & 0xFFFF) == 0x0102, "APM's driver version by its 32-bit entry");
    eax = 0x530A, ebx = 1, ecx = 0;
    row(apm(&eax, &ebx, &ecx) && (ebx >> 8 & 0xFF) == 1, "the power status: on line");
    eax = 0x5305, ebx = 0;
    row(apm(&eax, &ebx, &ecx), "CPU idle");
    eax = 0x530B, ebx = 0;
    row(!apm(&eax, &ebx, &ecx) && (eax >> 8 & 0xFF) == 0x80, "no event");
    eax = 0x530A, ebx = 0x7777;
    row(!apm(&eax, &ebx, &ecx) && (eax >> 8 & 0xFF) == 9, "an unknown device is refused");
    eax = 0x5304, ebx = 0;
    row(apm(&eax, &ebx, &ecx), "disconnected");
}

static void off_by_apm(void)
{
    u32 eax = 0x530E, ebx = 0, ecx = 0x0102;
    start_ticks();
    if (!connect() || !apm(&eax, &ebx, &ecx))
        return;
    eax = 0x5308, ebx = 1, ecx = 1;
    apm(&eax, &ebx, &ecx);
    eax = 0x5307, ebx = 1, ecx = 3;
    apm(&eax, &ebx, &ecx);
}

/* As small kernels do it: the type of \_S5 is looked for in the DSDT's bytes. */
static void off_by_acpi(void)
{
    const u8 *fadt = find_acpi("FACP");
    if (!fadt)
        return;
    const u8 *dsdt = *(const u8 *const *)(fadt + 40);
    u32 size = *(const u32 *)(dsdt + 4);
    u16 control = *(const u16 *)(fadt + 64);
    u8 enable = fadt[52];
    if (!(inw(control) & 1) && enable) {
        outb(*(const u16 *)(fadt + 48), enable);
        while (!(inw(control) & 1))
            ;
    }
    for (const u8 *at = dsdt + 36; at < dsdt + size - 8; at++) {
        if (memcmp(at, "_S5_", 4) || at[4] != 0x12)
            continue;
        at += (at[5] >> 6) + 7;
        u16 type = at[0] == 0x0A ? at[1] : at[0];
        outw(control, (u16)(type << 10 | 1 << 13));
        return;
    }
}

enum { MARK_INDEX = 0x60 };
static u8 cmos_mark(int value)
{
    outb(0x70, MARK_INDEX | 0x80);
    if (value >= 0)
        outb(0x71, (u8)value);
    return inb(0x71);
}

static void reset_by(const char *line)
{
    if (has_word(line, "reset=8042")) {
        while (inb(0x64) & 2)
            ;
        outb(0x64, 0xFE);
    }
    if (has_word(line, "reset=92")) {
        outb(0x92, (u8)(inb(0x92) & ~1));
        outb(0x92, (u8)(inb(0x92) | 1));
    }
    if (has_word(line, "reset=cf9")) {
        outb(0xCF9, 2);
        outb(0xCF9, 6);
    }
    if (has_word(line, "reset=triple")) {
        u32 none[2] = {0, 0};
        __asm__ volatile("lidtl %0; int3" ::"m"(none));
    }
}

void end_as_told(const char *line)
{
    if (has_word(line, "off=apm"))
        off_by_apm();
    else if (has_word(line, "off=acpi"))
        off_by_acpi();
    else if (cmos_mark(-1) == 0x5A) {
        cmos_mark(0);
        row(true, "started again");
        leave(0);
    } else if (has_word(line, "reset=8042") || has_word(line, "reset=92") || has_word(line, "reset=cf9") ||
               has_word(line, "reset=triple")) {
        cmos_mark(0x5A);
        reset_by(line);
    } else
        return;
    for (volatile u32 i = 0; i < 50000000; i++)
        ;
    row(false, "nothing came of %s", line);
    leave(0);
}
