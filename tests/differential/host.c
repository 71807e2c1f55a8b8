/* The host's processor as the one that is right; see host.h.
 *
 * The case's code runs in compatibility mode (SDM volume 3, 4.1.1): host_enter() loads all registers and
 * jumps far to it. It ends by an exception, which Linux turns into a signal; the handler, on a stack of its
 * own, notes the registers and returns from host_enter() as if nothing had been. Nothing but the sandbox lies
 * below 4 GB, so that no address that the code can form reaches this process's own memory. */
#include "tests/differential/host.h"

#if defined(__x86_64__) && defined(__linux__)

#include <asm/ldt.h>
#include <cpuid.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

/* What host_enter and host_trap know by offset. */
struct context {
    uint64_t stack;      /* 0: RSP to return with */
    uint64_t fs_base;    /* 8: of this thread */
    uint64_t flags;      /* 16 */
    uint32_t gpr[8];     /* 24 */
    uint32_t segment[6]; /* 56 */
    struct {
        uint32_t offset;   /* 80 */
        uint16_t selector; /* 84 */
    } target;
    uint8_t fx[512] __attribute__((aligned(16))); /* 96 */
};
_Static_assert(offsetof(struct context, gpr) == 24 && offsetof(struct context, segment) == 56 &&
                   offsetof(struct context, target) == 80 && offsetof(struct context, fx) == 96,
               "host_enter knows these");

struct context host_context;
static struct outcome *host_outcome;
static uint64_t host_runs, host_runs_at_alarm;

void host_enter(void);
void host_trap(int number, siginfo_t *info, void *ucontext);
int host_capture(int number, const ucontext_t *uc, const uint32_t data_segments[4]);

/* All 64-bit code's accesses ignore DS, ES and SS, so those are loaded early; ESP is the last but one. */
__asm__(".text\n"
        ".globl host_enter\n"
        "host_enter:\n"
        "  push %rbx\n  push %rbp\n  push %r12\n  push %r13\n  push %r14\n  push %r15\n"
        "  lea host_context(%rip), %rdi\n"
        "  mov %rsp, (%rdi)\n"
        "  fxrstor64 96(%rdi)\n"
        "  mov 56(%rdi), %es\n"
        "  mov 68(%rdi), %ds\n"
        "  mov 72(%rdi), %fs\n"
        "  mov 76(%rdi), %gs\n"
        "  pushq 16(%rdi)\n"
        "  popfq\n"
        "  mov 64(%rdi), %ss\n"
        "  mov 24(%rdi), %eax\n  mov 28(%rdi), %ecx\n  mov 32(%rdi), %edx\n  mov 36(%rdi), %ebx\n"
        "  mov 44(%rdi), %ebp\n  mov 48(%rdi), %esi\n"
        "  mov 40(%rdi), %esp\n"
        "  mov 52(%rdi), %edi\n"
        "  ljmpl *host_context+80(%rip)\n"
        /* host_trap(number, info, ucontext): AC and DF must go, then FS must be this thread's again before
           any C. */
        ".globl host_trap\n"
        "host_trap:\n"
        "  mov %rsp, %rbp\n"
        "  sub $32, %rsp\n"
        "  and $-16, %rsp\n"
        "  pushfq\n"
        "  popq 16(%rsp)\n"
        "  pushq $2\n"
        "  popfq\n"
        "  mov %edi, %r12d\n"
        "  mov %rdx, %r13\n"
        "  lea host_context(%rip), %rbx\n"
        "  mov %es, %eax\n  mov %eax, (%rsp)\n"
        "  mov %ds, %eax\n  mov %eax, 4(%rsp)\n"
        "  mov %fs, %eax\n  mov %eax, 8(%rsp)\n"
        "  mov %gs, %eax\n  mov %eax, 12(%rsp)\n"
        "  mov $158, %eax\n" /* arch_prctl(ARCH_SET_FS, ...) */
        "  mov $0x1002, %edi\n"
        "  mov 8(%rbx), %rsi\n"
        "  syscall\n"
        "  mov %r12d, %edi\n"
        "  mov %r13, %rsi\n"
        "  mov %rsp, %rdx\n"
        "  call host_capture\n"
        "  test %eax, %eax\n"
        "  jz 1f\n"
        "  mov (%rbx), %rsp\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbp\n  pop %rbx\n"
        "  ret\n"
        /* A tick of the clock: go on where it was. Linux leaves ID as it finds it here. */
        "1: mov 8(%rsp), %eax\n"
        "  test %eax, %eax\n"
        "  jz 2f\n"
        "  mov %eax, %fs\n"
        "2: pushq 16(%rsp)\n"
        "  popfq\n"
        "  mov %rbp, %rsp\n"
        "  ret\n");

