/* The window. Keys go to the guest by position; those held with Ctrl+Alt below are the window's own. */
#include "config.h"
#include "gui/display.h"

#ifdef HAVE_SDL

#include <SDL.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/vga.h"
#include "gui/menu.h"
#include "gui/sdl_audio.h"
#include "gui/sdl_keyboard.h"
#include "gui/sdl_overlay.h"
#include "gui/session.h"
#include "machine/machine.h"

#define TITLE_NS 250000000ll
#define HINT_NS  3000000000ll

struct window {
    struct session *session;
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    unsigned width, height; /* of the texture */
    SDL_Texture *enlarged;  /* the texture enlarged by whole numbers, see show_picture() */
    int enlarged_width, enlarged_height;
    struct vga_frame frame;
    struct sdl_audio *audio;
    bool full_screen, captured;
    int own_width, own_height; /* the size that we gave the window, until the user changes it */
    bool user_sized;
    bool exposed;                 /* the window must be drawn even if the picture is the same */
    bool down[SDL_NUM_SCANCODES]; /* keys that the guest believes to be down */
    unsigned buttons;
    bool menu_shown;                 /* it is part of what was last drawn */
    int64_t hint_until;              /* host_ns(): how to release the mouse is shown; 0: not */
    int64_t next_title;              /* host_ns() */
    uint64_t floppy_seen, disk_seen; /* activity at the last title */
};

/* --- Picture ----------------------------------------------------------------------------------------------
 */

static void picture_aspect(const struct window *w, int *x, int *y)
{
    const struct vga_frame *frame = &w->frame;
    bool square = w->session->options->square_pixels;
    *x = (int)(square ? frame->width : frame->aspect_x);
    *y = (int)(square ? frame->height : frame->aspect_y);
    if (!*x || !*y) {
        *x = 4;
        *y = 3;
    }
}

/* The largest rectangle of the mode's aspect in the window, in the middle. */
static SDL_Rect picture_rect(const struct window *w)
{
    int width, height;
    SDL_GetRendererOutputSize(w->renderer, &width, &height);
    int aspect_x, aspect_y;
    picture_aspect(w, &aspect_x, &aspect_y);
    SDL_Rect rect = {0, 0, width, width * aspect_y / aspect_x};
    if (rect.h > height) {
        rect.h = height;
        rect.w = height * aspect_x / aspect_y;
    }
    rect.x = (width - rect.w) / 2;
    rect.y = (height - rect.h) / 2;
    return rect;
}

/* Unless the user chose a size, the window is as wide as the mode, small modes doubled, at the mode's aspect.
 */
static void fit_window(struct window *w)
{
    int aspect_x, aspect_y;
    if (w->user_sized || w->full_screen || !w->frame.width)
        return;
    picture_aspect(w, &aspect_x, &aspect_y);
    int width = (int)w->frame.width;
    while (width < 640)
        width *= 2;
    int height = width * aspect_y / aspect_x;
    if (width == w->own_width && height == w->own_height)
        return;
    w->own_width = width;
    w->own_height = height;
    SDL_SetWindowSize(w->window, width, height);
}

static bool prepare_texture(struct window *w)
{
    if (w->texture && w->width == w->frame.width && w->height == w->frame.height)
        return true;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    w->width = w->frame.width;
    w->height = w->frame.height;
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                   (int)w->width, (int)w->height);
    fit_window(w);
    return w->texture != NULL;
}

static bool prepare_enlarged(struct window *w, int width, int height)
{
    if (w->enlarged && w->enlarged_width == width && w->enlarged_height == height)
        return true;
    if (w->enlarged)
        SDL_DestroyTexture(w->enlarged);
    w->enlarged =
        SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_TARGET, width, height);
    if (!w->enlarged)
        return false;
    w->enlarged_width = width;
    w->enlarged_height = height;
    SDL_SetTextureScaleMode(w->enlarged, SDL_ScaleModeLinear);
    return true;
}

static void draw_hint(struct window *w)
{
    static const char hint[] = " Ctrl+Alt+G releases the mouse, Ctrl+Alt+M opens the menu ";
    struct vga_cell cells[sizeof hint - 1];
    for (size_t i = 0; i < sizeof hint - 1; i++)
        cells[i] = (struct vga_cell){(uint8_t)hint[i], 0x1F};
    overlay_draw(w->renderer, cells, sizeof hint - 1, 1, 1);
}

