/* The description of the machine in a snapshot: what a machine must be made of to take its state. */
#ifndef TICK86_MACHINE_SNAPSHOT_CONFIG_H
#define TICK86_MACHINE_SNAPSHOT_CONFIG_H

#include "base/blob.h"
#include "base/error.h"
#include "machine/config.h"

/* The name of a file or folder, good from any working directory; to be freed. What leads nowhere stays as it
 * is. */
char *snapshot_file_name(const char *path);

/* CONFIG with nothing left open, as machine_configuration() gives it, but with the media that are in the
 * drives. */
void snapshot_config_write(const struct machine_config *config, struct blob *out);
/* False with ERR, a line without the file's name. On success TO owns its strings. */
bool snapshot_config_read(struct machine_config *to, struct blob_reader *in, struct error *err);

/* Does what GIVEN says agree with SAVED? What GIVEN leaves open does. The line of ERR names the option. Media
 * and kernels may have moved: their names may differ, their contents are compared elsewhere. */
bool snapshot_config_agrees(const struct machine_config *given, const struct machine_config *saved,
                            const char *path, struct error *err);
/* Is SAVED like OWN, the configuration of a machine that exists? */
bool snapshot_config_same(const struct machine_config *own, const struct machine_config *saved,
                          struct error *err);

#endif
