/* The demonstration floppy: what a machine starts from when the user names nothing to start from. */
#ifndef TICK86_GUI_DEMO_H
#define TICK86_GUI_DEMO_H

#include <stdbool.h>

#include "base/error.h"
#include "machine/options.h"

/* Puts the built-in floppy image into drive A: if OPTIONS name no drive, kernel or other firmware. */
bool demo_use_if_nothing_given(struct run_options *options, struct error *err);

/* Is PATH that floppy's? */
bool demo_is_medium(const char *path);

/* The same in place of one that a snapshot was saved with: that went with its process. */
bool demo_use_if_saved(struct machine_config *config, struct error *err);

#endif
