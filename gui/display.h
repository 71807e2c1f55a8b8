/* What the session knows of a display: a window, a terminal, or nothing at all. */
#ifndef TICK86_GUI_DISPLAY_H
#define TICK86_GUI_DISPLAY_H

#include <stdbool.h>

#include "base/error.h"

struct session;

/* Functions may be NULL. */
struct display {
    void *state;
    void (*poll)(void *state);  /* take in what the user does */
    void (*draw)(void *state);  /* at most 60 times a second */
    void (*sound)(void *state); /* after each slice */
    /* The monitor takes over the terminal that the display draws on, and gives it back. NULL: it draws
     * elsewhere. */
    void (*leave)(void *state);
    void (*enter)(void *state);
    void (*close)(void *state);
};

/* SDL2: a window with sound. False with ERR if there is no screen, or if it was built without. */
bool display_open_sdl(struct display *display, struct session *session, struct error *err);
/* The terminal on standard input and output. */
bool display_open_term(struct display *display, struct session *session, struct error *err);

#endif
