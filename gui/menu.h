/* The menu that window and terminal lay over the guest's screen: drives and their media, keys that the host
 * would take, pictures, speed, power. The machine waits while it is open.
 *
 * It is drawn as cells of code page 437, so a display only has to put these on its screen. */
#ifndef TICK86_GUI_MENU_H
#define TICK86_GUI_MENU_H

#include <stdbool.h>
#include <stdint.h>

#include "devices/vga.h"

#define MENU_COLUMNS 56
#define MENU_ROWS    20

struct menu;
struct session;

struct menu *menu_create(struct session *session);
void menu_destroy(struct menu *menu);

void menu_open(struct menu *menu);
void menu_close(struct menu *menu);
bool menu_is_open(const struct menu *menu);

/* A key went down (set-1 make code): arrows, Page Up and Down, Home, End, Enter; Esc and Backspace go back.
 */
void menu_key(struct menu *menu, uint16_t key);

/* The mouse, in cells of menu_draw(): over what it stands is chosen; a click takes that, outside of the menu
 * it closes it. The wheel, upwards positive. */
void menu_point(struct menu *menu, int column, int row);
void menu_click(struct menu *menu, int column, int row);
void menu_wheel(struct menu *menu, int clicks);

/* All cells, row by row. */
void menu_draw(const struct menu *menu, struct vga_cell cells[MENU_ROWS * MENU_COLUMNS]);

#endif
