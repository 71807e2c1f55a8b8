/* Kernels of what operating systems do: interrupts, system calls, ports, paging, tasks, modes, code that is
 * written and run. system.S has the tables and the handlers. */
#include "bench/guest/bench.h"

void system_begin(void);
void set_gate(unsigned vector, void (*handler)(void), unsigned level);
void run_user(void (*function)(void));
void leave_user(void), system_call(void), page_fault(void), serial_interrupt(void);
void switch_tasks(uint32_t count);
void real_nothing(void), real_work(void);
void real_mode(void (*function)(void), uint32_t count);
extern volatile uint32_t interrupts, task_count;
extern void (*system_function)(void);

/* --- interrupts --- */

static volatile uint32_t calls;

static void count_call(void)
{
    calls++;
}

/* System calls from level 3 to 0 and back. */
static void call_system(void)
{
    for (uint32_t i = 0; i < 4000000; i++)
        __asm__ volatile("int $0x80" : : "a"(i) : "memory");
}

UNUSED static uint32_t syscalls(void)
{
    system_begin();
    system_function = count_call;
    set_gate(0x80, system_call, 3);
    set_gate(0x81, leave_user, 3);
    run_user(call_system);
    return calls;
}

/* Interrupts of a device, by the serial port's transmitter, which is always empty: enabling its interrupt
 * asks for one at once. */
UNUSED static uint32_t irqs(void)
{
    system_begin();
    set_gate(0x24, serial_interrupt, 0);
    static const uint8_t icw[] = {0x11, 0x20, 0x04, 0x01, 0xEF};
    out8(0x20, icw[0]);
    for (unsigned i = 1; i < sizeof icw; i++)
        out8(0x21, icw[i]);
    out8(0x3FC, 0x0B); /* OUT2 lets the line through */
    out8(0x3F9, 0);
    (void)in8(0x3FA);
    __asm__ volatile("sti");
    for (uint32_t i = 0; i < 4000000; i++) {
        uint32_t before = interrupts;
        out8(0x3F9, 2);
        while (interrupts == before)
            ;
        out8(0x3F9, 0);
    }
    __asm__ volatile("cli");
    return interrupts;
}

/* The keyboard controller's status, the interrupt mask, the clock's registers, the delay port. */
UNUSED static uint32_t ports(void)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 8000000; i++) {
        out8(0x80, (uint8_t)i);
        sum += in8(0x64) & 1u;
        sum += in8(0x21);
        out8(0x70, 0x0F);
        sum += in8(0x71);
        out8(0x21, 0xFB);
    }
    return sum;
}

/* --- paging --- */

#define DIRECTORY ((volatile uint32_t *)0x200000)
#define TABLES    ((volatile uint32_t *)0x201000)
#define REGION    0x800000u

static uint32_t read_cr3(void)
{
    uint32_t value;
    __asm__ volatile("movl %%cr3, %0" : "=r"(value));
    return value;
}

