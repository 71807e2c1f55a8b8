/* The media of the drives: which are at hand, which is in, and changing them. */
#ifndef TICK86_GUI_MEDIA_H
#define TICK86_GUI_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/blob.h"
#include "base/error.h"
#include "base/text.h"
#include "machine/machine.h"
#include "machine/options.h"

struct media {
    struct machine *machine;
    struct string_list list[MACHINE_DRIVES]; /* those of the options, and what was inserted since */
};

/* The lists of OPTIONS; then MACHINE, which must live as long, with what is in its drives. */
void media_init(struct media *media, const struct run_options *options);
void media_use_machine(struct media *media, struct machine *machine);
/* Is PATH, by whatever name, in the drive's list? */
bool media_has(const struct media *media, enum machine_media_slot slot, const char *path);
/* The lists as part of a snapshot. Those of drives whose lists are empty are taken over; MEDIA NULL only
 * checks. False: damaged. */
void media_write(const struct media *media, struct blob *out);
bool media_read(struct media *media, struct blob_reader *in);
void media_free(struct media *media);

/* "A:", "B:", "hda", ... "CD" where there is one such drive only; for menus and messages. */
const char *media_drive_name(const struct media *media, enum machine_media_slot slot);
/* The drive that a user calls NAME: fda, a, a:, hdc, cd, cdrom, ... False with ERR. */
bool media_find_drive(const struct media *media, const char *name, enum machine_media_slot *slot,
                      struct error *err);
/* The drive with a changeable medium that takes images like the one at PATH. False with ERR. */
bool media_drive_for(const struct media *media, const char *path, enum machine_media_slot *slot,
                     struct error *err);
/* The first CD-ROM drive; false: none. */
bool media_cd_drive(const struct media *media, enum machine_media_slot *slot);

/* Each false with ERR, the old medium being in still. */
bool media_insert(struct media *media, enum machine_media_slot slot, const char *path, struct error *err);
bool media_eject(struct media *media, enum machine_media_slot slot, struct error *err);
/* The one after the one that is in, in turn. */
bool media_insert_next(struct media *media, enum machine_media_slot slot, struct error *err);

/* What to call a medium: the last part of its path. */
const char *media_name(const char *path);

/* One line for each drive, and those of its media that are at hand. */
void media_print(const struct media *media, struct text *out);

#endif
