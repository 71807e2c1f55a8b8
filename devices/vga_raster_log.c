/* What programs change while the beam goes down the screen: palette splits, colour bars, panning in parts.
 *
 * Each change of a register that the picture depends on is kept with its cycle, as many as a busy frame
 * makes. A frame is drawn from a copy of the registers that is first taken back to the frame's beginning and
 * then brought forward line by line. The log is about the picture alone: it is not part of the machine's
 * state, and an empty one means that the registers have been what they are for the whole frame. */
#include <string.h>

#include "base/memory.h"
#include "devices/vga_private.h"

#define CHANGES 4096u /* a power of two */

struct change {
    uint64_t cycle;
    uint32_t old, new;
    uint8_t space, index;
};

struct vga_raster_log {
    struct change changes[CHANGES]; /* a ring */
    uint64_t count;                 /* that were ever made */
    uint64_t first;                 /* number of the oldest one that is still good */
};

struct vga_raster_log *vga_raster_log_create(void)
{
    return xcalloc(1, sizeof(struct vga_raster_log));
}

void vga_raster_log_clear(struct vga *vga)
{
    vga->raster_log->first = vga->raster_log->count;
}

void vga_raster_log_add(struct vga *vga, enum vga_register_space space, uint8_t index, uint32_t old,
                        uint32_t new)
{
    struct vga_raster_log *log = vga->raster_log;
    if (old == new)
        return;
    log->changes[log->count++ % CHANGES] =
        (struct change){vga->dev.clock->now, old, new, (uint8_t)space, index};
    if (log->count - log->first > CHANGES)
        log->first = log->count - CHANGES;
}

static void put(struct vga *vga, const struct change *change, uint32_t value)
{
    switch (change->space) {
    case VGA_SPACE_DAC:
        for (unsigned i = 0; i < 3; i++)
            vga->dac[3 * change->index + i] = (uint8_t)(value >> 8 * i);
        break;
    case VGA_SPACE_PEL_MASK:
        vga->pel_mask = (uint8_t)value;
        break;
    case VGA_SPACE_ATTR:
        vga->attr[change->index % ATTR_COUNT] = (uint8_t)value;
        break;
    case VGA_SPACE_ATTR_INDEX:
        vga->attr_index = (uint8_t)value;
        break;
    case VGA_SPACE_CRTC:
        vga->crtc[change->index % CRTC_COUNT] = (uint8_t)value;
        break;
    default:
        vga->seq[change->index % SEQ_COUNT] = (uint8_t)value;
        break;
    }
}

void vga_replay_begin(const struct vga *vga, struct vga_replay *replay)
{
    const struct vga_raster_log *log = vga->raster_log;
    replay->vga = *vga;
    replay->frame_start = vga_frame_start(vga);
    uint64_t at = log->count;
    while (at > log->first && log->changes[(at - 1) % CHANGES].cycle >= replay->frame_start) {
        at--;
        put(&replay->vga, &log->changes[at % CHANGES], log->changes[at % CHANGES].old);
    }
    replay->next = at;
}

bool vga_replay_to_line(struct vga_replay *replay, unsigned line)
{
    const struct vga_raster_log *log = replay->vga.raster_log;
    if (replay->next == log->count)
        return false;
    uint64_t cycle = vga_cycle_of_line(&replay->vga, replay->frame_start, line);
    bool changed = false;
    while (replay->next < log->count && log->changes[replay->next % CHANGES].cycle <= cycle) {
        const struct change *change = &log->changes[replay->next++ % CHANGES];
        put(&replay->vga, change, change->new);
        changed = true;
    }
    return changed;
}
