#include "machine/log_bios_calls.h"

#include "base/log.h"
#include "cpu/cpu.h"
#include "cpu/debug.h"
#include "machine/board.h"

/* The registers at the first instruction of the handler are still those of the call. */
static void log_call(struct board *b, const char *category, const struct cpu_event *event)
{
    struct cpu_registers r;
    cpu_get_registers(b->cpu, &r);
#define REGISTER(n) (unsigned)(r.gpr[n] & 0xFFFF)
    log_line(&b->log, category,
             "AX=%04X BX=%04X CX=%04X DX=%04X SI=%04X DI=%04X DS=%04X ES=%04X from %04X:%04X", REGISTER(0),
             REGISTER(3), REGISTER(1), REGISTER(2), REGISTER(6), REGISTER(7), r.segment[CPU_DS].selector,
             r.segment[CPU_ES].selector, event->cs, (unsigned)event->rip & 0xFFFF);
#undef REGISTER
}

void log_bios_events(struct board *b, const struct cpu_event *events, unsigned count)
{
    unsigned mode = cpu_mode_bits(b->cpu);
    if ((mode & CPU_MODE_PROTECTED) && !(mode & CPU_MODE_V86))
        return;
    for (unsigned i = 0; i < count; i++) {
        if (events[i].kind != CPU_EVENT_INTERRUPT || events[i].failed ||
            events[i].origin != CPU_ORIGIN_SOFTWARE)
            continue;
        switch (events[i].number) {
        case 0x10:
            if (log_wants(&b->log, "int10"))
                log_call(b, "int10", &events[i]);
            break;
        case 0x13:
            if (log_wants(&b->log, "int13"))
                log_call(b, "int13", &events[i]);
            break;
        case 0x15:
            if (log_wants(&b->log, "int15"))
                log_call(b, "int15", &events[i]);
            break;
        case 0x16:
            if (log_wants(&b->log, "int16"))
                log_call(b, "int16", &events[i]);
            break;
        }
    }
}

static bool take_events(void *ctx, const struct cpu_event *events, unsigned count)
{
    log_bios_events(ctx, events, count);
    return false;
}

bool log_wants_bios_calls(const struct board *b)
{
    return log_wants(&b->log, "int10") || log_wants(&b->log, "int13") || log_wants(&b->log, "int15") ||
           log_wants(&b->log, "int16");
}

void log_bios_calls(struct board *b)
{
    if (!log_wants_bios_calls(b))
        return;
    const struct cpu_debugger debugger = {.ctx = b, .events = take_events};
    cpu_set_debugger(b->cpu, &debugger);
    cpu_set_events(b->cpu, 1u << CPU_EVENT_INTERRUPT);
}
