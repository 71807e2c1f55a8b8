#include "gui/menu.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "gui/keymap.h"
#include "gui/session.h"
#include "gui/typist.h"

#define LABEL_SIZE 256
#define FIRST_ROW  2               /* of the list, under frame and title */
#define LIST_ROWS  (MENU_ROWS - 4) /* above help and frame */
#define FILES_MAX  2000

/* Attributes: text, what is chosen, what cannot be. */
enum { COLOUR_TEXT = 0x1F, COLOUR_CHOSEN = 0x71, COLOUR_DIM = 0x17 };

struct item {
    char label[LABEL_SIZE];
    void (*take)(struct menu *menu, const struct item *item);
    int number;
    char *path;
};

struct menu {
    struct session *session;
    bool open;
    char title[LABEL_SIZE];
    struct item *items;
    unsigned count, chosen, first;   /* FIRST: in the topmost row of the list */
    void (*back)(struct menu *menu); /* what Esc leads to; NULL: closes */
    enum machine_media_slot slot;    /* the drive that the page is about */
    char *folder;                    /* that the list of files shows */
};

/* --- Pages ------------------------------------------------------------------------------------------------
 */

static void begin_page(struct menu *menu, const char *title, void (*back)(struct menu *menu))
{
    for (unsigned i = 0; i < menu->count; i++)
        free(menu->items[i].path);
    menu->count = menu->chosen = menu->first = 0;
    menu->back = back;
    snprintf(menu->title, sizeof menu->title, "%s", title);
}

static struct item *add_item(struct menu *menu, const char *label,
                             void (*take)(struct menu *menu, const struct item *item), int number)
{
    menu->items = xrealloc(menu->items, (menu->count + 1) * sizeof *menu->items);
    struct item *item = &menu->items[menu->count++];
    *item = (struct item){.take = take, .number = number};
    snprintf(item->label, sizeof item->label, "%s", label);
    return item;
}

static void main_page(struct menu *menu);
static void drive_page(struct menu *menu);
static void files_page(struct menu *menu);

/* --- Files --- */

static void insert_path(struct menu *menu, const struct item *item)
{
    session_insert_into(menu->session, menu->slot, item->path);
    menu_close(menu);
}

static void enter_folder(struct menu *menu, const struct item *item)
{
    char *path = realpath(item->path, NULL);
    if (!path)
        return;
    free(menu->folder);
    menu->folder = path;
    files_page(menu);
}

static void leave_files(struct menu *menu)
{
    drive_page(menu);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void add_file(struct menu *menu, const char *name)
{
    size_t size = strlen(menu->folder) + strlen(name) + 2;
    char *path = xcalloc(size, 1), label[LABEL_SIZE];
    struct stat status;
    snprintf(path, size, "%s/%s", menu->folder, name);
    bool there = !stat(path, &status), is_folder = there && S_ISDIR(status.st_mode);
    if (!there || !(is_folder || S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))) {
        free(path);
        return;
    }
    snprintf(label, sizeof label, "%s%s", name, is_folder ? "/" : "");
    add_item(menu, label, is_folder ? enter_folder : insert_path, 0)->path = path;
}

