/* Keys of the host's keyboard by position (SDL scancode), as the guest's keyboard has them. */
#ifndef TICK86_GUI_SDL_KEYBOARD_H
#define TICK86_GUI_SDL_KEYBOARD_H

#include <SDL.h>
#include <stdint.h>

/* What machine_key() takes; 0: the PC keyboard has no such key. */
uint16_t sdl_key_code(SDL_Scancode scancode);

#endif
