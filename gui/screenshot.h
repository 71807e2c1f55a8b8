/* Pictures of the guest's screen as PNG files. */
#ifndef TICK86_GUI_SCREENSHOT_H
#define TICK86_GUI_SCREENSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct machine;

/* Writes WIDTH x HEIGHT pixels, 0x00RRGGBB, rows STRIDE pixels apart. False with ERR, which names PATH. */
bool png_write(const char *path, const uint32_t *pixels, unsigned width, unsigned height, unsigned stride,
               struct error *err);

/* Does PATH end as a picture does? False with ERR. */
bool screenshot_check_name(const char *path, struct error *err);
/* The screen as it is now, pixel for pixel as the guest's video mode has them. */
bool screenshot_write(struct machine *machine, const char *path, struct error *err);

#endif
