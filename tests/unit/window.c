/* What the user does at the window, as SDL's events on its driver without a screen: files dropped, the menu
 * by mouse, keys by their letter. */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#ifdef HAVE_SDL

#include <SDL.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/image/image.h"
#include "gui/menu.h"
#include "gui/sdl_overlay.h"
#include "gui/session.h"
#include "machine/machine.h"

static char folder[64], first[96], second[96], other[96];
static struct run_options options;
static struct session session;
static struct error err;

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void setup(void)
{
    strcpy(folder, "/tmp/tick86-window-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(first, sizeof first, "%s/first.img", folder);
    snprintf(second, sizeof second, "%s/second.img", folder);
    snprintf(other, sizeof other, "%s/other.txt", folder);
    ck_assert(image_create(first, 1474560, &err) && image_create(second, 368640, &err));
    write_file(other, "no floppy\n");
    char *words[] = {"tick86", "--display", "sdl", "--speed", "max", "--sound", "no", "--fda", first};
    run_options_init(&options);
    ck_assert(run_options_parse(&options, sizeof words / sizeof *words, words, &err));
    ck_assert(run_options_place_images(&options, &err));
    ck_assert_msg(session_open(&session, &options, &err), "%s", err.text);
}

static void teardown(void)
{
    char command[96];
    session_close(&session);
    run_options_free(&options);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void happen(SDL_Event event)
{
    ck_assert_int_eq(SDL_PushEvent(&event), 1);
    session.display.poll(session.display.state);
}

static void drop(const char *path)
{
    happen((SDL_Event){.drop = {.type = SDL_DROPFILE, .file = SDL_strdup(path)}});
}

static const char *in_a(void)
{
    return machine_medium(session.machine, SLOT_FDA);
}

START_TEST(a_dropped_image_is_inserted)
{
    drop(second);
    ck_assert_str_eq(in_a(), second);
    ck_assert_str_eq(session.notice, "A: second.img inserted");
    drop(first);
    ck_assert_str_eq(in_a(), first);
}
END_TEST

START_TEST(what_is_no_image_is_told_and_changes_nothing)
{
    drop(other);
    ck_assert_str_eq(in_a(), first);
    ck_assert_msg(strstr(session.notice, other) != NULL, "%s", session.notice);
    drop("/nonexistent.img");
    ck_assert_str_eq(in_a(), first);
    ck_assert_msg(strstr(session.notice, "no such file") != NULL, "%s", session.notice);
}
END_TEST

/* The middle of a cell of the menu. */
static SDL_Rect cell(int column, int row)
{
    SDL_Renderer *renderer = SDL_GetRenderer(SDL_GetWindowFromID(1));
    SDL_Rect menu = overlay_place(renderer, MENU_COLUMNS, MENU_ROWS, -1);
    return (SDL_Rect){menu.x + (2 * column + 1) * menu.w / (2 * MENU_COLUMNS),
                      menu.y + (2 * row + 1) * menu.h / (2 * MENU_ROWS), 0, 0};
}

static void click(int column, int row)
{
    SDL_Rect at = cell(column, row);
    happen((SDL_Event){.motion = {.type = SDL_MOUSEMOTION, .windowID = 1, .x = at.x, .y = at.y}});
    SDL_MouseButtonEvent button = {.windowID = 1, .button = SDL_BUTTON_LEFT, .x = at.x, .y = at.y};
    button.type = SDL_MOUSEBUTTONDOWN;
    happen((SDL_Event){.button = button});
    button.type = SDL_MOUSEBUTTONUP;
    happen((SDL_Event){.button = button});
}

/* The row that shows TEXT, or -1. */
static int row_with(const char *text)
{
    static struct vga_cell cells[MENU_ROWS * MENU_COLUMNS];
    menu_draw(session.menu, cells);
    for (int row = 0; row < MENU_ROWS; row++) {
        char line[MENU_COLUMNS + 1] = "";
        for (int i = 0; i < MENU_COLUMNS; i++)
            line[i] = (char)(cells[row * MENU_COLUMNS + i].character & 0x7F);
        if (strstr(line, text))
            return row;
    }
    return -1;
}

START_TEST(the_menu_goes_by_mouse)
{
    session_toggle_menu(&session);
    click(5, row_with("Drive A:"));
    ck_assert_int_ge(row_with("Eject"), 0);
    click(5, 0); /* the frame is no item */
    ck_assert(menu_is_open(session.menu));
    click(MENU_COLUMNS - 4, row_with("Eject"));
    ck_assert_ptr_null(in_a());
    ck_assert(!menu_is_open(session.menu));

    session_toggle_menu(&session);
    click(-3, 5);
    ck_assert_msg(!menu_is_open(session.menu), "a click beside it does not close the menu");
}
END_TEST

START_TEST(the_wheel_goes_through_the_menu)
{
    session_toggle_menu(&session);
    happen((SDL_Event){.wheel = {.type = SDL_MOUSEWHEEL, .windowID = 1, .y = -20}});
    menu_key(session.menu, 0x1C);
    ck_assert_msg(session.quit, "the last item is not the one that quits");
}
END_TEST

static void chord(SDL_Scancode scancode, SDL_Keycode sym)
{
    SDL_Keysym keysym = {.scancode = scancode, .sym = sym, .mod = KMOD_LCTRL | KMOD_LALT};
    happen((SDL_Event){.key = {.type = SDL_KEYDOWN, .windowID = 1, .keysym = keysym}});
    happen((SDL_Event){.key = {.type = SDL_KEYUP, .windowID = 1, .keysym = keysym}});
}

START_TEST(the_windows_keys_go_by_their_letter)
{
    chord(SDL_SCANCODE_Q, SDLK_a); /* a French keyboard */
    ck_assert(!session.quit);
    chord(SDL_SCANCODE_SEMICOLON, SDLK_m);
    ck_assert(menu_is_open(session.menu));
    chord(SDL_SCANCODE_SEMICOLON, SDLK_m);
    ck_assert(!menu_is_open(session.menu));
    chord(SDL_SCANCODE_A, SDLK_q);
    ck_assert(session.quit);
}
END_TEST

START_TEST(without_latin_letters_they_go_by_place)
{
    chord(SDL_SCANCODE_Q, 0x439); /* a Russian keyboard */
    ck_assert(session.quit);
}
END_TEST

int main(void)
{
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    Suite *suite = suite_create("window");
    TCase *tests = tcase_create("window");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_dropped_image_is_inserted);
    tcase_add_test(tests, what_is_no_image_is_told_and_changes_nothing);
    tcase_add_test(tests, the_menu_goes_by_mouse);
    tcase_add_test(tests, the_wheel_goes_through_the_menu);
    tcase_add_test(tests, the_windows_keys_go_by_their_letter);
    tcase_add_test(tests, without_latin_letters_they_go_by_place);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#else

#include <stdio.h>

int main(void)
{
    puts("skipped: built without SDL");
    return 77;
}

#endif
