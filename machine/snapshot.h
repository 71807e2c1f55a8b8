/* Snapshots: all of a machine's state as a file of sections (base/section_file.h).
 *
 *      machine          the version that made it; the description of the machine (snapshot_config.c)
 *      board            clock, and what waits for the next instruction boundary
 *      processor        fields by name, as machine/state.h has them
 *      faults           likewise, what the monitor's `why` tells of
 *      device.NAME      likewise, one for each device that has state
 *      firmware         items of the firmware's configuration interface
 *      memory.N.NAME    one for each block of memory, ROMs too: pages that are not all zeros
 *      medium.DRIVE     size and hash of the image, and the blocks of its overlay
 *      shelf            the same of media that are out of their drives
 *
 * Front ends add sections of their own. A restored machine goes on bit for bit as the saved one: the same
 * state, statistics and screen at each later cycle. */
#ifndef TICK86_MACHINE_SNAPSHOT_H
#define TICK86_MACHINE_SNAPSHOT_H

#include "base/section_file.h"
#include "machine/machine.h"

extern const struct section_format snapshot_format;

/* Adds all sections of the machine, which may stand anywhere between two instructions. It is not changed.
 * False with ERR if a medium cannot be read. */
bool snapshot_write(struct machine *machine, struct section_writer *out, struct error *err);

/* What machine FILE was made by. Options given beforehand (GIVEN; open ones zero or NULL) must agree with it,
 * or are refused by name; images named there take the place of those named in the file. On success CONFIG is
 * to be freed by machine_config_free(); its ROMs are those of the file. False with ERR, which names the file.
 */
bool snapshot_configure(const struct section_file *file, const struct machine_config *given,
                        struct machine_config *config, struct error *err);

/* Takes over the state of FILE, in a machine that was made for it: with the media that are in the drives,
 * where they are good, else with those that the file names. False with ERR, which names the file, if it is
 * not of such a machine, its media are not to be had, or anything in it cannot be: then nothing was changed.
 */
bool snapshot_read(struct machine *machine, const struct section_file *file, struct error *err);
/* The same in a machine that has run: floppies and CDs are changed to those that the file names, where they
 * are as they were; else what is in the drive must be good. */
bool snapshot_return(struct machine *machine, const struct section_file *file, struct error *err);

#endif
