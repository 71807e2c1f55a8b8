/* A running machine with everything around it: pace, ports, typed text, limits, and a display.
 *
 * The session runs the machine in slices that end at fixed virtual times; whatever comes from outside goes in
 * between two slices. With no display and no interactive port, nothing in it depends on the host. */
#ifndef TICK86_GUI_SESSION_H
#define TICK86_GUI_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "gui/display.h"
#include "gui/media.h"
#include "gui/pace.h"
#include "machine/options.h"

struct host_ports;
struct machine;
struct menu;
struct typist;
struct video;
struct watch;

enum session_end {
    SESSION_RUNNING, /* not ended; session_go() never returns it */
    SESSION_BREAK,   /* a breakpoint, or Ctrl-C while the monitor is there: it can go on */
    SESSION_POWERED_OFF,
    SESSION_EXITED, /* debug-exit port */
    SESSION_TRIPLE_FAULT,
    SESSION_LIMIT,
    SESSION_UNTIL,
    SESSION_QUIT,   /* by the user, from the display */
    SESSION_SIGNAL, /* SIGINT, SIGTERM, SIGHUP */
};

struct session {
    const struct run_options *options;
    struct machine *machine;
    struct host_ports *ports;
    struct typist *typist;
    struct typist *fingers; /* the user's own keys; they do not wait for text that is being typed */
    struct media media;
    struct menu *menu;
    struct video *video;                                             /* NULL: the screen is not recorded */
    struct watch *watch_screen, *watch_serial[MACHINE_SERIAL_PORTS]; /* NULL: no --until */
    struct pace pace;
    struct display display;
    bool uses_terminal; /* the display does */
    bool interactive;   /* a display, or a port with somebody behind it */
    bool has_monitor;   /* breaks and Ctrl-C lead there */
    bool may_enter; /* there is a terminal for it: Ctrl-C and a key lead there even if it was not asked for */
    bool enter_asked;
    bool paused, quit;
    uint32_t usual_speed; /* what turbo goes back to */
    uint64_t limit_cycle; /* UINT64_MAX: none */
    uint64_t slice_end;   /* cycle; before it nothing comes in from outside */
    bool in_slice;        /* the slice has begun, and the run was stopped in it */
    unsigned slices_per_second;
    int64_t next_draw;   /* host_ns() */
    int64_t start_ns;    /* host_ns() */
    int64_t host_run_ns; /* spent in session_go() */
    enum session_end end;
    enum session_end guest_end; /* how the guest ended the run: it cannot go on; SESSION_RUNNING: it can */
    bool ended_before;          /* so it had when the snapshot was saved that was loaded */
    bool command_failed;        /* of the monitor, with nobody at it: not a good end */
    int end_signal;
    struct text troubles; /* lines for standard error, once the terminal is free again */
    char notice[160];     /* shown by the display for a while */
    int64_t notice_until;
};

/* Builds the machine and opens ports and display. False with ERR. */
bool session_open(struct session *session, const struct run_options *options, struct error *err);
/* Runs until something ends or interrupts it. */
enum session_end session_go(struct session *session);
/* Forgets a Ctrl-C that nothing has seen yet. False: there was none. */
bool session_forget_interrupt(struct session *session);
/* A signal that came while commands were read is how the session ends, but not Ctrl-C at a terminal. */
void session_note_signal(struct session *session);
/* Runs one instruction: SESSION_RUNNING, SESSION_BREAK (breakpoint, Ctrl-C), or how it ended. */
enum session_end session_step(struct session *session);
/* Writes --screen-text, --screenshot and --stats. False with ERR if one cannot be written. */
bool session_write_outputs(struct session *session, struct error *err);
/* The process's exit status for how the session ended. */
int session_exit_status(const struct session *session);
/* One line about the end for standard error; NULL if it goes without saying. */
const char *session_end_line(const struct session *session);
void session_close(struct session *session);

/* --- For displays: what the user does. --------------------------------------------------------------------
 */

void session_key(struct session *session, uint16_t key, bool down);
void session_chord(struct session *session, const uint16_t *keys, unsigned count);
void session_ctrl_alt_del(struct session *session);
void session_paste(struct session *session, const char *text);
/* A floppy image goes into drive A:, a CD into the CD drive. */
void session_insert_medium(struct session *session, const char *path);
/* Into the current folder, under a name made of the date. */
/* PATH into the drive SLOT. */
void session_insert_into(struct session *session, enum machine_media_slot slot, const char *path);
/* The next of the media at hand into a drive; nothing into it. Tell by a notice what became of it. */
void session_next_medium(struct session *session, enum machine_media_slot slot);
void session_eject_medium(struct session *session, enum machine_media_slot slot);
/* As session_next_medium(), for the CD-ROM drive. */
void session_next_disc(struct session *session);
void session_screenshot(struct session *session);
/* Begins to record the screen into PATH (see gui/video.h). False with ERR. */
bool session_start_video(struct session *session, const char *path, struct error *err);
/* Ends it; nothing happens if there is none. */
bool session_stop_video(struct session *session, struct error *err);
/* One of these, under a name made of the date. */
void session_toggle_video(struct session *session);
void session_reset(struct session *session);
void session_power_button(struct session *session);
/* Into the monitor, if there is a terminal for it. */
void session_enter_monitor(struct session *session);
void session_toggle_pause(struct session *session);
void session_toggle_turbo(struct session *session);
/* Opens the menu, or closes it. The machine waits while it is open. */
void session_toggle_menu(struct session *session);
void session_quit(struct session *session);
/* A message that the display shows for a few seconds. */
void session_notice(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One line for a title or status bar: speed, drives, notices. */
void session_status(struct session *session, char *out, unsigned size);

#endif
