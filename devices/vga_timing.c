/* The raster: where the beam stands at a cycle of the machine's clock.
 *
 * The VGA counts character clocks: its dot clock (25.175 or 28.322 MHz, or half of it) divided by 8 or 9. All
 * is worked out from the count since power-on, so nothing drifts and nothing needs an event, save the
 * vertical retrace interrupt where it is armed. IBM's reference, "CRT Controller Registers", for what the
 * registers count. */
#include "devices/vga_private.h"

#define DOT_CLOCK_640 25175000
#define DOT_CLOCK_720 28322000

/* VBE modes are given a 60 Hz raster of nominal shape. */
#define VBE_LINE_CHARS    100
#define VBE_DISPLAY_CHARS 80
#define VBE_BLANK_LINES   45
#define VBE_REFRESH_HZ    60

static unsigned overflow_bit(const struct vga *vga, unsigned bit, unsigned weight)
{
    return (vga->crtc[CRTC_OVERFLOW] >> bit & 1u) << weight;
}

static void vbe_timing(const struct vga *vga, struct vga_timing *t)
{
    unsigned lines = vga->vbe[VBE_YRES];
    t->line_chars = VBE_LINE_CHARS;
    t->display_chars = VBE_DISPLAY_CHARS;
    t->lines = lines + VBE_BLANK_LINES;
    t->display_lines = lines;
    t->retrace_start = lines + 10;
    t->retrace_end = lines + 12;
    t->num = (uint64_t)VBE_REFRESH_HZ * t->lines * t->line_chars;
    t->den = 1;
}

static void crtc_timing(const struct vga *vga, struct vga_timing *t)
{
    const uint8_t *cr = vga->crtc;
    uint8_t clocking = vga->seq[SEQ_CLOCKING_MODE];
    unsigned lines_per_count = cr[CRTC_MODE_CONTROL] & CR17_HALF_LINES ? 2 : 1;
    t->num = (vga->misc_output >> 2 & 3) == 1 ? DOT_CLOCK_720 : DOT_CLOCK_640;
    t->den = (clocking & SEQ1_EIGHT_DOTS ? 8 : 9) * (clocking & SEQ1_HALF_DOT_CLOCK ? 2 : 1);
    t->line_chars = cr[CRTC_H_TOTAL] + 5u;
    t->display_chars = cr[CRTC_H_DISPLAY_END] + 1u;
    t->lines = cr[CRTC_V_TOTAL] + overflow_bit(vga, 0, 8) + overflow_bit(vga, 5, 9) + 2;
    t->display_lines = cr[CRTC_V_DISPLAY_END] + overflow_bit(vga, 1, 8) + overflow_bit(vga, 6, 9) + 1;
    t->retrace_start = cr[CRTC_V_RETRACE_START] + overflow_bit(vga, 2, 8) + overflow_bit(vga, 7, 9);
    /* The retrace ends where the counter's low four bits match. */
    unsigned length = (cr[CRTC_V_RETRACE_END] - t->retrace_start) & 0x0F;
    t->retrace_end = t->retrace_start + (length ? length : 16);
    t->lines *= lines_per_count;
    t->display_lines *= lines_per_count;
    t->retrace_start *= lines_per_count;
    t->retrace_end *= lines_per_count;
    if (!(cr[CRTC_MODE_CONTROL] & CR17_RETRACES))
        t->retrace_start = t->retrace_end = t->lines;
}

/* The counters start over at the totals, wherever the other registers point. */
static void clip_to_raster(struct vga_timing *t)
{
    if (t->display_chars > t->line_chars)
        t->display_chars = t->line_chars;
    if (t->display_lines > t->lines)
        t->display_lines = t->lines;
    if (t->retrace_start > t->lines)
        t->retrace_start = t->lines;
    if (t->retrace_end > t->lines)
        t->retrace_end = t->lines;
}

void vga_compute_timing(struct vga *vga)
{
    struct vga_timing *t = &vga->timing;
    if (vga_vbe_enabled(vga))
        vbe_timing(vga, t);
    else
        crtc_timing(vga, t);
    clip_to_raster(t);
    t->frame_chars = (uint64_t)t->line_chars * t->lines;
}

static bool same_raster(const struct vga_timing *a, const struct vga_timing *b)
{
    return a->num == b->num && a->den == b->den && a->frame_chars == b->frame_chars &&
           a->line_chars == b->line_chars && a->display_chars == b->display_chars &&
           a->display_lines == b->display_lines;
}

void vga_update_timing(struct vga *vga)
{
    struct vga_timing old = vga->timing;
    vga_compute_timing(vga);
    if (!same_raster(&old, &vga->timing))
        vga_raster_log_clear(vga);
    vga_update_retrace_interrupt(vga);
}

static uint64_t chars_at(const struct vga *vga, uint64_t cycle)
{
    return clock_ticks(vga->dev.clock, cycle, vga->timing.num, vga->timing.den);
}

