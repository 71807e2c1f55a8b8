/* The PC speaker. IBM PC/AT Technical Reference, "Speaker": counter 2's output and the data bit of port 61h
 * go through an AND gate to the driver. */
#include "devices/speaker.h"

#include "devices/pit.h"

static void add_edge(struct speaker *speaker, uint64_t cycle)
{
    uint8_t level = speaker->enabled ? speaker->timer_level : 0;
    if (level == speaker->level)
        return;
    if (cycle < speaker->last_cycle)
        cycle = speaker->last_cycle;
    speaker->level = level;
    speaker->last_cycle = cycle;
    if (speaker->count == SPEAKER_EDGES) {
        speaker->head = (speaker->head + 1) % SPEAKER_EDGES;
        speaker->count--;
    }
    speaker->edges[(speaker->head + speaker->count++) % SPEAKER_EDGES] = (struct speaker_edge){cycle, level};
}

static void timer_changed(void *owner, unsigned level, uint64_t cycle)
{
    struct speaker *speaker = owner;
    speaker->timer_level = (uint8_t)level;
    add_edge(speaker, cycle);
}

void speaker_enable(struct speaker *speaker, bool enabled)
{
    if (enabled == speaker->enabled)
        return;
    speaker->enabled = enabled;
    /* While nothing can be heard, the timer need not report its edges. */
    if (speaker->pit)
        pit_listen(speaker->pit, enabled);
    add_edge(speaker, speaker->dev.clock->now);
}

unsigned speaker_take_edges(struct speaker *speaker, struct speaker_edge *out, unsigned max)
{
    unsigned n = speaker->count < max ? speaker->count : max;
    for (unsigned i = 0; i < n; i++)
        out[i] = speaker->edges[(speaker->head + i) % SPEAKER_EDGES];
    speaker->head = (speaker->head + n) % SPEAKER_EDGES;
    speaker->count -= n;
    return n;
}

static bool speaker_init(void *state, const void *config, struct error *err)
{
    struct speaker *speaker = state;
    const struct speaker_config *given = config;
    (void)err;
    speaker->pit = given ? given->pit : NULL;
    if (speaker->pit)
        pit_connect_level(speaker->pit, timer_changed, speaker);
    return true;
}

static void speaker_reset(void *state, enum reset_kind kind)
{
    (void)kind;
    speaker_enable(state, false);
}

static bool speaker_post_load(void *state, struct error *err)
{
    struct speaker *speaker = state;
    (void)err;
    /* Edges of another time mean nothing; what is heard now begins anew. */
    speaker->head = speaker->count = 0;
    speaker->last_cycle = 0;
    speaker->level = 0;
    add_edge(speaker, speaker->dev.clock->now);
    return true;
}

static void speaker_print(const void *state, struct text *out)
{
    const struct speaker *speaker = state;
    text_add(out, "speaker: data %s, level %u, %u edges wait\n", speaker->enabled ? "on" : "off",
             speaker->level, speaker->count);
}

static const struct field speaker_fields[] = {
    FIELD_RANGE(struct speaker, enabled, 0, 1),
    FIELD(struct speaker, timer_level),
    FIELD_END,
};

const struct device_type speaker_type = {
    .name = "speaker",
    .title = "PC speaker",
    .state_size = sizeof(struct speaker),
    .fields = speaker_fields,
    .init = speaker_init,
    .reset = speaker_reset,
    .post_load = speaker_post_load,
    .print = speaker_print,
};
