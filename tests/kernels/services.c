/* More of the BIOS's services: the A20 gate, moves of memory, waits, the PCI BIOS by INT 1Ah and by its
 * 32-bit entry, APM by its real-mode and 16-bit interfaces. Sources: Ralf Brown's list for INT 15h; PCI BIOS
 * Specification 2.1; APM 1.2. */
#include "tests/kernels/kernel.h"

static u8 ah(const struct bios *r)
{
    return (u8)(r->eax >> 8);
}

static bool failed(const struct bios *r)
{
    return r->flags & FLAG_CF;
}

static bool wraps(void)
{
    volatile u32 *low = (volatile u32 *)0x9100, *high = (volatile u32 *)0x109100;
    u32 saved = *high;
    *low = 0x13572468;
    *high = 0x24681357;
    bool same = *low == *high;
    if (!same)
        *high = saved;
    return same;
}

static void test_a20_gate(void)
{
    struct bios r = {.eax = 0x2403};
    call(0x15, &r);
    row(!failed(&r) && !ah(&r) && (r.ebx & 3) == 3, "INT 15h 2403h: A20 by the 8042 and by port 92h");
    r = (struct bios){.eax = 0x2400};
    call(0x15, &r);
    bool good = !failed(&r) && wraps();
    r = (struct bios){.eax = 0x2402};
    call(0x15, &r);
    row(good && !failed(&r) && !(r.eax & 0xFF), "2400h closes it, 2402h says so");
    r = (struct bios){.eax = 0x2401};
    call(0x15, &r);
    good = !failed(&r) && !wraps();
    r = (struct bios){.eax = 0x2402};
    call(0x15, &r);
    row(good && (r.eax & 0xFF) == 1, "2401h opens it");
    r = (struct bios){.eax = 0x2477};
    call(0x15, &r);
    row(failed(&r) && ah(&r) == 0x86, "an unknown one is refused");
}

static bool move(u32 from, u32 to, u32 words)
{
    u64 *table = (u64 *)(LOW_BUFFER + 0x100);
    memset(table, 0, 48);
    table[2] = 0xFFFF | (u64)(from & 0xFFFFFF) << 16 | 0x930000000000ull | (u64)(from >> 24) << 56;
    table[3] = 0xFFFF | (u64)(to & 0xFFFFFF) << 16 | 0x930000000000ull | (u64)(to >> 24) << 56;
    struct bios r = {.eax = 0x8700, .ecx = words, .esi = 0x100, .es = LOW_BUFFER >> 4};
    call(0x15, &r);
    return !failed(&r) && !ah(&r);
}

static void test_moves(void)
{
    u8 *high = (u8 *)0x2000000, *second = (u8 *)0x2800000;
    for (u32 i = 0; i < 65536; i++)
        high[i] = (u8)(i * 3 + (i >> 8));
    memset(second, 0, 65537);
    row(move((u32)high, (u32)second, 0x8000) && !memcmp(high, second, 65536) && !second[65536],
        "INT 15h 87h moves 8000h words from 32 to 40 MB");
    row(move((u32)high + 1, LOW_BUFFER + 0x4001, 0x1000) &&
            !memcmp(high + 1, (u8 *)LOW_BUFFER + 0x4001, 0x2000),
        "from odd to odd addresses, below 1 MB");
    u8 before = second[0];
    row(move((u32)high + 5, (u32)second, 0) && second[0] == before, "no words");
    for (u32 i = 0; i < 32; i++)
        high[0x100000 + i] = (u8)(i + 99);
    struct bios r = {.eax = 0x2400};
    call(0x15, &r);
    bool good = move((u32)high + 0x100000, (u32)second, 16);
    r = (struct bios){.eax = 0x2402};
    call(0x15, &r);
    row(good && !failed(&r) && !(r.eax & 0xFF), "a closed A20 is closed after a move");
    r = (struct bios){.eax = 0x2401};
    call(0x15, &r);
    row(!memcmp(second, high + 0x100000, 32), "but was open for it");
}

static void test_waits(void)
{
    u32 start = pm_timer();
    struct bios r = {.eax = 0x8600, .ecx = 0, .edx = 50000};
    call(0x15, &r);
    u32 passed = ((pm_timer() - start) & 0xFFFFFF) / 3580;
    row(!failed(&r) && passed >= 49 && passed <= 55, "INT 15h 86h waits for 50 ms, to the clock's 1/1024 s");
    r = (struct bios){.eax = 0xC000};
    call(0x15, &r);
    const u8 *table = (const u8 *)((u32)r.es * 16 + (r.ebx & 0xFFFF));
    row(!failed(&r) && *(const u16 *)table >= 8 && table[2] == 0xFC, "INT 15h C0h: an AT");
    r = (struct bios){.eax = 0xC100};
    call(0x15, &r);
    row(!failed(&r) && r.es == *(volatile u16 *)0x40E && *(volatile u16 *)0x413 == r.es / 64,
        "INT 15h C1h: the EBDA's segment, at the end of the base memory");
}

/* --- PCI --- */

