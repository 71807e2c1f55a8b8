/* The terminal as display: text modes cell by cell with 16 colours, graphics modes as half blocks in 24-bit
 * colour (each character cell shows two pixels), a status line below if there is room.
 *
 * Control sequences: ECMA-48 and xterm. Ctrl-] is the key for tick86 itself. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "devices/vga.h"
#include "gui/display.h"
#include "gui/menu.h"
#include "gui/session.h"
#include "gui/term_keys.h"
#include "gui/tty.h"
#include "machine/machine.h"

#define HOST_KEY    0x1D /* Ctrl-] */
#define MAX_CELLS   16384
#define STATUS_SIZE 160
#define ESC         "\033"
/* Alternate screen, clear; and back, with colours and cursor as they were. */
#define ENTER_SCREEN ESC "[?1049h" ESC "[2J" ESC "[?7l"
#define LEAVE_SCREEN ESC "[0m" ESC "[?25h" ESC "[?7h" ESC "[?1049l"
#define DRAW_NS      33000000ll
#define HINT_NS      4000000000ll

struct term {
    struct session *session;
    unsigned width, height;           /* of the terminal, in cells */
    struct vga_cell cells[MAX_CELLS]; /* as last drawn */
    unsigned columns, rows;           /* of the guest's text screen as last drawn, 0: graphics or nothing */
    unsigned first_column, first_row; /* of the part that is shown */
    struct vga_frame frame;
    uint32_t *shown; /* half-block picture as last drawn: width x 2 height pixels */
    bool host_key;   /* Ctrl-] was typed */
    bool redraw;
    bool away;          /* the terminal is the monitor's */
    bool menu_shown;    /* over what was last drawn */
    bool status_over;   /* the status line covers a line of the guest's screen for a while */
    int64_t hint_until; /* host_ns(): until then it does, to tell of Ctrl-] */
    int64_t next_draw;
    struct text status; /* as last drawn */
    struct text out;
};

/* --- Colours and characters -------------------------------------------------------------------------------
 */

/* VGA's attributes count blue, green, red; ANSI's red, green, blue. */
static const uint8_t ansi_of_vga[8] = {0, 4, 2, 6, 1, 5, 3, 7};

static void put_attribute(struct text *out, uint8_t attribute)
{
    unsigned fore = attribute & 15, back = attribute >> 4;
    text_add(out, ESC "[0;%u;%um", (fore & 8 ? 90u : 30u) + ansi_of_vga[fore & 7],
             (back & 8 ? 100u : 40u) + ansi_of_vga[back & 7]);
}

static void put_move(struct text *out, unsigned column, unsigned row)
{
    text_add(out, ESC "[%u;%uH", row + 1, column + 1);
}

static void put_glyph(struct text *out, uint8_t character)
{
    uint32_t rune = vga_cp437[character];
    text_add_rune(out, rune ? rune : ' ');
}

/* --- Drawing ----------------------------------------------------------------------------------------------
 */

