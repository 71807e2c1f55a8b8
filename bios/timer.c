/* Short waits: see timer.h. */
#include "bios/timer.h"
#include "bios/resident.h"

enum { REFRESH_US = 15, PM_MASK = 0xffffff };

static u32 timer_now(void)
{
    if (resident.pm_timer)
        return inl(resident.pm_timer) & PM_MASK;
    return inb(0x61) & 0x10;
}

void timeout_start(struct timeout *t, u32 us)
{
    t->left = us;
    t->last = timer_now();
}

int timeout_passed(struct timeout *t)
{
    u32 now = timer_now();
    u32 passed;
    if (resident.pm_timer) {
        /* 3.579545 ticks a microsecond; 3.5 with the fraction kept back errs on the long side by 2 percent.
         */
        passed = ((now - t->last) & PM_MASK) * 2 / 7;
        if (!passed)
            return t->left == 0;
        t->last = (t->last + passed * 7 / 2) & PM_MASK;
    } else {
        passed = now != t->last ? REFRESH_US : 0;
        t->last = now;
    }
    if (passed >= t->left)
        t->left = 0;
    else
        t->left -= passed;
    return t->left == 0;
}

void delay_us(u32 us)
{
    struct timeout t;
    timeout_start(&t, us);
    while (!timeout_passed(&t))
        ;
}
