/* Records the screen as it changes, in virtual time: an animated GIF (NAME.gif, gui/gif.h) or PNG (NAME.png,
 * gui/apng.h) of shaped pictures (gui/video_shape.h), or numbered PNG pictures (NAME%05d.png).
 *
 * The screen is looked at so many times a second of virtual time, at the ends of slices; without a display
 * the same run gives the same file. */
#ifndef TICK86_GUI_VIDEO_H
#define TICK86_GUI_VIDEO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define VIDEO_RATE 25 /* looks a second */

struct machine;
struct video;

/* Is PATH a name that tells how to record? False with ERR. */
bool video_check_name(const char *path, struct error *err);

/* Begins a recording of MACHINE, which must live as long. NULL with ERR. */
struct video *video_open(const char *path, struct machine *machine, struct error *err);
/* To be called after each slice: takes a picture if one is due. */
void video_tick(struct video *video);
/* The machine's clock, which stood at cycle BEFORE, was set (a snapshot was loaded): the recording goes on
 * from there without a gap. */
void video_clock_set(struct video *video, uint64_t before);
/* Ends the recording. False with ERR if it could not be written. */
bool video_close(struct video *video, struct error *err);

#endif