static void write_cr3(uint32_t value)
{
    __asm__ volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

/* 16 MB one to one, in pages of 4 KB for everybody. */
static void enable_paging(void)
{
    for (uint32_t i = 0; i < 1024; i++)
        DIRECTORY[i] = 0;
    for (uint32_t i = 0; i < 4; i++)
        DIRECTORY[i] = (0x201000 + i * 4096) | 7;
    for (uint32_t i = 0; i < 4096; i++)
        TABLES[i] = i << 12 | 7;
    write_cr3(0x200000);
    __asm__ volatile("movl %%cr0, %%eax\n\torl $0x80010000, %%eax\n\tmovl %%eax, %%cr0\n\tjmp 1f\n1:"
                     :
                     :
                     : "eax", "memory");
}

void fault_handler(uint32_t address);
void fault_handler(uint32_t address)
{
    calls++;
    TABLES[address >> 12] |= 1;
}

static void touch_pages(void)
{
    for (uint32_t i = 0; i < 256; i++)
        ((volatile uint32_t *)(REGION + i * 4096))[i] += i;
}

/* A program at level 3 touches pages that are not there yet; they are taken from it again in between. */
UNUSED static uint32_t faults(void)
{
    system_begin();
    set_gate(14, page_fault, 0);
    set_gate(0x81, leave_user, 3);
    enable_paging();
    REPEAT(8000)
    {
        for (uint32_t i = 0; i < 256; i++)
            TABLES[(REGION >> 12) + i] &= ~1u;
        write_cr3(read_cr3());
        run_user(touch_pages);
    }
    return calls + *(uint32_t *)(REGION + 4096 + 4);
}

/* A switch of address spaces, then some work in a few pages; now and then single pages are invalidated. */
UNUSED static uint32_t flushes(void)
{
    uint32_t sum = 0;
    enable_paging();
    REPEAT(300000)
    {
        write_cr3(read_cr3());
        for (uint32_t i = 0; i < 24; i++)
            sum += ((volatile uint32_t *)(REGION + i * 4096))[i * 8] += i;
        for (uint32_t i = 0; i < 8; i++) {
            volatile uint32_t *at = (volatile uint32_t *)(REGION + i * 4096);
            __asm__ volatile("invlpg (%0)" : : "r"(at) : "memory");
            sum += at[i];
        }
    }
    return sum;
}

/* --- tasks and modes --- */

UNUSED static uint32_t tasks(void)
{
    system_begin();
    switch_tasks(1000000);
    return task_count;
}

UNUSED static uint32_t modes(void)
{
    system_begin();
    real_mode(real_nothing, 1500000);
    return *(volatile uint16_t *)0x50000;
}

UNUSED static uint32_t real16(void)
{
    system_begin();
    real_mode(real_work, 20);
    return *(volatile uint16_t *)(0x50000 + 40000) + *(volatile uint16_t *)(0x50000 + 40400);
}

/* --- code that is written and run --- */

typedef uint32_t code_fn(uint32_t value);

/* A function that adds and multiplies, made anew: MOV EAX,[ESP+4]; IMUL EAX,EAX,imm; ADD EAX,imm; RET. */
static code_fn *make_function(uint8_t *at, uint32_t factor, uint32_t addend)
{
    static const uint8_t code[16] = {0x8B, 0x44, 0x24, 0x04, 0x69, 0xC0, 0, 0, 0, 0, 0x05, 0, 0, 0, 0, 0xC3};
    for (int i = 0; i < 16; i++)
        at[i] = code[i];
    *(uint32_t *)(at + 6) = factor;
    *(uint32_t *)(at + 11) = addend;
    return (code_fn *)at;
}

/* Patches an operand right in front of itself, as copy protections and old inner loops do. */
static uint32_t patch_ahead(uint32_t count)
{
    uint32_t sum = 0;
    __asm__ volatile("1:\n\t"
                     "movl %1, 2f + 1\n\t"
                     "nop\n"
                     "2:\n\t"
                     "movl $0x12345678, %%eax\n\t"
                     "addl %%eax, %0\n\t"
                     "decl %1\n\t"
                     "jnz 1b"
                     : "+r"(sum), "+r"(count)
                     :
                     : "eax", "memory", "cc");
    return sum;
}

/* An inner loop whose constants are set before each run of it. */
static uint32_t patched_loop(uint32_t count, uint32_t inner)
{
    uint32_t sum = 0;
    __asm__ volatile("1:\n\t"
                     "movl %1, 3f + 2\n\t"
                     "movl %2, %%ecx\n"
                     "2:\n\t"
                     "3:\n\t"
                     "addl $0x12345678, %0\n\t"
                     "roll $3, %0\n\t"
                     "decl %%ecx\n\t"
                     "jnz 2b\n\t"
                     "decl %1\n\t"
                     "jnz 1b"
                     : "+b"(sum), "+r"(count)
                     : "r"(inner)
                     : "ecx", "memory", "cc");
    return sum;
}

UNUSED static uint32_t selfmod(void)
{
    uint32_t sum = patch_ahead(1500000) + patched_loop(500000, 8);
    for (uint32_t i = 0; i < 500000; i++)
        sum = make_function(ARENA + (i & 63) * 64, i | 1, i)(sum);
    return sum;
}

BENCH_MAIN