static void draw_overlays(struct window *w)
{
    w->menu_shown = menu_is_open(w->session->menu);
    if (w->hint_until)
        draw_hint(w);
    if (w->menu_shown) {
        struct vga_cell cells[MENU_ROWS * MENU_COLUMNS];
        menu_draw(w->session->menu, cells);
        overlay_draw(w->renderer, cells, MENU_COLUMNS, MENU_ROWS, -1);
    }
}

/* Where the picture is not a whole multiple of the mode, it is enlarged to the next one, and smoothly made
 * smaller from there: sharp, and with lines of even width. */
static void show_picture(struct window *w)
{
    SDL_Rect rect = picture_rect(w);
    int width = (int)w->width, height = (int)w->height;
    int times_x = (rect.w + width - 1) / width, times_y = (rect.h + height - 1) / height;
    bool exact = times_x * width == rect.w && times_y * height == rect.h;
    SDL_Texture *source = w->texture;
    if (!exact && times_x <= 8 && times_y <= 8 && prepare_enlarged(w, times_x * width, times_y * height)) {
        SDL_SetRenderTarget(w->renderer, w->enlarged);
        SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
        SDL_SetRenderTarget(w->renderer, NULL);
        source = w->enlarged;
    }
    SDL_SetRenderDrawColor(w->renderer, 0, 0, 0, 255);
    SDL_RenderClear(w->renderer);
    SDL_RenderCopy(w->renderer, source, NULL, &rect);
    draw_overlays(w);
    SDL_RenderPresent(w->renderer);
}

static void draw_title(struct window *w)
{
    char status[160], title[320];
    if (host_ns() < w->next_title)
        return;
    w->next_title = host_ns() + TITLE_NS;
    uint64_t floppy = machine_floppy_activity(w->session->machine),
             disk = machine_disk_activity(w->session->machine);
    session_status(w->session, status, sizeof status);
    snprintf(title, sizeof title, "tick86 - %s%s%s%s", status, floppy != w->floppy_seen ? " - floppy" : "",
             disk != w->disk_seen ? " - disk" : "",
             w->captured ? " - Ctrl+Alt+G releases the mouse" : " - Ctrl+Alt+M: menu");
    w->floppy_seen = floppy;
    w->disk_seen = disk;
    SDL_SetWindowTitle(w->window, title);
}

static void sdl_draw(void *state)
{
    struct window *w = state;
    draw_title(w);
    bool changed = vga_render(machine_vga(w->session->machine), &w->frame);
    if (w->hint_until && host_ns() > w->hint_until) {
        w->hint_until = 0;
        changed = true;
    }
    if (w->menu_shown || menu_is_open(w->session->menu))
        changed = true;
    if (!changed && !w->exposed)
        return;
    w->exposed = false;
    if (!w->frame.width || !w->frame.height || !prepare_texture(w))
        return;
    SDL_UpdateTexture(w->texture, NULL, w->frame.pixels, (int)(w->frame.stride * sizeof *w->frame.pixels));
    show_picture(w);
}

/* --- Mouse ------------------------------------------------------------------------------------------------
 */

static void capture(struct window *w, bool on)
{
    if (on == w->captured || (on && w->session->options->machine.mouse == MOUSE_NONE))
        return;
    w->captured = on;
    SDL_SetRelativeMouseMode(on ? SDL_TRUE : SDL_FALSE);
    SDL_SetWindowGrab(w->window, on ? SDL_TRUE : SDL_FALSE);
    if (!on && w->buttons) {
        w->buttons = 0;
        machine_mouse(w->session->machine, 0, 0, 0, 0);
    }
    w->next_title = 0;
    w->hint_until = on ? host_ns() + HINT_NS : 0;
    w->exposed = true;
}

/* The cell of the open menu at a point of the window. */
static void menu_cell(const struct window *w, int x, int y, int *column, int *row)
{
    SDL_Rect rect = overlay_place(w->renderer, MENU_COLUMNS, MENU_ROWS, -1);
    *column = x < rect.x ? -1 : (x - rect.x) * MENU_COLUMNS / rect.w;
    *row = y < rect.y ? -1 : (y - rect.y) * MENU_ROWS / rect.h;
}