/* Below 4 GB there is only the sandbox; it is 32-bit or 16-bit code that runs where CS is not Linux's 64-bit
 * one. */
#define USER64_CODE 0x33

static void capture_x87(const struct _libc_fpstate *fp, struct x87_state *out)
{
    out->control = fp->cwd;
    out->status = fp->swd;
    out->tag = (uint8_t)fp->ftw;
    out->ip = (uint32_t)fp->rip;
    for (unsigned i = 0; i < 8; i++) {
        memcpy(&out->st[i].significand, fp->_st[i].significand, 8);
        out->st[i].sign_exponent = fp->_st[i].exponent;
    }
}

/* DATA_SEGMENTS: ES, DS, FS, GS. 0: go on where the signal came. */
int host_capture(int number, const ucontext_t *uc, const uint32_t data_segments[4])
{
    const greg_t *g = uc->uc_mcontext.gregs;
    uint16_t cs = (uint16_t)g[REG_CSGSFS];
    bool ours = cs == USER64_CODE;
    if (number == SIGALRM) {
        bool stuck = !ours && host_runs == host_runs_at_alarm;
        host_runs_at_alarm = host_runs;
        if (!stuck)
            return 0;
    } else if (ours) {
        static const char message[] = "diff: the tester itself failed\n";
        if (write(2, message, sizeof message - 1)) {
        }
        _exit(70);
    }
    struct machine_state *s = &host_outcome->state;
    static const uint8_t order[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI};
    for (unsigned i = 0; i < 8; i++)
        s->gpr[i] = (uint32_t)g[order[i]];
    s->eip = (uint32_t)g[REG_RIP];
    s->eflags = (uint32_t)g[REG_EFL];
    s->segment[0] = (uint16_t)data_segments[0];
    for (unsigned i = 3; i < 6; i++)
        s->segment[i] = (uint16_t)data_segments[i - 2];
    s->segment[1] = cs;
    s->segment[2] = (uint16_t)(g[REG_CSGSFS] >> 48);
    capture_x87(uc->uc_mcontext.fpregs, &s->x87);
    host_outcome->lost = number == SIGALRM;
    host_outcome->vector = (uint8_t)g[REG_TRAPNO];
    host_outcome->error = (uint32_t)g[REG_ERR];
    host_outcome->cr2 = (uint32_t)g[REG_CR2];
    return 1;
}

void host_run(const struct machine_state *state, struct outcome *out)
{
    struct context *c = &host_context;
    struct _libc_fpstate *fp = (struct _libc_fpstate *)c->fx;
    memcpy(c->gpr, state->gpr, sizeof c->gpr);
    for (unsigned i = 0; i < 6; i++)
        c->segment[i] = state->segment[i];
    c->flags = state->eflags;
    c->target.offset = state->eip;
    c->target.selector = state->segment[1];
    memset(c->fx, 0, sizeof c->fx);
    fp->cwd = state->x87.control;
    fp->swd = state->x87.status;
    fp->ftw = state->x87.tag;
    fp->rip = state->x87.ip;
    fp->mxcsr = 0x1F80;
    for (unsigned i = 0; i < 8; i++) {
        memcpy(fp->_st[i].significand, &state->x87.st[i].significand, 8);
        fp->_st[i].exponent = state->x87.st[i].sign_exponent;
    }
    host_outcome = out;
    host_runs++;
    host_enter();
}

