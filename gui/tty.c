#include "gui/tty.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static volatile sig_atomic_t raw;
static const char *leave_text;

void tty_restore(void)
{
    if (!raw)
        return;
    raw = 0;
    if (leave_text) {
        ssize_t written = write(STDOUT_FILENO, leave_text, strlen(leave_text));
        (void)written;
    }
    tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

/* Async-signal-safe: gives the terminal back, then lets the signal do what it does. */
static void die_tidily(int number)
{
    tty_restore();
    signal(number, SIG_DFL);
    raise(number);
}

bool tty_raw(bool with_signals, const char *leave)
{
    static bool registered;
    if (!raw && tcgetattr(STDIN_FILENO, &saved))
        return false;
    struct termios mode = saved;
    cfmakeraw(&mode);
    if (with_signals)
        mode.c_lflag |= ISIG;
    mode.c_oflag = saved.c_oflag;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &mode))
        return false;
    leave_text = leave;
    raw = 1;
    if (!registered) {
        registered = true;
        atexit(tty_restore);
        static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
        for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
            signal(fatal[i], die_tidily);
    }
    return true;
}
