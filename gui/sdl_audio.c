/* Each sample is the mean of the speaker's level over its time (a box filter, so that tones above the sample
 * rate fade and pulse-width tricks give their in-between levels), less its slow average: no click when a
 * program leaves the cone out. */
#include "gui/sdl_audio.h"

#include <SDL.h>
#include <stdlib.h>

#include "base/memory.h"
#include "devices/speaker.h"
#include "machine/machine.h"

#define RATE       44100
#define VOLUME     (6000.0 / 255)
#define EDGES      1024
#define BATCH      512
#define QUEUE_MAX  (RATE / 8) /* samples waiting, at most: an eighth of a second */
#define QUEUE_LEAD (RATE / 25)

struct sdl_audio {
    struct machine *machine;
    SDL_AudioDeviceID device;
    uint64_t sample; /* number of the sample being made, from power-on */
    uint64_t cycle;  /* up to where sound was made */
    double sum;      /* of level x cycles in the sample being made */
    uint8_t level;   /* 0 to 255 */
    double average;
    int16_t batch[BATCH];
    unsigned batched;
};

struct sdl_audio *sdl_audio_open(struct machine *machine)
{
    if (SDL_InitSubSystem(SDL_INIT_AUDIO))
        return NULL;
    SDL_AudioSpec want = {.freq = RATE, .format = AUDIO_S16SYS, .channels = 1, .samples = 512};
    SDL_AudioDeviceID device = SDL_OpenAudioDevice(NULL, 0, &want, NULL, 0);
    if (!device)
        return NULL;
    struct sdl_audio *audio = xcalloc(1, sizeof *audio);
    audio->machine = machine;
    audio->device = device;
    SDL_PauseAudioDevice(device, 0);
    return audio;
}

void sdl_audio_close(struct sdl_audio *audio)
{
    if (!audio)
        return;
    SDL_CloseAudioDevice(audio->device);
    free(audio);
}

static void queue_batch(struct sdl_audio *audio)
{
    /* If sound fell behind, a short silence keeps the next slices from crackling; if it ran ahead, drop. */
    unsigned queued = SDL_GetQueuedAudioSize(audio->device) / sizeof *audio->batch;
    if (!queued) {
        static const int16_t silence[QUEUE_LEAD];
        SDL_QueueAudio(audio->device, silence, sizeof silence);
    }
    if (queued < QUEUE_MAX)
        SDL_QueueAudio(audio->device, audio->batch, audio->batched * (Uint32)sizeof *audio->batch);
    audio->batched = 0;
}

static void put_sample(struct sdl_audio *audio, double level)
{
    audio->average += (level - audio->average) / 2000;
    audio->batch[audio->batched++] = (int16_t)((level - audio->average) * VOLUME);
    if (audio->batched == BATCH)
        queue_batch(audio);
}

static uint64_t sample_start(const struct sdl_audio *audio, uint64_t sample)
{
    return (uint64_t)((unsigned __int128)sample * machine_hz(audio->machine) / RATE);
}

/* The level stays as it is up to CYCLE. */
static void advance(struct sdl_audio *audio, uint64_t cycle)
{
    while (audio->cycle < cycle) {
        uint64_t start = sample_start(audio, audio->sample), end = sample_start(audio, audio->sample + 1);
        uint64_t to = end < cycle ? end : cycle;
        audio->sum += audio->level * (double)(to - audio->cycle);
        audio->cycle = to;
        if (to == end) {
            put_sample(audio, audio->sum / (double)(end - start));
            audio->sum = 0;
            audio->sample++;
        }
    }
}

static void jump_to(struct sdl_audio *audio, uint64_t cycle)
{
    audio->sample = (uint64_t)((unsigned __int128)cycle * RATE / machine_hz(audio->machine));
    audio->cycle = cycle;
    audio->sum = 0;
    audio->batched = 0;
}

void sdl_audio_play(struct sdl_audio *audio, bool silent)
{
    if (!audio)
        return;
    struct speaker_edge edges[EDGES];
    uint64_t now = machine_cycles(audio->machine);
    bool skip = silent || now - audio->cycle > machine_hz(audio->machine) / 4;
    unsigned count;
    do {
        count = speaker_take_edges(machine_speaker(audio->machine), edges, EDGES);
        for (unsigned i = 0; i < count; i++) {
            if (!skip)
                advance(audio, edges[i].cycle);
            audio->level = edges[i].level;
        }
    } while (count == EDGES);
    if (skip)
        jump_to(audio, now);
    else
        advance(audio, now);
    if (audio->batched)
        queue_batch(audio);
}
