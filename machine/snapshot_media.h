/* Media in a snapshot: which images were in the drives, a hash of each, and what their overlays hold. */
#ifndef TICK86_MACHINE_SNAPSHOT_MEDIA_H
#define TICK86_MACHINE_SNAPSHOT_MEDIA_H

#include "base/section_file.h"
#include "machine/board.h"

/* As machine_media_slot numbers them. */
#define MEDIA_SLOTS (MACHINE_FLOPPIES + MACHINE_DISKS)

/* The image in a drive; NULL: none. */
struct image *media_image(const struct board *board, unsigned slot);

/* One section for each drive. False with ERR on a host I/O error. */
bool media_write(const struct board *board, struct section_writer *out, struct error *err);

/* Overlays that wait to be adopted. */
struct media_changes {
    struct overlay *overlay[MEDIA_SLOTS];
};

/* Checks that the same media are in the drives, unchanged, and reads what was written over them. False with
 * ERR, a line without the snapshot's name; then CHANGES is empty. */
bool media_read(const struct board *board, const struct section_file *file, struct media_changes *changes,
                struct error *err);
void media_adopt(const struct board *board, struct media_changes *changes);
void media_free(struct media_changes *changes);

#endif
