/* Tables, interrupts, printing and rows. */
#include "tests/kernels/kernel.h"

volatile u32 irq_count[16], ticks;
void (*irq_hook[16])(void);
void (*vector_hook[256])(struct frame *);
static u64 idt[256];
u64 gdt[16];
static unsigned rows, failures;
static u16 masks = 0xFFFF;
static u16 pm_port;

int memcmp(const void *a, const void *b, unsigned long length)
{
    const u8 *left = a, *right = b;
    for (; length; length--, left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}

/* Is WORD one of the words of TEXT? */
bool has_word(const char *text, const char *word)
{
    while (*text) {
        const char *w = word;
        while (*text == ' ')
            text++;
        while (*w && *w == *text)
            w++, text++;
        if (!*w && (!*text || *text == ' '))
            return true;
        while (*text && *text != ' ')
            text++;
    }
    return false;
}

bool sum_is_0(const void *bytes, u32 size)
{
    const u8 *at = bytes;
    u8 sum = 0;
    while (size--)
        sum = (u8)(sum + *at++);
    return !sum;
}

/* --- rows --- */

void row(bool good, const char *format, ...)
{
    va_list args;
    rows++;
    failures += !good;
    print(good ? "ok: " : "NOT OK: ");
    va_start(args, format);
    print_list(format, args);
    va_end(args);
    put('\n');
}

/* The debug-exit ports of tick86 and QEMU. */
void leave(u32 status)
{
    if (!status) {
        print("%u rows, %u failed\n", rows, failures);
        status = failures != 0;
    }
    outb(0xF5, (u8)status);
    outb(0xF4, (u8)status);
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* --- descriptors and interrupts --- */

void set_descriptor(u16 selector, u32 base, u32 limit, u8 access, u8 flags)
{
    gdt[selector / 8] = (limit & 0xFFFF) | (u64)(base & 0xFFFFFF) << 16 | (u64)access << 40 |
                        (u64)(limit >> 16 & 15) << 48 | (u64)flags << 52 | (u64)(base >> 24) << 56;
}

void dispatch(struct frame *frame);
void dispatch(struct frame *frame)
{
    unsigned irq = frame->vector - IRQ_BASE;
    if (vector_hook[frame->vector]) {
        vector_hook[frame->vector](frame);
        return;
    }
    if (irq >= 16) {
        print("NOT OK: exception %u, error %x at %08x\n", frame->vector, frame->error, frame->eip);
        leave(2);
    }
    /* A request that went away comes as the lowest one, which is not in service. */
    u16 pic = irq < 8 ? 0x20 : 0xA0;
    if (irq == 7 || irq == 15) {
        outb(pic, 0x0B);
        if (!(inb(pic) & 0x80)) {
            if (irq == 15)
                outb(0x20, 0x20);
            return;
        }
    }
    irq_count[irq]++;
    if (irq_hook[irq])
        irq_hook[irq]();
    if (irq >= 8)
        outb(0xA0, 0x20);
    outb(0x20, 0x20);
}

void setup_tables(void)
{
    set_descriptor(CODE, 0, 0xFFFFF, 0x9B, 0xC);
    set_descriptor(DATA, 0, 0xFFFFF, 0x93, 0xC);
    set_descriptor(CODE16, 0, 0xFFFF, 0x9B, 0);
    set_descriptor(DATA16, 0, 0xFFFF, 0x93, 0);
    for (unsigned i = 0; i < 256; i++) {
        u32 stub = (u32)vector_stubs + i * STUB_SIZE;
        idt[i] = (stub & 0xFFFF) | (u64)CODE << 16 | 0x8E0000000000ull | (u64)(stub >> 16) << 48;
    }
    struct {
        u16 limit;
        u32 base;
    } __attribute__((packed)) gdtr = {sizeof gdt - 1, (u32)gdt}, idtr = {sizeof idt - 1, (u32)idt};
    __asm__ volatile("lgdtl %0; lidtl %1; ljmp $0x08, $1f\n1: movw $0x10, %%ax; movw %%ax, %%ds; movw %%ax, "
                     "%%es; movw %%ax, %%ss;"
                     "movw %%ax, %%fs; movw %%ax, %%gs" ::"m"(gdtr),
                     "m"(idtr)
                     : "eax", "memory");
    extern u8 low_start[], low_end[];
    memcpy((void *)LOW_CODE, low_start, (u32)(low_end - low_start));
}

void remap_pics(u8 first, u8 second, u16 new_masks)
{
    outb(0x20, 0x11);
    outb(0xA0, 0x11);
    outb(0x21, first);
    outb(0xA1, second);
    outb(0x21, 4);
    outb(0xA1, 2);
    outb(0x21, 1);
    outb(0xA1, 1);
    masks = new_masks;
    outb(0x21, (u8)masks);
    outb(0xA1, (u8)(masks >> 8));
}

static void write_masks(void)
{
    outb(0x21, (u8)masks);
    outb(0xA1, (u8)(masks >> 8));
}

void unmask(unsigned irq)
{
    masks &= (u16) ~(1u << irq | (irq >= 8 ? 4 : 0));
    write_masks();
}

void mask(unsigned irq)
{
    masks |= (u16)(1u << irq);
    write_masks();
}

/* --- time --- */

static void tick(void)
{
    ticks++;
}

void set_timer(u16 count)
{
    outb(0x43, 0x34);
    outb(0x40, (u8)count);
    outb(0x40, (u8)(count >> 8));
}

void start_ticks(void)
{
    irq_hook[0] = tick;
    set_timer(TICK_COUNT);
    unmask(0);
    __asm__ volatile("sti");
}

void wait_ms(u32 ms)
{
    u32 start = ticks;
    while (ticks - start <= ms)
        __asm__ volatile("hlt");
}

bool wait_irq(unsigned irq, u32 seen, u32 ms)
{
    u32 start = ticks;
    while (irq_count[irq] == seen && ticks - start <= ms)
        __asm__ volatile("hlt");
    return irq_count[irq] != seen;
}

u32 pm_timer(void)
{
    if (!pm_port) {
        const u8 *fadt = find_acpi("FACP");
        pm_port = fadt ? *(const u16 *)(fadt + 76) : 0;
    }
    return inl(pm_port) & 0xFFFFFF;
}
