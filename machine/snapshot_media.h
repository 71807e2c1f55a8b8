/* Media in a snapshot: which images were in the drives, a hash of each, and what their overlays hold.
 *
 * Of an image that the guest writes to itself all sectors are kept. If it is another by the time of loading,
 * what it was goes into the overlay of --snapshot, or, if only this run has written to it since, back into
 * the file. */
#ifndef TICK86_MACHINE_SNAPSHOT_MEDIA_H
#define TICK86_MACHINE_SNAPSHOT_MEDIA_H

#include "base/section_file.h"
#include "machine/machine.h"

/* One section for each drive. False with ERR on a host I/O error. */
bool saved_media_write(const struct machine *machine, struct section_writer *out, struct error *err);

/* What waits: overlays to be adopted, or what files that are written directly were; and images for drives
 * that have another medium, or none, than they had. */
struct media_changes {
    struct overlay *overlay[MACHINE_DRIVES];
    struct image *image[MACHINE_DRIVES]; /* NULL: none */
    bool exchange[MACHINE_DRIVES];
    bool taken_from[MACHINE_DRIVES]; /* what is in this drive is for another one */
};

/* Which media are tried first: those that are in the drives since they were named for this run, or those that
 * the file names. */
enum saved_media_choice { SAVED_MEDIA_GIVEN, SAVED_MEDIA_NAMED };

/* Checks that the same media are in the drives, or those of SAVED can be put there, unchanged or such that
 * they can be made what they were, and reads what was written over them. False with ERR, a line without the
 * snapshot's name; then CHANGES is empty. */
bool saved_media_read(struct machine *machine, const struct section_file *file,
                      const struct machine_config *saved, enum saved_media_choice choice,
                      struct media_changes *changes, struct error *err);
/* The media that wait for those in the drives, which wait then. So doing it again undoes it. The other
 * functions come after it. */
void saved_media_exchange(struct machine *machine, struct media_changes *changes);
/* Files that are written directly become what they were; all of them or, with ERR, none. And back. */
bool saved_media_put_back(const struct machine *machine, struct media_changes *changes, struct error *err);
void saved_media_undo(const struct machine *machine, struct media_changes *changes);
/* Overlays become what they were. */
void saved_media_adopt(const struct machine *machine, struct media_changes *changes);
void saved_media_free(struct machine *machine, struct media_changes *changes);

#endif