static void files_page(struct menu *menu)
{
    struct dirent **names;
    if (!menu->folder)
        menu->folder = realpath(".", NULL);
    begin_page(menu, menu->folder ? menu->folder : "/", leave_files);
    if (!menu->folder)
        return;
    add_file(menu, "..");
    int count = scandir(menu->folder, &names, visible, alphasort);
    for (int i = 0; i < count; i++) {
        if (i < FILES_MAX)
            add_file(menu, names[i]->d_name);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
}

static void choose_file(struct menu *menu, const struct item *item)
{
    (void)item;
    files_page(menu);
}

/* --- Drives --- */

static void eject(struct menu *menu, const struct item *item)
{
    (void)item;
    session_eject_medium(menu->session, menu->slot);
    menu_close(menu);
}

static void drive_page(struct menu *menu)
{
    char title[LABEL_SIZE];
    const struct media *media = &menu->session->media;
    const char *medium = machine_medium(menu->session->machine, menu->slot);
    snprintf(title, sizeof title, "Drive %s", media_drive_name(media, menu->slot));
    begin_page(menu, title, main_page);
    for (size_t i = 0; i < media->list[menu->slot].count; i++) {
        const char *path = media->list[menu->slot].items[i];
        char label[LABEL_SIZE];
        bool in = medium && machine_same_medium(path, medium);
        snprintf(label, sizeof label, "%c %.200s", in ? 7 : ' ', media_name(path));
        add_item(menu, label, insert_path, 0)->path = xstrdup(path);
    }
    add_item(menu, "  Another file ...", choose_file, 0);
    if (medium)
        add_item(menu, "  Eject", eject, 0);
}

static void choose_drive(struct menu *menu, const struct item *item)
{
    menu->slot = (enum machine_media_slot)item->number;
    drive_page(menu);
}

/* --- Keys --- */

static void send_keys(struct menu *menu, const struct item *item)
{
    struct error err;
    if (!typist_add_keys(menu->session->typist, item->path, &err))
        session_notice(menu->session, "%s", err.text);
    else
        session_notice(menu->session, "%s sent", item->label);
    menu_close(menu);
}

static void keys_page(struct menu *menu)
{
    static const struct {
        const char *label, *keys;
    } keys[] = {
        {"Ctrl-Alt-Del", "ctrl-alt-del"},
        {"Ctrl-Esc", "ctrl-esc"},
        {"Alt-Tab", "alt-tab"},
        {"Alt-Esc", "alt-esc"},
        {"Alt-F4", "alt-f4"},
        {"Ctrl-Break", "ctrl-pause"},
        {"Pause", "pause"},
        {"Print Screen", "print"},
        {"SysRq", "alt-print"},
        {"Ctrl-Alt-F1", "ctrl-alt-f1"},
        {"Ctrl-Alt-F2", "ctrl-alt-f2"},
        {"Num Lock", "numlock"},
        {"Scroll Lock", "scrolllock"},
        {"Windows key", "win"},
        {"Menu key", "menu"},
    };
    begin_page(menu, "Send keys to the guest", main_page);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        add_item(menu, keys[i].label, send_keys, 0)->path = xstrdup(keys[i].keys);
}

static void choose_keys(struct menu *menu, const struct item *item)
{
    (void)item;
    keys_page(menu);
}

/* --- The first page --- */

static void take_session_action(struct menu *menu, const struct item *item)
{
    static void (*const actions[])(struct session * session) = {session_screenshot,   session_toggle_video,
                                                                session_toggle_turbo, session_power_button,
                                                                session_reset,        session_quit};
    menu_close(menu);
    actions[item->number](menu->session);
}

static void main_page(struct menu *menu)
{
    char label[LABEL_SIZE];
    struct session *session = menu->session;
    begin_page(menu, "tick86", NULL);
    for (int i = 0; i < MACHINE_DRIVES; i++) {
        enum machine_media_slot slot = (enum machine_media_slot)i;
        if (!machine_can_change(session->machine, slot))
            continue;
        const char *medium = machine_medium(session->machine, slot);
        snprintf(label, sizeof label, "Drive %-4.8s %.200s", media_drive_name(&session->media, slot),
                 medium ? media_name(medium) : "empty");
        add_item(menu, label, choose_drive, i);
    }
    add_item(menu, "Send keys ...", choose_keys, 0);
    add_item(menu, "Save a screenshot", take_session_action, 0);
    add_item(menu, session->video ? "End the recording" : "Record the screen", take_session_action, 1);
    add_item(menu, session->pace.percent == SPEED_MAX ? "Usual speed" : "Unlimited speed",
             take_session_action, 2);
    add_item(menu, "Press the power button", take_session_action, 3);
    add_item(menu, "Reset", take_session_action, 4);
    add_item(menu, "Quit", take_session_action, 5);
}

/* --- From outside -----------------------------------------------------------------------------------------
 */

struct menu *menu_create(struct session *session)
{
    struct menu *menu = xcalloc(1, sizeof *menu);
    menu->session = session;
    return menu;
}

void menu_destroy(struct menu *menu)
{
    if (!menu)
        return;
    begin_page(menu, "", NULL);
    free(menu->items);
    free(menu->folder);
    free(menu);
}

void menu_open(struct menu *menu)
{
    main_page(menu);
    menu->open = true;
}

void menu_close(struct menu *menu)
{
    menu->open = false;
}

bool menu_is_open(const struct menu *menu)
{
    return menu && menu->open;
}

static void move(struct menu *menu, int by)
{
    int last = (int)menu->count - 1, to = (int)menu->chosen + by;
    if (last < 0)
        return;
    menu->chosen = (unsigned)(to < 0 ? 0 : to > last ? last : to);
    if (menu->chosen < menu->first)
        menu->first = menu->chosen;
    if (menu->chosen >= menu->first + LIST_ROWS)
        menu->first = menu->chosen - LIST_ROWS + 1;
}

static void take_chosen(struct menu *menu)
{
    if (!menu->count)
        return;
    /* A page that the item leads to replaces the items. */
    struct item item = menu->items[menu->chosen];
    item.path = item.path ? xstrdup(item.path) : NULL;
    item.take(menu, &item);
    free(item.path);
}

/* The item at a cell; -1: none. */
static int item_at(const struct menu *menu, int column, int row)
{
    int at = row - FIRST_ROW;
    if (column < 2 || column >= MENU_COLUMNS - 2 || at < 0 || at >= LIST_ROWS)
        return -1;
    at += (int)menu->first;
    return at < (int)menu->count ? at : -1;
}

void menu_point(struct menu *menu, int column, int row)
{
    int at = item_at(menu, column, row);
    if (at >= 0)
        menu->chosen = (unsigned)at;
}

void menu_click(struct menu *menu, int column, int row)
{
    if (column < 0 || column >= MENU_COLUMNS || row < 0 || row >= MENU_ROWS) {
        menu_close(menu);
        return;
    }
    menu_point(menu, column, row);
    if (item_at(menu, column, row) >= 0)
        take_chosen(menu);
}

void menu_wheel(struct menu *menu, int clicks)
{
    move(menu, -3 * clicks);
}

void menu_key(struct menu *menu, uint16_t key)
{
    switch (key) {
    case KEY_UP:
        move(menu, -1);
        break;
    case KEY_DOWN:
    case KEY_TAB:
        move(menu, 1);
        break;
    case KEY_PAGE_UP:
        move(menu, -LIST_ROWS);
        break;
    case KEY_PAGE_DOWN:
        move(menu, LIST_ROWS);
        break;
    case KEY_HOME:
        move(menu, -(int)menu->count);
        break;
    case KEY_END:
        move(menu, (int)menu->count);
        break;
    case KEY_ENTER:
    case KEY_SPACE:
        take_chosen(menu);
        break;
    case KEY_ESC:
    case KEY_BACKSPACE:
        if (menu->back)
            menu->back(menu);
        else
            menu_close(menu);
        break;
    }
}

/* --- Drawing ----------------------------------------------------------------------------------------------
 */

static void put_text(struct vga_cell *row, unsigned column, unsigned width, const char *text,
                     uint8_t attribute)
{
    for (unsigned i = 0; i < width; i++) {
        uint8_t c = (uint8_t)*text;
        if (c)
            text++;
        while (((uint8_t)*text & 0xC0) == 0x80)
            text++; /* the rest of a character that is not shown */
        row[column + i] = (struct vga_cell){c >= 0x7F ? '?' : c ? c : ' ', attribute};
    }
}

/* Code page 437: double lines. */
static void put_frame(struct vga_cell *cells)
{
    for (unsigned y = 0; y < MENU_ROWS; y++) {
        for (unsigned x = 0; x < MENU_COLUMNS; x++) {
            bool side = x == 0 || x == MENU_COLUMNS - 1;
            uint8_t c = y == 0               ? (x == 0 ? 0xC9
                                                : side ? 0xBB
                                                       : 0xCD)
                        : y == MENU_ROWS - 1 ? (x == 0 ? 0xC8
                                                : side ? 0xBC
                                                       : 0xCD)
                        : side               ? 0xBA
                                             : ' ';
            cells[y * MENU_COLUMNS + x] = (struct vga_cell){c, COLOUR_TEXT};
        }
    }
}

void menu_draw(const struct menu *menu, struct vga_cell cells[MENU_ROWS * MENU_COLUMNS])
{
    put_frame(cells);
    size_t length = strlen(menu->title), room = MENU_COLUMNS - 6;
    const char *title =
        length > room ? menu->title + length - room : menu->title; /* a path's end tells more */
    unsigned width = (unsigned)strlen(title);
    put_text(cells, (MENU_COLUMNS - width) / 2 - 1, 1, "", COLOUR_TEXT);
    put_text(cells, (MENU_COLUMNS - width) / 2, width + 1, title, COLOUR_TEXT);
    for (unsigned i = 0; i < LIST_ROWS && menu->first + i < menu->count; i++) {
        unsigned at = menu->first + i;
        put_text(cells + (i + FIRST_ROW) * MENU_COLUMNS, 2, MENU_COLUMNS - 4, "", COLOUR_TEXT);
        put_text(cells + (i + FIRST_ROW) * MENU_COLUMNS, 2, 1, "",
                 at == menu->chosen ? COLOUR_CHOSEN : COLOUR_TEXT);
        put_text(cells + (i + FIRST_ROW) * MENU_COLUMNS, 3, MENU_COLUMNS - 5, menu->items[at].label,
                 at == menu->chosen ? COLOUR_CHOSEN : COLOUR_TEXT);
    }
    if (menu->first)
        cells[2 * MENU_COLUMNS - 3] = (struct vga_cell){0x1E, COLOUR_TEXT};
    if (menu->first + LIST_ROWS < menu->count)
        cells[(MENU_ROWS - 1) * MENU_COLUMNS - 3] = (struct vga_cell){0x1F, COLOUR_TEXT};
    put_text(cells + (MENU_ROWS - 2) * MENU_COLUMNS, 3, MENU_COLUMNS - 8,
             "\x18\x19 choose   Enter take   Esc back", COLOUR_DIM);
}