/* The first cycle after CYCLE at which the beam comes to the start of LINE (one of the frame's). */
static uint64_t next_cycle_of_line(const struct vga *vga, uint64_t cycle, uint32_t line)
{
    const struct vga_timing *t = &vga->timing;
    uint64_t now = chars_at(vga, cycle);
    uint64_t at = now - now % t->frame_chars + (uint64_t)line * t->line_chars;
    if (at <= now)
        at += t->frame_chars;
    return clock_cycle_of_tick(vga->dev.clock, at, t->num, t->den);
}

/* Where there is no retrace, what waits for it is served at the frame's end. */
static uint64_t next_retrace(const struct vga *vga, uint64_t cycle)
{
    const struct vga_timing *t = &vga->timing;
    return next_cycle_of_line(vga, cycle, t->retrace_start < t->lines ? t->retrace_start : 0);
}

uint64_t vga_frame_end(const struct vga *vga, uint64_t cycle)
{
    const struct vga_timing *t = &vga->timing;
    return next_cycle_of_line(vga, cycle, t->display_lines < t->lines ? t->display_lines : 0);
}

uint64_t vga_frame_start(const struct vga *vga)
{
    const struct vga_timing *t = &vga->timing;
    uint64_t now = chars_at(vga, vga->dev.clock->now);
    return clock_cycle_of_tick(vga->dev.clock, now - now % t->frame_chars, t->num, t->den);
}

uint64_t vga_cycle_of_line(const struct vga *vga, uint64_t frame_start, unsigned line)
{
    const struct vga_timing *t = &vga->timing;
    uint64_t lines = (uint64_t)line * (vga->crtc[CRTC_MODE_CONTROL] & CR17_HALF_LINES ? 2 : 1);
    return clock_cycle_of_tick(vga->dev.clock, chars_at(vga, frame_start) + lines * t->line_chars, t->num,
                               t->den);
}

uint64_t vga_frames_shown(const struct vga *vga)
{
    return chars_at(vga, vga->dev.clock->now) / vga->timing.frame_chars;
}

/* ---- Input status 1 ---- */

/* Bits 5-4 show two of the eight bits that go to the DAC, chosen by the colour plane enable register, so that
 * self tests see the attribute controller's output. They are taken from the border. */
static uint8_t video_status(const struct vga *vga)
{
    static const uint8_t pairs[4][2] = {{0, 2}, {4, 5}, {1, 3}, {6, 7}};
    const uint8_t *pair = pairs[vga->attr[ATTR_PLANE_ENABLE] >> 4 & 3];
    uint8_t border = vga->attr[ATTR_OVERSCAN];
    return (uint8_t)((border >> pair[0] & 1) << 4 | (border >> pair[1] & 1) << 5);
}

uint8_t vga_input_status_1(const struct vga *vga)
{
    const struct vga_timing *t = &vga->timing;
    uint64_t position = chars_at(vga, vga->dev.clock->now) % t->frame_chars;
    uint32_t line = (uint32_t)(position / t->line_chars), column = (uint32_t)(position % t->line_chars);
    uint8_t status = video_status(vga);
    if (line >= t->display_lines || column >= t->display_chars)
        status |= 0x01;
    if (line >= t->retrace_start && line < t->retrace_end)
        status |= 0x08;
    return status;
}

/* ---- Start address ---- */

static uint16_t start_register(const struct vga *vga)
{
    return (uint16_t)(vga->crtc[CRTC_START_HIGH] << 8 | vga->crtc[CRTC_START_LOW]);
}

uint16_t vga_start_address(const struct vga *vga, uint64_t cycle)
{
    return cycle >= vga->start_effective ? start_register(vga) : vga->shown_start;
}

void vga_start_address_changes(struct vga *vga)
{
    vga->shown_start = vga_start_address(vga, vga->dev.clock->now);
    vga->start_effective = next_retrace(vga, vga->dev.clock->now);
}

/* ---- The vertical retrace interrupt ---- */

/* CRTC 11h bit 4 = 0 holds the flip-flop clear, bit 5 = 0 lets it out to the IRQ line. */
static void drive_irq(const struct vga *vga)
{
    wire_set(&vga->irq, vga->retrace_pending && !(vga->crtc[CRTC_V_RETRACE_END] & 0x20));
}

void vga_update_retrace_interrupt(struct vga *vga)
{
    bool armed = vga->crtc[CRTC_V_RETRACE_END] & 0x10;
    if (!armed)
        vga->retrace_pending = false;
    bool exists = vga->timing.retrace_start < vga->timing.retrace_end;
    if (armed && exists && !vga->retrace_pending)
        event_schedule(vga->dev.clock, &vga->retrace_event, next_retrace(vga, vga->dev.clock->now));
    else
        event_cancel(vga->dev.clock, &vga->retrace_event);
    drive_irq(vga);
}

void vga_retrace_fired(void *owner, uint64_t late)
{
    struct vga *vga = owner;
    (void)late;
    vga->retrace_pending = true;
    drive_irq(vga);
}
