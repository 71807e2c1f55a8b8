/* Snapshots of a session: the machine, and what of the front end will still reach the guest. */
#ifndef TICK86_GUI_SESSION_SNAPSHOT_H
#define TICK86_GUI_SESSION_SNAPSHOT_H

#include <stdbool.h>

#include "base/error.h"

struct machine;
struct machine_config;
struct session;

/* Saves the machine as it stands. False with ERR. */
bool session_save_snapshot(struct session *session, const char *path, struct error *err);
/* Puts the machine back to where PATH was saved. False with ERR: nothing was changed. */
bool session_load_snapshot(struct session *session, const char *path, struct error *err);
/* For --load: makes the machine that the snapshot was saved by. GIVEN is what the command line says of it.
 * NULL with ERR. The session's typist and ports must be there. */
struct machine *session_load_machine(struct session *session, const struct machine_config *given,
                                     struct error *err);

#endif