static u8 pci_call(struct bios *r, u8 function)
{
    r->eax = 0xB100u | function;
    call(0x1A, r);
    return failed(r) ? ah(r) : ah(r) ? 0xFF : 0;
}

static void test_pci_bios(void)
{
    struct bios r = {0};
    row(!pci_call(&r, 1) && (r.eax & 0x33) == 1, "the PCI BIOS has mechanism 1 and not 2");
    row((r.ebx & 0xFFFF) >= 0x200 && !(r.ecx & 0xFF), "in version 2, with one bus");
    r = (struct bios){.edx = 0x8086, .ecx = 0x1237};
    row(!pci_call(&r, 2) && !(r.ebx & 0xFFFF), "it finds the host bridge");
    r = (struct bios){.edx = 0x8086, .ecx = 0x1237, .esi = 1};
    row(pci_call(&r, 2) == 0x86, "but no second one");
    r = (struct bios){.edx = 0xFFFF, .ecx = 0xFFFF};
    row(pci_call(&r, 2) == 0x83, "no vendor FFFFh");
    r = (struct bios){.ecx = 0x010180};
    row(!pci_call(&r, 3) && (r.ebx & 0xFF) == 9, "the IDE controller by its class");
    r = (struct bios){.ecx = 0x0C0310};
    row(pci_call(&r, 3) == 0x86, "no other class");
    r = (struct bios){.ebx = 9, .edi = 0x20};
    row(!pci_call(&r, 0x0A) && r.ecx == pci_read(1, 1, 0x20), "it reads double words");
    r = (struct bios){.ebx = 9, .edi = 2, .ecx = 0xAABB0000};
    row(!pci_call(&r, 9) && (r.ecx & 0xFFFF) == 0x7010, "and words");
    r = (struct bios){.ebx = 9, .edi = 0x0B};
    row(!pci_call(&r, 8) && (r.ecx & 0xFF) == 1, "and bytes");
    r = (struct bios){.ebx = 9, .edi = 1};
    row(pci_call(&r, 9) == 0x87, "no odd words");
    r = (struct bios){.ebx = 9, .edi = 0x0D, .ecx = 0x50};
    row(!pci_call(&r, 0x0B) && (pci_read(1, 1, 0x0C) >> 8 & 0xF0) == 0x50, "and writes bytes");
    r = (struct bios){.ebx = 0};
    row(pci_call(&r, 6) == 0x81, "no special cycles");
    r = (struct bios){.ebx = 0x55};
    row(pci_call(&r, 0x77) == 0x81, "an unknown function is unsupported");
    struct {
        u16 size, offset, segment;
    } __attribute__((packed)) *options = (void *)(LOW_BUFFER + 0x200);
    options->size = 0;
    options->offset = 0x300;
    options->segment = LOW_BUFFER >> 4;
    r = (struct bios){.edi = 0x200, .es = LOW_BUFFER >> 4, .ds = 0xF000};
    u8 status = pci_call(&r, 0x0E);
    u16 size = options->size;
    row(status == 0x89 && size >= 16 && !(size % 16), "its routing table does not fit into nothing");
    options->size = 0x400;
    r = (struct bios){.edi = 0x200, .es = LOW_BUFFER >> 4, .ds = 0xF000};
    row(!pci_call(&r, 0x0E) && options->size == size && r.ebx & 0x0E00, "but into 1 KB, with its interrupts");
}

/* BIOS32: a directory in the last 128 KB tells the entry of "$PCI". */
static struct {
    u32 offset;
    u16 selector;
} __attribute__((packed)) far_entry;

void name_far_entry(void);
void name_far_entry(void)
{
    __asm__(".globl services_far\n.set services_far, %c0" ::"i"(&far_entry));
}

/* Flags' lowest byte comes back in *carry. */
static void far_call(u32 *eax, u32 *ebx, u32 *ecx, u32 *edx, u32 edi, bool *carry)
{
    u8 flag;
    __asm__ volatile("pushl %%ebp; lcall *services_far; popl %%ebp; setc %4"
                     : "+a"(*eax), "+b"(*ebx), "+c"(*ecx), "+d"(*edx), "=m"(flag), "+D"(edi)::"esi", "memory",
                       "cc");
    *carry = flag;
}