static void mouse_button(struct window *w, const SDL_MouseButtonEvent *event)
{
    bool down = event->type == SDL_MOUSEBUTTONDOWN;
    if (menu_is_open(w->session->menu)) {
        int column, row;
        menu_cell(w, event->x, event->y, &column, &row);
        if (down && event->button == SDL_BUTTON_LEFT)
            menu_click(w->session->menu, column, row);
        return;
    }
    if (!w->captured) {
        if (down)
            capture(w, true); /* this click only captures */
        return;
    }
    unsigned bit = event->button == SDL_BUTTON_LEFT     ? 1
                   : event->button == SDL_BUTTON_RIGHT  ? 2
                   : event->button == SDL_BUTTON_MIDDLE ? 4
                                                        : 0;
    w->buttons = down ? w->buttons | bit : w->buttons & ~bit;
    machine_mouse(w->session->machine, 0, 0, 0, w->buttons);
}

static void mouse_motion(struct window *w, const SDL_MouseMotionEvent *event)
{
    if (menu_is_open(w->session->menu)) {
        int column, row;
        menu_cell(w, event->x, event->y, &column, &row);
        menu_point(w->session->menu, column, row);
    } else if (w->captured) {
        machine_mouse(w->session->machine, event->xrel, event->yrel, 0, w->buttons);
    }
}

static void mouse_wheel(struct window *w, const SDL_MouseWheelEvent *event)
{
    if (menu_is_open(w->session->menu))
        menu_wheel(w->session->menu, event->y);
    else if (w->captured)
        machine_mouse(w->session->machine, 0, 0, event->y, w->buttons);
}

/* --- Keyboard ---------------------------------------------------------------------------------------------
 */

static void toggle_full_screen(struct window *w)
{
    w->full_screen = !w->full_screen;
    SDL_SetWindowFullscreen(w->window, w->full_screen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
}

static void toggle_capture(struct window *w)
{
    capture(w, !w->captured);
}

static void paste(struct window *w)
{
    char *text = SDL_GetClipboardText();
    if (text)
        session_paste(w->session, text);
    SDL_free(text);
}

static void ctrl_alt_del(struct window *w)
{
    session_ctrl_alt_del(w->session);
}

static void take_screenshot(struct window *w)
{
    session_screenshot(w->session);
}

static void reset(struct window *w)
{
    session_reset(w->session);
}

static void enter_monitor(struct window *w)
{
    session_enter_monitor(w->session);
}

static void toggle_pause(struct window *w)
{
    session_toggle_pause(w->session);
}

static void toggle_turbo(struct window *w)
{
    session_toggle_turbo(w->session);
}

static void power_button(struct window *w)
{
    session_power_button(w->session);
}

static void next_floppy(struct window *w)
{
    session_next_medium(w->session, SLOT_FDA);
}

static void next_disc(struct window *w)
{
    session_next_disc(w->session);
}

static void eject_floppy(struct window *w)
{
    session_eject_medium(w->session, SLOT_FDA);
}

static void toggle_menu(struct window *w)
{
    capture(w, false); /* its pointer is for the menu then */
    session_toggle_menu(w->session);
}

static void quit(struct window *w)
{
    session_quit(w->session);
}

/* With Ctrl+Alt; the manual page lists them. Unlike the guest's keys they go by what the host's keyboard has
 * on them: Q is where the user reads it. */
static const struct {
    char letter;
    void (*act)(struct window *w);
} host_keys[] = {
    {'f', toggle_full_screen}, {'g', toggle_capture}, {'v', paste},         {'d', ctrl_alt_del},
    {'s', take_screenshot},    {'r', reset},          {'i', enter_monitor}, {'p', toggle_pause},
    {'t', toggle_turbo},       {'b', power_button},   {'m', toggle_menu},   {'n', next_floppy},
    {'c', next_disc},          {'e', eject_floppy},   {'q', quit},
};

/* On layouts without Latin letters, what a US keyboard has at that place. */
static char letter_of(const SDL_Keysym *key)
{
    if (key->sym >= SDLK_a && key->sym <= SDLK_z)
        return (char)key->sym;
    bool foreign = key->sym > 0x7F && !(key->sym & SDLK_SCANCODE_MASK);
    bool letter = key->scancode >= SDL_SCANCODE_A && key->scancode <= SDL_SCANCODE_Z;
    return foreign && letter ? (char)('a' + (key->scancode - SDL_SCANCODE_A)) : 0;
}

static void release_keys(struct window *w)
{
    for (int i = 0; i < SDL_NUM_SCANCODES; i++) {
        if (w->down[i])
            session_key(w->session, sdl_key_code((SDL_Scancode)i), false);
        w->down[i] = false;
    }
}

static bool host_key(struct window *w, const SDL_KeyboardEvent *event)
{
    if (!(event->keysym.mod & KMOD_CTRL) || !(event->keysym.mod & KMOD_LALT))
        return false;
    char letter = letter_of(&event->keysym);
    for (size_t i = 0; i < sizeof host_keys / sizeof *host_keys; i++) {
        if (host_keys[i].letter != letter)
            continue;
        release_keys(w); /* the guest must not keep Ctrl and Alt down */
        host_keys[i].act(w);
        return true;
    }
    return false;
}

static void key(struct window *w, const SDL_KeyboardEvent *event)
{
    SDL_Scancode scancode = event->keysym.scancode;
    uint16_t code = sdl_key_code(scancode);
    bool down = event->type == SDL_KEYDOWN;
    if (down && menu_is_open(w->session->menu)) {
        if (!host_key(w, event))
            menu_key(w->session->menu, code);
        return;
    }
    /* The guest's keyboard repeats by itself. */
    if (event->repeat || (down && host_key(w, event)) || !code || w->down[scancode] == down)
        return;
    w->down[scancode] = down;
    session_key(w->session, code, down);
}

/* --- Events -----------------------------------------------------------------------------------------------
 */

static void window_event(struct window *w, const SDL_WindowEvent *event)
{
    w->exposed = true;
    switch (event->event) {
    case SDL_WINDOWEVENT_FOCUS_LOST:
        release_keys(w);
        capture(w, false);
        break;
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        if (!w->full_screen && (event->data1 != w->own_width || event->data2 != w->own_height))
            w->user_sized = true;
        break;
    }
}

static void sdl_poll(void *state)
{
    struct window *w = state;
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        switch (event.type) {
        case SDL_QUIT:
            session_quit(w->session);
            break;
        case SDL_KEYDOWN:
        case SDL_KEYUP:
            key(w, &event.key);
            break;
        case SDL_MOUSEMOTION:
            mouse_motion(w, &event.motion);
            break;
        case SDL_MOUSEBUTTONDOWN:
        case SDL_MOUSEBUTTONUP:
            mouse_button(w, &event.button);
            break;
        case SDL_MOUSEWHEEL:
            mouse_wheel(w, &event.wheel);
            break;
        case SDL_WINDOWEVENT:
            window_event(w, &event.window);
            break;
        case SDL_DROPFILE:
            session_insert_medium(w->session, event.drop.file);
            SDL_free(event.drop.file);
            break;
        }
    }
}

