/* What programs change while the beam goes down the screen: palette splits, colour bars, panning in parts.
 *
 * Each change of a register that the picture depends on is kept with its cycle, as many as a busy frame
 * makes. A frame is drawn from a copy of the registers that is first taken back to the frame's beginning and
 * then brought forward line by line. The log is about the picture alone: no guest can observe it. Snapshots
 * hold it, so that a restored machine shows the frame that it was saved in. An empty one means that the
 * registers have been what they are for the whole frame. */
#include <string.h>

#include "base/memory.h"
#include "devices/vga_private.h"

#define CHANGES 4096u /* a power of two */

struct vga_raster_log {
    /* Rings, by number modulo CHANGES. */
    uint64_t cycle[CHANGES];
    uint32_t old[CHANGES], new[CHANGES];
    uint8_t space[CHANGES], index[CHANGES];
    uint64_t count; /* that were ever made */
    uint64_t first; /* number of the oldest one that is still good */
};

const struct field vga_raster_log_fields[] = {
    FIELD_ARRAY(struct vga_raster_log, cycle), FIELD_ARRAY(struct vga_raster_log, old),
    FIELD_ARRAY(struct vga_raster_log, new),   FIELD_BYTES(struct vga_raster_log, space),
    FIELD_BYTES(struct vga_raster_log, index), FIELD(struct vga_raster_log, count),
    FIELD(struct vga_raster_log, first),       FIELD_END};

bool vga_raster_log_valid(const struct vga *vga)
{
    const struct vga_raster_log *log = vga->raster_log;
    return log->first <= log->count && log->count - log->first <= CHANGES;
}

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
    unsigned at = log->count++ % CHANGES;
    log->cycle[at] = vga->dev.clock->now;
    log->old[at] = old;
    log->new[at] = new;
    log->space[at] = (uint8_t)space;
    log->index[at] = index;
    if (log->count - log->first > CHANGES)
        log->first = log->count - CHANGES;
}

/* Gives the register of change NUMBER the value that it had before or after. */
static void put(struct vga *vga, uint64_t number, bool after)
{
    const struct vga_raster_log *log = vga->raster_log;
    unsigned at = number % CHANGES, index = log->index[at];
    uint32_t value = after ? log->new[at] : log->old[at];
    switch (log->space[at]) {
    case VGA_SPACE_DAC:
        for (unsigned i = 0; i < 3; i++)
            vga->dac[3 * index + i] = (uint8_t)(value >> 8 * i);
        break;
    case VGA_SPACE_PEL_MASK:
        vga->pel_mask = (uint8_t)value;
        break;
    case VGA_SPACE_ATTR:
        vga->attr[index % ATTR_COUNT] = (uint8_t)value;
        break;
    case VGA_SPACE_ATTR_INDEX:
        vga->attr_index = (uint8_t)value;
        break;
    case VGA_SPACE_CRTC:
        vga->crtc[index % CRTC_COUNT] = (uint8_t)value;
        break;
    default:
        vga->seq[index % SEQ_COUNT] = (uint8_t)value;
        break;
    }
}

void vga_replay_begin(const struct vga *vga, struct vga_replay *replay)
{
    const struct vga_raster_log *log = vga->raster_log;
    replay->vga = *vga;
    replay->frame_start = vga_frame_start(vga);
    uint64_t at = log->count;
    while (at > log->first && log->cycle[(at - 1) % CHANGES] >= replay->frame_start)
        put(&replay->vga, --at, false);
    replay->next = at;
}

bool vga_replay_to_line(struct vga_replay *replay, unsigned line)
{
    const struct vga_raster_log *log = replay->vga.raster_log;
    if (replay->next == log->count)
        return false;
    uint64_t cycle = vga_cycle_of_line(&replay->vga, replay->frame_start, line);
    bool changed = false;
    while (replay->next < log->count && log->cycle[replay->next % CHANGES] <= cycle) {
        put(&replay->vga, replay->next++, true);
        changed = true;
    }
    return changed;
}
