/* The host's terminal in raw mode, given back as it was: at the end, at exit(), and when a fatal signal
 * comes. The terminal is one per process, so this is the one place of the front end with static state. */
#ifndef TICK86_GUI_TTY_H
#define TICK86_GUI_TTY_H

#include <stdbool.h>

/* Standard input hands over each key at once, without echo. WITH_SIGNALS: Ctrl-C and the like still make
 * signals. LEAVE (may be NULL; a static string) is written to standard output when the terminal is given
 * back. False: standard input is no terminal. */
bool tty_raw(bool with_signals, const char *leave);
void tty_restore(void);

#endif
