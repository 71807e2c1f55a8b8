/* The PC speaker through SDL: the cone's moves, which come with their cycles, become samples. */
#ifndef TICK86_GUI_SDL_AUDIO_H
#define TICK86_GUI_SDL_AUDIO_H

#include <stdbool.h>

struct machine;
struct sdl_audio;

/* NULL where the host has no sound; everything below then does nothing. */
struct sdl_audio *sdl_audio_open(struct machine *machine);
/* Plays what the speaker did up to now. SILENT: virtual time does not run at real time, so only take it away.
 */
void sdl_audio_play(struct sdl_audio *audio, bool silent);
void sdl_audio_close(struct sdl_audio *audio);

#endif
