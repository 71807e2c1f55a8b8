#include "gui/sdl_overlay.h"

#include <stdlib.h>

#include "base/memory.h"

#define GLYPH_WIDTH  8u
#define GLYPH_HEIGHT 16u

extern const uint8_t tick86_overlay_font[256 * GLYPH_HEIGHT];

/* The 16 colours of text, 00RRGGBBh. */
static const uint32_t colours[16] = {0x000000, 0x0000A8, 0x00A800, 0x00A8A8, 0xA80000, 0xA800A8,
                                     0xA85400, 0xA8A8A8, 0x545454, 0x5454FC, 0x54FC54, 0x54FCFC,
                                     0xFC5454, 0xFC54FC, 0xFCFC54, 0xFCFCFC};

void overlay_pixels(const struct vga_cell *cells, unsigned columns, unsigned rows, uint32_t *out)
{
    for (unsigned y = 0; y < rows * GLYPH_HEIGHT; y++) {
        for (unsigned x = 0; x < columns * GLYPH_WIDTH; x++) {
            const struct vga_cell *cell = &cells[y / GLYPH_HEIGHT * columns + x / GLYPH_WIDTH];
            uint8_t line = tick86_overlay_font[cell->character * GLYPH_HEIGHT + y % GLYPH_HEIGHT];
            bool dot = line >> (7 - x % GLYPH_WIDTH) & 1;
            *out++ = colours[dot ? cell->attribute & 15 : cell->attribute >> 4];
        }
    }
}

SDL_Rect overlay_place(SDL_Renderer *renderer, unsigned columns, unsigned rows, int row_from_top)
{
    int width = (int)(columns * GLYPH_WIDTH), height = (int)(rows * GLYPH_HEIGHT), room_x, room_y;
    SDL_GetRendererOutputSize(renderer, &room_x, &room_y);
    int times = room_x / width < room_y / height ? room_x / width : room_y / height;
    if (row_from_top >= 0 && times > room_x / 640)
        times = room_x / 640; /* a hint as large as the usual text */
    if (times < 1)
        times = 1;
    SDL_Rect rect = {(room_x - width * times) / 2, (room_y - height * times) / 2, width * times,
                     height * times};
    if (row_from_top >= 0)
        rect.y = row_from_top * (int)GLYPH_HEIGHT * times;
    return rect;
}

void overlay_draw(SDL_Renderer *renderer, const struct vga_cell *cells, unsigned columns, unsigned rows,
                  int row_from_top)
{
    int width = (int)(columns * GLYPH_WIDTH), height = (int)(rows * GLYPH_HEIGHT);
    SDL_Rect rect = overlay_place(renderer, columns, rows, row_from_top);
    SDL_Texture *texture =
        SDL_CreateTexture(renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STATIC, width, height);
    if (!texture)
        return;
    uint32_t *pixels = xcalloc((size_t)width * (size_t)height, sizeof *pixels);
    overlay_pixels(cells, columns, rows, pixels);
    SDL_UpdateTexture(texture, NULL, pixels, width * (int)sizeof *pixels);
    SDL_RenderCopy(renderer, texture, NULL, &rect);
    free(pixels);
    SDL_DestroyTexture(texture);
}