static void test_bios32(void)
{
    const u8 *directory = 0;
    for (const u8 *at = (const u8 *)0xE0000; at < (const u8 *)0x100000 && !directory; at += 16)
        if (!memcmp(at, "_32_", 4) && sum_is_0(at, at[9] * 16u))
            directory = at;
    row(directory, "the BIOS32 directory");
    if (!directory)
        return;
    bool carry;
    u32 eax = 0x49435024, ebx = 0, ecx = 0, edx = 0; /* "$PCI" */
    far_entry.offset = *(const u32 *)(directory + 4);
    far_entry.selector = CODE;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row(!(eax & 0xFF) && ebx >= 0xE0000 && ebx + edx < 0x100000 && edx < ecx, "has the PCI BIOS");
    u32 base = ebx, entry = edx, length = ecx;
    eax = 0x58585858, ebx = 0;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row((eax & 0xFF) == 0x80, "and not another service");
    eax = 0x49435024, ebx = 1;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row((eax & 0xFF) == 0x81, "nor another function");
    /* Called with segments that begin at the service's base and end with it. */
    set_descriptor(APM_CODE, base, (length - 1) >> 12, 0x9B, 0xC);
    far_entry.offset = entry;
    far_entry.selector = APM_CODE;
    eax = 0xB101, ebx = ecx = edx = 0;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row(!carry && edx == 0x20494350, "which is called in segments of its own");
    eax = 0xB102, ecx = 0x7010, edx = 0x8086, ebx = 0;
    __asm__ volatile("" ::: "memory");
    u32 zero = 0;
    __asm__ volatile("pushl %%ebp; lcall *services_far; popl %%ebp; setc %2"
                     : "+a"(eax), "+b"(ebx), "=m"(carry), "+c"(ecx), "+d"(edx), "+S"(zero)::"edi", "memory",
                       "cc");
    row(!carry && (ebx & 0xFFFF) == 9, "and finds the IDE controller");
    eax = 0xB10A, ebx = 9;
    far_call(&eax, &ebx, &ecx, &edx, 0x20, &carry);
    row(!carry && ecx == pci_read(1, 1, 0x20), "whose registers it reads");
    eax = 0xB10A, ebx = 9;
    far_call(&eax, &ebx, &ecx, &edx, 0x21, &carry);
    row(carry && (eax >> 8 & 0xFF) == 0x87, "but none at odd places");
}

/* --- APM --- */

static void test_apm_real(void)
{
    struct bios r = {.eax = 0x5300, .ebx = 1};
    call(0x15, &r);
    row(failed(&r) && ah(&r) == 9, "APM is the BIOS's, device 0");
    r = (struct bios){.eax = 0x5304};
    call(0x15, &r);
    r = (struct bios){.eax = 0x530A, .ebx = 1};
    call(0x15, &r);
    row(failed(&r) && ah(&r) == 3, "nothing works before it is connected");
    r = (struct bios){.eax = 0x5301};
    call(0x15, &r);
    row(!failed(&r), "the real-mode interface connects");
    r = (struct bios){.eax = 0x5301};
    call(0x15, &r);
    row(failed(&r) && ah(&r) == 2, "but not twice");
    r = (struct bios){.eax = 0x5303};
    call(0x15, &r);
    row(failed(&r) && (ah(&r) == 2 || ah(&r) == 7), "nor with another one");
    r = (struct bios){.eax = 0x530E, .ecx = 0x0101};
    call(0x15, &r);
    row(!failed(&r) && (r.eax & 0xFFFF) == 0x0101, "a driver of version 1.1");
    r = (struct bios){.eax = 0x530A, .ebx = 1};
    call(0x15, &r);
    row(!failed(&r) && (r.ebx >> 8 & 0xFF) == 1, "its power status");
    r = (struct bios){.eax = 0x5304};
    call(0x15, &r);
    row(!failed(&r), "and it disconnects");
}

/* The 16-bit interface is called in a 16-bit segment of ours, which calls the BIOS's. */
static void test_apm_16(void)
{
    struct bios r = {.eax = 0x5302};
    call(0x15, &r);
    row(!failed(&r) && r.ebx & 0xFFFF, "APM's 16-bit interface connects");
    if (failed(&r))
        return;
    set_descriptor(APM_CODE16, (r.eax & 0xFFFF) << 4, 0xFFFF, 0x9B, 0);
    set_descriptor(APM_DATA, (r.ecx & 0xFFFF) << 4, 0xFFFF, 0x93, 0);
    /* At LOW_STACK - 256 of the segment at 0: pushw %ds; lcall $APM_CODE16, $entry; popw %ds; pushfw; popw
     * %dx; lretl by 66h CBh */
    u8 *code = (u8 *)LOW_BUFFER;
    const u8 bytes[] = {0x9A, (u8)r.ebx, (u8)(r.ebx >> 8), APM_CODE16, 0, 0x9C, 0x5A, 0x66, 0xCB};
    memcpy(code, bytes, sizeof bytes);
    set_descriptor(CODE16, LOW_BUFFER, 0xFFFF, 0x9B, 0);
    far_entry.offset = 0;
    far_entry.selector = CODE16;
    bool carry;
    u32 eax = 0x530E, ebx = 0, ecx = 0x0102, edx = 0;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row(!(edx & FLAG_CF) && (eax & 0xFFFF) == 0x0102, "its driver version");
    eax = 0x530A, ebx = 1, ecx = 0, edx = 0;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row((ebx >> 8 & 0xFF) == 1, "its power status");
    eax = 0x530A, ebx = 0x7777;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row(edx & FLAG_CF && (eax >> 8 & 0xFF) == 9, "and an unknown device is refused");
    eax = 0x5304, ebx = 0;
    far_call(&eax, &ebx, &ecx, &edx, 0, &carry);
    row(!(edx & FLAG_CF), "it disconnects");
    set_descriptor(CODE16, 0, 0xFFFF, 0x9B, 0);
}

void test_bios_more(void)
{
    test_a20_gate();
    test_moves();
    test_waits();
    test_pci_bios();
    test_bios32();
    test_apm_real();
    test_apm_16();
}
