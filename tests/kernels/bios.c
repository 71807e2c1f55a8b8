/* BIOS calls from a kernel that goes down to real mode and back. */
#include "tests/kernels/kernel.h"

void call(u32 vector, struct bios *registers)
{
    /* The BIOS has its own vectors and masks, and its clock at 18.2 Hz. */
    __asm__ volatile("cli");
    u8 first = inb(0x21), second = inb(0xA1);
    remap_pics(8, 0x70, 0x8EB8 & 0xFFFF);
    set_timer(0);
    bios_call(vector, registers);
    set_timer(TICK_COUNT);
    remap_pics(IRQ_BASE, IRQ_BASE + 8, (u16)(first | second << 8));
    __asm__ volatile("sti");
}

void test_bios(void)
{
    struct bios r = {.eax = 0xE801};
    call(0x15, &r);
    u32 kilobytes = (r.eax & 0xFFFF) + 64 * (r.ebx & 0xFFFF);
    row(!(r.flags & FLAG_CF) && kilobytes > 61 * 1024 && kilobytes <= 63 * 1024, "INT 15h E801h");
    r = (struct bios){.eax = 0x8800};
    call(0x15, &r);
    row(!(r.flags & FLAG_CF) && (r.eax & 0xFFFF) >= 15 * 1024, "INT 15h 88h");
    u32 count = 0, usable = 0, next = 0;
    do {
        r = (struct bios){
            .eax = 0xE820, .ebx = next, .ecx = 20, .edx = 0x534D4150, .edi = 0, .es = LOW_BUFFER >> 4};
        call(0x15, &r);
        if (r.flags & FLAG_CF || r.eax != 0x534D4150)
            break;
        const u32 *entry = (const u32 *)LOW_BUFFER;
        usable += entry[4] == 1 ? entry[2] / 1024 : 0;
        count++;
        next = r.ebx;
    } while (next && count < 32);
    row(count >= 4 && count < 32 && usable > 60 * 1024 && usable <= 64 * 1024, "INT 15h E820h");
    /* The move of extended memory: its table of descriptors as the call wants it. */
    u64 *table = (u64 *)(LOW_BUFFER + 0x100);
    memset(table, 0, 48);
    u32 from = LOW_BUFFER + 0x1000, to = 0x3000000;
    for (u32 i = 0; i < 512; i++)
        *(u8 *)(from + i) = (u8)(i * 5);
    table[2] = 0xFFFF | (u64)from << 16 | 0x930000000000ull;
    table[3] = 0xFFFF | (u64)(to & 0xFFFFFF) << 16 | 0x930000000000ull | (u64)(to >> 24) << 56;
    r = (struct bios){.eax = 0x8700, .ecx = 256, .esi = 0x100, .es = LOW_BUFFER >> 4};
    call(0x15, &r);
    row(!(r.flags & FLAG_CF) && !memcmp((void *)from, (void *)to, 512), "INT 15h 87h moves to 48 MB");
    r = (struct bios){.eax = 0x2402};
    call(0x15, &r);
    row(!(r.flags & FLAG_CF) && !(r.eax & 0xFF00) && (r.eax & 0xFF) == 1, "INT 15h 2402h: A20 is on");
    r = (struct bios){.eax = 0x0201, .ecx = 0x0001, .ebx = 0x2000, .edx = 0x80, .es = LOW_BUFFER >> 4};
    call(0x13, &r);
    row(!(r.flags & FLAG_CF), "INT 13h reads the disk after its controller was driven");
    r = (struct bios){.eax = 0x0000, .edx = 0};
    call(0x13, &r);
    r = (struct bios){.eax = 0x0201, .ecx = 0x0503, .ebx = 0x2000, .edx = 0x0100, .es = LOW_BUFFER >> 4};
    call(0x13, &r);
    row(!(r.flags & FLAG_CF) && ((u8 *)LOW_BUFFER)[0x2001] == 3, "and the floppy");
    r = (struct bios){.eax = 0x4100, .ebx = 0x55AA, .edx = 0x80};
    call(0x13, &r);
    row(!(r.flags & FLAG_CF) && (r.ebx & 0xFFFF) == 0xAA55 && r.ecx & 1, "the disk's extensions");
    r = (struct bios){.eax = 0xB101};
    call(0x1A, &r);
    row(!(r.flags & FLAG_CF) && r.edx == 0x20494350 && r.eax & 1, "the PCI BIOS");
}
