/* The US keyboard, codes of set 1: IBM PC AT Technical Reference, "Keyboard". */
#include "gui/keymap.h"

#include <string.h>
#include <strings.h>

/* Rows of the keyboard: the code of the first key, and what its keys give without and with Shift. */
static const struct {
    uint8_t first;
    const char *plain, *shifted;
} key_rows[] = {
    {0x02, "1234567890-=", "!@#$%^&*()_+"},
    {0x10, "qwertyuiop[]", "QWERTYUIOP{}"},
    {0x1E, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
    {0x2B, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
};

static const struct {
    const char *name;
    uint16_t key;
} key_names[] = {
    {"esc", KEY_ESC},        {"enter", KEY_ENTER},   {"tab", KEY_TAB},
    {"space", KEY_SPACE},    {"backspace", 0x0E},    {"ctrl", KEY_CTRL},
    {"shift", KEY_SHIFT},    {"alt", KEY_ALT},       {"rctrl", 0xE01D},
    {"rshift", 0x36},        {"ralt", 0xE038},       {"altgr", 0xE038},
    {"win", 0xE05B},         {"rwin", 0xE05C},       {"menu", 0xE05D},
    {"capslock", 0x3A},      {"numlock", 0x45},      {"scrolllock", 0x46},
    {"up", KEY_UP},          {"down", KEY_DOWN},     {"left", KEY_LEFT},
    {"right", KEY_RIGHT},    {"home", KEY_HOME},     {"end", KEY_END},
    {"pageup", KEY_PAGE_UP}, {"pgup", KEY_PAGE_UP},  {"pagedown", KEY_PAGE_DOWN},
    {"pgdn", KEY_PAGE_DOWN}, {"insert", KEY_INSERT}, {"ins", KEY_INSERT},
    {"delete", KEY_DELETE},  {"del", KEY_DELETE},    {"print", 0xE037},
    {"pause", 0xE11D},       {"minus", 0x0C},        {"plus", 0x4E},
    {"kp*", 0x37},           {"kp-", 0x4A},          {"kp+", 0x4E},
    {"kp/", 0xE035},         {"kpenter", 0xE01C},    {"kp0", 0x52},
    {"kp1", 0x4F},           {"kp2", 0x50},          {"kp3", 0x51},
    {"kp4", 0x4B},           {"kp5", 0x4C},          {"kp6", 0x4D},
    {"kp7", 0x47},           {"kp8", 0x48},          {"kp9", 0x49},
    {"kp.", 0x53},           {"ret", KEY_ENTER},     {"spc", KEY_SPACE},
};

bool keymap_character(uint32_t character, struct keystroke *out)
{
    *out = (struct keystroke){0};
    switch (character) {
    case '\n':
    case '\r':
        out->key = KEY_ENTER;
        return true;
    case '\t':
        out->key = KEY_TAB;
        return true;
    case '\b':
    case 0x7F:
        out->key = KEY_BACKSPACE;
        return true;
    case 0x1B:
        out->key = KEY_ESC;
        return true;
    case ' ':
        out->key = KEY_SPACE;
        return true;
    }
    if (character < ' ' || character > '~')
        return false;
    for (size_t i = 0; i < sizeof key_rows / sizeof *key_rows; i++) {
        const char *at = strchr(key_rows[i].plain, (int)character);
        if (!at) {
            at = strchr(key_rows[i].shifted, (int)character);
            out->shift = at != NULL;
        }
        if (at) {
            out->key =
                (uint16_t)(key_rows[i].first + (at - (out->shift ? key_rows[i].shifted : key_rows[i].plain)));
            return true;
        }
    }
    return false;
}

uint16_t keymap_function_key(unsigned number)
{
    if (number >= 1 && number <= 10)
        return (uint16_t)(0x3B + number - 1);
    if (number == 11 || number == 12)
        return (uint16_t)(0x57 + number - 11);
    return 0;
}

uint16_t keymap_name(const char *name, size_t length)
{
    struct keystroke stroke;
    if (length == 1 && keymap_character((uint8_t)*name, &stroke))
        return stroke.key;
    if (length >= 2 && length <= 3 && (*name == 'f' || *name == 'F')) {
        unsigned number = 0;
        for (size_t i = 1; i < length; i++) {
            if (name[i] < '0' || name[i] > '9')
                return 0;
            number = number * 10 + (unsigned)(name[i] - '0');
        }
        return keymap_function_key(number);
    }
    for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++)
        if (strlen(key_names[i].name) == length && !strncasecmp(key_names[i].name, name, length))
            return key_names[i].key;
    return 0;
}
