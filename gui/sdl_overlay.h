/* Text that the window lays over the guest's picture: the menu, and hints. */
#ifndef TICK86_GUI_SDL_OVERLAY_H
#define TICK86_GUI_SDL_OVERLAY_H

#include <SDL.h>

#include "devices/vga.h"

/* Cells of code page 437 as pixels of OUT, 8 x 16 each: COLUMNS * 8 wide. */
void overlay_pixels(const struct vga_cell *cells, unsigned columns, unsigned rows, uint32_t *out);

/* Where overlay_draw() puts so many cells. */
SDL_Rect overlay_place(SDL_Renderer *renderer, unsigned columns, unsigned rows, int row_from_top);

/* Draws the cells in the middle of the window, ROW_FROM_TOP text rows below its top (negative: in the middle
 * of its height too), enlarged by the largest whole number that fits. */
void overlay_draw(SDL_Renderer *renderer, const struct vga_cell *cells, unsigned columns, unsigned rows,
                  int row_from_top);

#endif
