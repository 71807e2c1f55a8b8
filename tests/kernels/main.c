/* The order of the parts; what the boot loader handed over; paging. */
#include "tests/kernels/kernel.h"

enum { INFO_MEMORY = 1, INFO_LINE = 4, INFO_MODULES = 8, INFO_MAP = 0x40 };

static const char *line(const u32 *info)
{
    return info[0] & INFO_LINE ? (const char *)info[4] : "";
}

void test_multiboot(u32 magic, const u32 *info)
{
    row(magic == 0x2BADB002, "the loader's magic number");
    row(info[0] & INFO_MEMORY && info[1] >= 600 && info[1] <= 640, "lower memory of 600 to 640 KB");
    u32 usable = 0, bios = 0, top = 0;
    const u8 *at = (const u8 *)info[12], *end = at + info[11];
    for (; info[0] & INFO_MAP && at < end; at += *(const u32 *)at + 4) {
        const u32 *entry = (const u32 *)at;
        usable += entry[5] == 1 ? entry[3] / 1024 : 0;
        bios += entry[5] != 1 && entry[1] < 0x100000 && entry[1] + entry[3] == 0x100000;
        if (entry[5] == 1 && entry[1] == 0x100000)
            top = entry[3] / 1024;
    }
    row(usable > 60 * 1024 && usable <= 64 * 1024, "the memory map has nearly 64 MB");
    row(bios == 1, "and the BIOS reserved up to 1 MB");
    row(top && info[2] <= top && info[2] + 64 >= top, "upper memory is the map's range from 1 MB");
    bool module = info[0] & INFO_MODULES && info[5] == 1;
    const u32 *modules = (const u32 *)info[6];
    row(module && modules[1] - modules[0] == 16 && !memcmp((void *)modules[0], "a module's text\n", 16),
        "its module");
    row(module && !(modules[0] & 0xFFF), "begins on a page");
    row(has_word(line(info), "greet"), "the command line");
}

/* --- paging: identity by 4 MB pages where there are such, 4 KB pages on demand --- */

static u32 directory[1024] __attribute__((aligned(4096))), table[1024] __attribute__((aligned(4096)));
static u8 pages[4][4096] __attribute__((aligned(4096)));
static u32 faults, last_error;
enum { WINDOW = 0xD0000000u };

static void map_on_demand(struct frame *frame)
{
    u32 cr2;
    __asm__ volatile("movl %%cr2, %0" : "=r"(cr2));
    faults++;
    last_error = frame->error;
    u32 page = (cr2 - WINDOW) / 4096;
    if (page >= 4) {
        print("NOT OK: page fault at %08x from %08x\n", cr2, frame->eip);
        leave(2);
    }
    table[page] = (u32)pages[page] | 3;
    __asm__ volatile("invlpg (%0)" ::"r"(cr2) : "memory");
}

void allow_user(void)
{
    directory[0] |= 4;
    __asm__ volatile("movl %0, %%cr3" ::"r"(directory) : "memory");
}

void test_paging(void)
{
    u32 cr4;
    for (u32 i = 0; i < 1024; i++)
        directory[i] = i << 22 | 0x83;
    directory[WINDOW >> 22] = (u32)table | 3;
    vector_hook[14] = map_on_demand;
    __asm__ volatile("movl %%cr4, %0; orl $0x10, %0; movl %0, %%cr4" : "=r"(cr4));
    __asm__ volatile(
        "movl %0, %%cr3; movl %%cr0, %%eax; orl $0x80010000, %%eax; movl %%eax, %%cr0" ::"r"(directory)
        : "eax", "memory");
    volatile u32 *window = (volatile u32 *)WINDOW;
    u32 before = window[1024];
    row(faults == 1 && last_error == 0 && !before, "a page that is not there is mapped when it is read");
    window[0] = 0x12345678;
    row(faults == 2 && last_error == 2, "and another when it is written");
    row(*(u32 *)pages[0] == 0x12345678, "what is written there lies in its frame");
    row((table[0] & 0x60) == 0x60 && (table[1] & 0x60) == 0x20,
        "accessed and dirty bits tell which was written");
    *(volatile u8 *)(WINDOW + 0x2FFF) = 1;
    *(volatile u32 *)(WINDOW + 0x2FFE) = 0xAABBCCDD;
    row(faults == 4 && pages[2][4095] == 0xCC && pages[3][0] == 0xBB, "a double word across two pages");
}

void kernel_main(u32 magic, const u32 *info);
void kernel_main(u32 magic, const u32 *info)
{
    setup_tables();
    remap_pics(IRQ_BASE, IRQ_BASE + 8, 0xFFFF);
    end_as_told(line(info));
    test_multiboot(magic, info);
    start_ticks();
    test_paging();
    test_timers();
    test_clock_more();
    test_pit_modes();
    test_pic();
    test_apic();
    test_pci();
    test_ata();
    test_floppy();
    test_ps2();
    if (has_word(line(info), "keys"))
        test_keys();
    test_serial();
    test_bios();
    test_bios_more();
    test_v86();
    test_video();
    test_apm();
    leave(0);
}