static void sdl_sound(void *state)
{
    struct window *w = state;
    sdl_audio_play(w->audio, w->session->pace.percent != 100);
}

static void sdl_close(void *state)
{
    struct window *w = state;
    sdl_audio_close(w->audio);
    vga_frame_free(&w->frame);
    if (w->enlarged)
        SDL_DestroyTexture(w->enlarged);
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_Quit();
    free(w);
}

static bool create_window(struct window *w)
{
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "nearest");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    w->own_width = 720;
    w->own_height = 540;
    w->window = SDL_CreateWindow("tick86", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, w->own_width,
                                 w->own_height, SDL_WINDOW_RESIZABLE);
    if (!w->window)
        return false;
    SDL_SetWindowMinimumSize(w->window, 320, 240);
    w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    return w->renderer != NULL;
}

bool display_open_sdl(struct display *display, struct session *session, struct error *err)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    if (SDL_Init(SDL_INIT_VIDEO))
        return error_set(err, "--display sdl: no window can be opened: %s; use --display term or none",
                         SDL_GetError());
    struct window *w = xcalloc(1, sizeof *w);
    w->session = session;
    if (!create_window(w)) {
        error_set(err, "--display sdl: no window can be opened: %s; use --display term or none",
                  SDL_GetError());
        sdl_close(w);
        return false;
    }
    if (session->options->sound)
        w->audio = sdl_audio_open(session->machine);
    if (session->options->full_screen)
        toggle_full_screen(w);
    *display = (struct display){
        .state = w, .poll = sdl_poll, .draw = sdl_draw, .sound = sdl_sound, .close = sdl_close};
    return true;
}

#else

bool display_open_sdl(struct display *display, struct session *session, struct error *err)
{
    (void)display;
    (void)session;
    return error_set(err, "--display sdl: this tick86 was built without SDL; use --display term or none");
}

#endif