/* --- beginning --- */

static const char *check_address_space(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned long start;
    const char *why = NULL;
    if (!f)
        return "/proc/self/maps cannot be read";
    char line[512];
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%lx-", &start) == 1 && start < 0x100000000ul)
            why = "the program itself lies below 4 GB (it is not position-independent)";
    fclose(f);
    return why;
}

static const char *make_segments(void)
{
    for (unsigned i = 0; i < ldt_count; i++) {
        const struct ldt_row *row = &ldt_rows[i];
        struct user_desc d = {
            .entry_number = i,
            .base_addr = row->base,
            .limit = row->limit,
            .seg_32bit = row->big,
            .contents = row->code          ? MODIFY_LDT_CONTENTS_CODE
                        : row->expand_down ? MODIFY_LDT_CONTENTS_STACK
                                           : MODIFY_LDT_CONTENTS_DATA,
            .read_exec_only = row->read_only,
            .limit_in_pages = row->pages,
            .seg_not_present = row->absent,
        };
        if (syscall(SYS_modify_ldt, 0x11, &d, sizeof d))
            return "Linux refuses modify_ldt()";
    }
    return NULL;
}

/* Should code go astray into INT 80h, Linux answers with an error instead of doing what the registers say. */
static void refuse_32bit_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGALRM};
    enum { STACK_SIZE = 256 * 1024 };
    stack_t stack = {.ss_sp = malloc(STACK_SIZE), .ss_size = STACK_SIZE};
    struct sigaction action = {.sa_sigaction = host_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    struct itimerval second = {{1, 0}, {1, 0}};
    sigaltstack(&stack, NULL);
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
    setitimer(ITIMER_REAL, &second, NULL);
}

uint8_t *host_area(unsigned area)
{
    return (uint8_t *)(uintptr_t)areas[area].linear;
}

void host_write_read_only(const uint8_t *bytes)
{
    const struct area *a = &areas[AREA_READ_ONLY];
    mprotect(host_area(AREA_READ_ONLY), a->pages * PAGE, PROT_READ | PROT_WRITE);
    memcpy(host_area(AREA_READ_ONLY), bytes, a->pages * PAGE);
    mprotect(host_area(AREA_READ_ONLY), a->pages * PAGE, PROT_READ | PROT_EXEC);
}

/* The known models are Sapphire Rapids and Emerald Rapids. Who is neither Intel nor AMD follows one of them,
 * and is held to what both promise. */
enum host_kind host_kind(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(0, &a, &b, &c, &d) || b != signature_INTEL_ebx || !__get_cpuid(1, &a, &b, &c, &d))
        return HOST_AMD;
    unsigned family = a >> 8 & 15, model = (a >> 4 & 15) | (a >> 12 & 0xF0);
    return family == 6 && (model == 143 || model == 207) ? HOST_KNOWN : HOST_INTEL;
}

const char *host_begin(void)
{
    const char *why = check_address_space();
    if (why)
        return why;
    for (unsigned i = 0; i < AREAS; i++) {
        /* All of it executable, since the P6 has no execute-disable bit. */
        void *at = mmap(host_area(i), areas[i].pages * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (at != host_area(i))
            return "the sandbox's addresses are taken";
    }
    why = make_segments();
    if (why)
        return why;
    if (syscall(SYS_arch_prctl, 0x1003 /* ARCH_GET_FS */, &host_context.fs_base))
        return "Linux refuses arch_prctl()";
    refuse_32bit_calls();
    catch_signals();
    return NULL;
}

#else

enum host_kind host_kind(void)
{
    return HOST_INTEL;
}

const char *host_begin(void)
{
    return "the host is not x86-64 Linux";
}

uint8_t *host_area(unsigned area)
{
    (void)area;
    return 0;
}

void host_run(const struct machine_state *state, struct outcome *out)
{
    (void)state;
    (void)out;
}

void host_write_read_only(const uint8_t *bytes)
{
    (void)bytes;
}

#endif
