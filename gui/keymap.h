/* From characters and names of keys to what machine_key() takes: set-1 make codes of a US keyboard. */
#ifndef TICK86_GUI_KEYMAP_H
#define TICK86_GUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KEY_ESC = 0x01,
    KEY_BACKSPACE = 0x0E,
    KEY_TAB = 0x0F,
    KEY_ENTER = 0x1C,
    KEY_CTRL = 0x1D,
    KEY_SHIFT = 0x2A,
    KEY_ALT = 0x38,
    KEY_SPACE = 0x39,
    KEY_UP = 0xE048,
    KEY_LEFT = 0xE04B,
    KEY_RIGHT = 0xE04D,
    KEY_DOWN = 0xE050,
    KEY_HOME = 0xE047,
    KEY_END = 0xE04F,
    KEY_PAGE_UP = 0xE049,
    KEY_PAGE_DOWN = 0xE051,
    KEY_INSERT = 0xE052,
    KEY_DELETE = 0xE053,
};

struct keystroke {
    uint16_t key;
    bool shift;
};

/* The keystroke that types a character of ASCII (\n is Enter, \t Tab, \b Backspace, \033 Escape); false: none
 * does. */
bool keymap_character(uint32_t character, struct keystroke *out);

/* A key by name, e.g. "f1", "enter", "up", "ctrl", or a character by itself ("c"); 0: unknown. */
uint16_t keymap_name(const char *name, size_t length);

/* F1 to F12: the make code of function key NUMBER; 0 outside. */
uint16_t keymap_function_key(unsigned number);

#endif
