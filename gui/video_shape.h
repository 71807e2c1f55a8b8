/* What a recording shows of a mode: pictures for square pixels.
 *
 * Modes of less than 640 columns (games) are doubled and get their shape on a monitor, mostly 4:3, by rows
 * that come once more: 320x200 becomes 640x480, and so does 320x240. In others the pixels stay as they are,
 * so that text stays crisp, but for rows that are twice as high as wide or more: 640x200 becomes 640x400. */
#ifndef TICK86_GUI_VIDEO_SHAPE_H
#define TICK86_GUI_VIDEO_SHAPE_H

struct vga_frame;

/* FRAME, which has a width and height, into SHAPED; zeroed before its first use, then reused. */
void video_shape(const struct vga_frame *frame, struct vga_frame *shaped);

#endif
