/* Ties the monitor to a session: its runs are the session's. */
#ifndef TICK86_GUI_SESSION_MONITOR_H
#define TICK86_GUI_SESSION_MONITOR_H

#include <stdbool.h>

#include "base/error.h"

struct session;

/* Starts stopped; runs the commands of -x and --monitor-script, then those typed or piped in. False with ERR
 * if one of the former failed. How the machine ended is in the session, SESSION_QUIT if it was left before.
 */
bool monitor_run_session(struct session *session, struct error *err);

/* Runs without it, until Ctrl-C at the terminal or a key in the window asks for it; then commands are typed.
 */
void monitor_run_unasked(struct session *session);

/* Explains on standard error how a triple fault came about. */
void monitor_explain_triple_fault(struct session *session);

#endif
