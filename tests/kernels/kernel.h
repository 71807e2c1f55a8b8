/* A small Multiboot kernel, as tutorials of operating system writing build them, with drivers of its own for
 * each part of a PC: what it does not find as the manuals say is a row "NOT OK". It runs under GRUB and by
 * --kernel, here and on other machines (see run.sh).
 *
 * Sources: Multiboot Specification 0.6.96; the chips' datasheets (8254, 8259A, MC146818, 82077AA, 16550D,
 * 8042); Intel MultiProcessor Specification 1.4; ACPI 1.0b; ATA/ATAPI-4; Programming Interface for Bus Master
 * IDE; VBE 3.0; APM 1.2. */
#ifndef TESTS_KERNELS_KERNEL_H
#define TESTS_KERNELS_KERNEL_H

#include <stdbool.h>

#include "tests/guest/library.h"

/* IRQ n of the 8259s comes at vector IRQ_BASE + n. */
enum {
    IRQ_BASE = 0x20,
    CODE = 0x08,
    DATA = 0x10,
    CODE16 = 0x18,
    DATA16 = 0x20,
    TSS = 0x28,
    APM_CODE = 0x30,
    APM_CODE16 = 0x38,
    APM_DATA = 0x40
};
enum { FLAG_CF = 1, FLAG_IF = 0x200, FLAG_VM = 0x20000 };

/* Room below 1 MB that the kernel's real-mode parts and the chips' DMA use; the kernel itself lies above. */
#define LOW_CODE   0x7000u  /* real.S's code, copied there */
#define LOW_BUFFER 0x20000u /* 64 KB, on a boundary of 64 KB: ISA DMA */
#define LOW_STACK  0x8000u

struct frame {
    u32 edi, esi, ebp, esp, ebx, edx, ecx, eax, vector, error, eip, cs, eflags;
    /* From V86 mode only. */
    u32 user_esp, ss, es, ds, fs, gs;
};

/* Registers of a BIOS call; segments are used as they stand. */
struct bios {
    u32 eax, ebx, ecx, edx, esi, edi, ebp;
    u16 ds, es, flags, pad;
};

/* start.S */
extern u8 vector_stubs[];
enum { STUB_SIZE = 16 };
/* real.S: INT VECTOR in real mode, with interrupts on; back in protected mode with the registers in
 * *REGISTERS. */
void bios_call(u32 vector, struct bios *registers);
/* bios.c: the same with the 8259s as the BIOS wants them. */
void call(u32 vector, struct bios *registers);

/* runtime.c */
extern volatile u32 irq_count[16];
extern volatile u32 ticks; /* IRQ 0s, one a millisecond once start_ticks() ran */
extern void (*irq_hook[16])(void);
extern void (*vector_hook[256])(struct frame *);
extern u64 gdt[];
void row(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
void leave(u32 status) __attribute__((noreturn));
int memcmp(const void *a, const void *b, unsigned long length);
bool has_word(const char *text, const char *word);
void setup_tables(void);
void remap_pics(u8 first, u8 second, u16 masks);
void unmask(unsigned irq);
void mask(unsigned irq);
enum { TICK_COUNT = 1193 };
void set_timer(u16 count);
void start_ticks(void);
void wait_ms(u32 ms);
/* Waits until IRQ n came more than SEEN times, for MS milliseconds at most. */
bool wait_irq(unsigned irq, u32 seen, u32 ms);
u32 pm_timer(void); /* the ACPI timer's 24 bits, 3579545 Hz */
bool sum_is_0(const void *bytes, u32 size);
void set_descriptor(u16 selector, u32 base, u32 limit, u8 access, u8 flags);

/* The parts, each a file. */
const u8 *find_acpi(const char *signature);
void test_multiboot(u32 magic, const u32 *info);
void test_paging(void);
void allow_user(void); /* level 3 may use the first 4 MB */
void test_timers(void);
void test_pic(void);
void test_pit_modes(void);
void test_clock_more(void);
void test_apic(void);
void test_pci(void);
u32 pci_read(unsigned device, unsigned function, unsigned offset);
void pci_write(unsigned device, unsigned function, unsigned offset, u32 value);
void test_ata(void);
void test_floppy(void);
void test_ps2(void);
void test_keys(void); /* wants somebody who types */
void test_serial(void);
void test_bios(void);
void test_bios_more(void);
void test_v86(void);
void test_video(void);
void test_apm(void);
/* The ways to end: "off=apm", "reset=cf9", ... on the command line; returns if none is given. */
void end_as_told(const char *line);

#endif