static void send(struct term *t)
{
    for (size_t at = 0; at < t->out.length;) {
        ssize_t n = write(STDOUT_FILENO, t->out.chars + at, t->out.length - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    text_clear(&t->out);
}

static void measure(struct term *t)
{
    struct winsize size = {0};
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    unsigned width = size.ws_col ? size.ws_col : 80, height = size.ws_row ? size.ws_row : 25;
    if (width == t->width && height == t->height)
        return;
    t->width = width;
    t->height = height;
    t->redraw = true;
}

static void forget(struct term *t)
{
    text_add(&t->out, ESC "[0m" ESC "[2J");
    t->columns = t->rows = 0;
    free(t->shown);
    t->shown = NULL;
    text_clear(&t->status);
    t->redraw = false;
}

/* Where the shown part begins, so that the cursor is in it. */
static unsigned scroll_to(unsigned size, unsigned room, int cursor, unsigned first)
{
    if (size <= room)
        return 0;
    if (cursor >= 0 && (unsigned)cursor < size) {
        if ((unsigned)cursor < first)
            first = (unsigned)cursor;
        if ((unsigned)cursor >= first + room)
            first = (unsigned)cursor - room + 1;
    }
    return first < size - room ? first : size - room;
}

static void draw_row(struct term *t, const struct vga_cell *cells, unsigned row, unsigned visible, bool all)
{
    int at = -1, attribute = -1; /* unknown */
    for (unsigned x = 0; x < visible; x++) {
        size_t i = (size_t)row * t->columns + t->first_column + x;
        if (!all && !memcmp(&cells[i], &t->cells[i], sizeof *cells))
            continue;
        if (at != (int)x)
            put_move(&t->out, x, row - t->first_row);
        if (attribute != cells[i].attribute)
            put_attribute(&t->out, cells[i].attribute);
        attribute = cells[i].attribute;
        put_glyph(&t->out, cells[i].character);
        at = (int)x + 1;
    }
}

static void draw_text(struct term *t, const struct vga_cell *cells, unsigned columns, unsigned rows,
                      int cursor_x, int cursor_y)
{
    bool all = columns != t->columns || rows != t->rows;
    if (all)
        forget(t);
    unsigned first_column = scroll_to(columns, t->width, cursor_x, t->first_column);
    unsigned first_row = scroll_to(rows, t->height, cursor_y, t->first_row);
    all |= first_column != t->first_column || first_row != t->first_row;
    t->columns = columns;
    t->rows = rows;
    t->first_column = first_column;
    t->first_row = first_row;
    unsigned visible_columns = columns < t->width ? columns : t->width,
             visible_rows = rows < t->height ? rows : t->height;
    for (unsigned y = 0; y < visible_rows; y++)
        draw_row(t, cells, first_row + y, visible_columns, all);
    memcpy(t->cells, cells, (size_t)columns * rows * sizeof *cells);
}

static void draw_cursor(struct term *t, int x, int y)
{
    int column = x - (int)t->first_column, row = y - (int)t->first_row;
    if (x < 0 || y < 0 || column < 0 || row < 0 || column >= (int)t->width || row >= (int)t->height) {
        text_add(&t->out, ESC "[?25l");
        return;
    }
    put_move(&t->out, (unsigned)column, (unsigned)row);
    text_add(&t->out, ESC "[?25h");
}

/* The mean colour of the part of the frame that pixel X, Y of a WIDTH x HEIGHT picture covers. */
static uint32_t mean_pixel(const struct vga_frame *frame, unsigned x, unsigned y, unsigned width,
                           unsigned height)
{
    unsigned x0 = x * frame->width / width, x1 = (x + 1) * frame->width / width;
    unsigned y0 = y * frame->height / height, y1 = (y + 1) * frame->height / height;
    uint32_t red = 0, green = 0, blue = 0, count = 0;
    for (unsigned v = y0; v < (y1 > y0 ? y1 : y0 + 1); v++) {
        const uint32_t *row = frame->pixels + (size_t)v * frame->stride;
        for (unsigned u = x0; u < (x1 > x0 ? x1 : x0 + 1); u++, count++) {
            red += row[u] >> 16 & 255;
            green += row[u] >> 8 & 255;
            blue += row[u] & 255;
        }
    }
    return red / count << 16 | green / count << 8 | blue / count;
}

static void put_colours(struct text *out, uint32_t top, uint32_t bottom)
{
    text_add(out, ESC "[38;2;%u;%u;%u;48;2;%u;%u;%um", top >> 16, top >> 8 & 255, top & 255, bottom >> 16,
             bottom >> 8 & 255, bottom & 255);
}

static void draw_graphics(struct term *t)
{
    const struct vga_frame *frame = &t->frame;
    unsigned rows = t->height > 1 ? t->height - 1 : 1; /* the last line is for the status */
    if (t->columns || !t->shown) {
        forget(t);
        t->shown = xcalloc((size_t)t->width * rows * 2, sizeof *t->shown);
        memset(t->shown, 0xFF, (size_t)t->width * rows * 2 * sizeof *t->shown); /* no colour: draw all */
    }
    for (unsigned y = 0; y < rows; y++) {
        uint32_t *shown = t->shown + (size_t)y * 2 * t->width;
        int at = -1;
        for (unsigned x = 0; x < t->width; x++) {
            uint32_t top = mean_pixel(frame, x, 2 * y, t->width, 2 * rows);
            uint32_t bottom = mean_pixel(frame, x, 2 * y + 1, t->width, 2 * rows);
            if (shown[x] == top && shown[t->width + x] == bottom)
                continue;
            shown[x] = top;
            shown[t->width + x] = bottom;
            if (at != (int)x)
                put_move(&t->out, x, y);
            put_colours(&t->out, top, bottom);
            text_add(&t->out, "▀");
            at = (int)x + 1;
        }
    }
    text_add(&t->out, ESC "[?25l");
}

static void draw_menu(struct term *t)
{
    struct vga_cell cells[MENU_ROWS * MENU_COLUMNS];
    unsigned x = t->width > MENU_COLUMNS ? (t->width - MENU_COLUMNS) / 2 : 0;
    unsigned y = t->height > MENU_ROWS ? (t->height - MENU_ROWS) / 2 : 0;
    menu_draw(t->session->menu, cells);
    for (unsigned row = 0; row < MENU_ROWS && y + row < t->height; row++) {
        int attribute = -1;
        put_move(&t->out, x, y + row);
        for (unsigned column = 0; column < MENU_COLUMNS && x + column < t->width; column++) {
            const struct vga_cell *cell = &cells[row * MENU_COLUMNS + column];
            if (attribute != cell->attribute)
                put_attribute(&t->out, cell->attribute);
            attribute = cell->attribute;
            put_glyph(&t->out, cell->character);
        }
    }
    text_add(&t->out, ESC "[?25l");
}

/* Is there something to say for which the guest's last line may be covered? */
static bool has_news(const struct term *t)
{
    const struct session *session = t->session;
    return t->host_key || session->paused || (session->notice[0] && host_ns() < session->notice_until) ||
           host_ns() < t->hint_until;
}

/* The last line of the terminal: where the guest's screen leaves it free, or while there is news. */
static void draw_status(struct term *t)
{
    char status[STATUS_SIZE];
    if (t->columns && t->rows >= t->height) {
        bool over = has_news(t);
        t->redraw |= t->status_over && !over; /* with the next picture the guest's line comes back */
        t->status_over = over;
        if (!over)
            return;
        text_clear(&t->status); /* the guest may have drawn over it */
    }
    session_status(t->session, status, sizeof status);
    struct text line = {0};
    text_add(&line, "tick86  %s  %s", status,
             t->host_key
                 ? "m menu  q quit  d Ctrl-Alt-Del  n next floppy  e eject  c next CD  s screenshot  p pause "
                   " i monitor  t turbo  r reset  b power button  ] Ctrl-]"
                 : "Ctrl-] for commands");
    if (strcmp(text_chars(&line), text_chars(&t->status))) {
        put_move(&t->out, 0, t->height - 1);
        text_add(&t->out, ESC "[0;7m%-*.*s" ESC "[0m", (int)t->width, (int)t->width, text_chars(&line));
    }
    text_free(&t->status);
    t->status = line;
}

static void term_draw(void *state)
{
    struct term *t = state;
    struct vga *vga = machine_vga(t->session->machine);
    static const struct vga_cell none;
    struct vga_cell *cells;
    unsigned columns = 0, rows = 0;
    int cursor_x = -1, cursor_y = -1;
    if (t->away || host_ns() < t->next_draw)
        return;
    t->next_draw = host_ns() + DRAW_NS;
    measure(t);
    if (t->redraw || (t->menu_shown && !menu_is_open(t->session->menu)))
        forget(t);
    t->menu_shown = menu_is_open(t->session->menu);
    cells = xcalloc(MAX_CELLS, sizeof none);
    if (vga_text_cells(vga, cells, MAX_CELLS, &columns, &rows, &cursor_x, &cursor_y) && columns && rows &&
        (size_t)columns * rows <= MAX_CELLS)
        draw_text(t, cells, columns, rows, cursor_x, cursor_y);
    else if (vga_render(vga, &t->frame), t->frame.width && t->frame.height)
        draw_graphics(t);
    free(cells);
    draw_status(t);
    if (t->columns)
        draw_cursor(t, cursor_x, cursor_y);
    if (t->menu_shown)
        draw_menu(t);
    send(t);
}

/* --- Keys -------------------------------------------------------------------------------------------------
 */

static void host_command(struct term *t, uint8_t byte)
{
    static const uint16_t ctrl_bracket[] = {0x1D, 0x1B};
    switch (byte) {
    case 'q':
    case 'x':
        session_quit(t->session);
        break;
    case 'd':
        session_ctrl_alt_del(t->session);
        break;
    case 's':
        session_screenshot(t->session);
        break;
    case 'r':
        session_reset(t->session);
        break;
    case 'p':
        session_toggle_pause(t->session);
        break;
    case 't':
        session_toggle_turbo(t->session);
        break;
    case 'm':
        session_toggle_menu(t->session);
        break;
    case 'n':
        session_next_medium(t->session, SLOT_FDA);
        break;
    case 'c':
        session_next_disc(t->session);
        break;
    case 'e':
        session_eject_medium(t->session, SLOT_FDA);
        break;
    case 'b':
        session_power_button(t->session);
        break;
    case 'i':
        session_enter_monitor(t->session);
        break;
    case ']':
    case HOST_KEY:
        session_chord(t->session, ctrl_bracket, 2);
        break;
    }
}

static void take_bytes(struct term *t, const uint8_t *bytes, size_t count)
{
    for (size_t at = 0; at < count;) {
        struct term_chord chord;
        if (t->host_key) {
            t->host_key = false;
            host_command(t, bytes[at++]);
        } else if (bytes[at] == HOST_KEY) {
            t->host_key = true;
            at++;
        } else {
            at += term_keys_take(bytes + at, count - at, &chord);
            if (chord.count && menu_is_open(t->session->menu))
                menu_key(t->session->menu, chord.keys[chord.count - 1]);
            else if (chord.count)
                session_chord(t->session, chord.keys, chord.count);
        }
    }
}

static void term_poll(void *state)
{
    struct term *t = state;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (t->away || poll(&input, 1, 0) <= 0)
        return;
    uint8_t bytes[1024];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n > 0)
        take_bytes(t, bytes, (size_t)n);
    else if (n == 0 || input.revents & (POLLHUP | POLLERR))
        session_quit(t->session);
}

/* For the monitor's prompt: the terminal as it was found. */
static void term_leave(void *state)
{
    struct term *t = state;
    t->away = true;
    tty_restore();
}

static void term_enter(void *state)
{
    struct term *t = state;
    t->away = false;
    tty_raw(false, LEAVE_SCREEN);
    text_add(&t->out, ENTER_SCREEN);
    t->redraw = true;
    send(t);
}

static void term_close(void *state)
{
    struct term *t = state;
    tty_restore();
    vga_frame_free(&t->frame);
    free(t->shown);
    text_free(&t->status);
    text_free(&t->out);
    free(t);
}

bool display_open_term(struct display *display, struct session *session, struct error *err)
{
    if (!tty_raw(false, LEAVE_SCREEN))
        return error_set(err, "--display term: standard input is no terminal; use --display none");
    struct term *t = xcalloc(1, sizeof *t);
    t->session = session;
    t->hint_until = host_ns() + HINT_NS;
    term_enter(t);
    *display = (struct display){.state = t,
                                .poll = term_poll,
                                .draw = term_draw,
                                .leave = term_leave,
                                .enter = term_enter,
                                .close = term_close};
    return true;
}
