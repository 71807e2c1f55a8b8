#include "machine/snapshot_media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "machine/machine_private.h"
#include "machine/snapshot_blocks.h"

/* A section: u8 there is a medium; u64 size, u64 hash of the file, u8 read-only, u8 overlay; then the blocks
 * (snapshot_blocks.h) that the overlay holds, or, where the guest writes to the file itself, that are not all
 * zeros. */

static void section_of_slot(unsigned slot, char name[16])
{
    strcpy(name, "medium.");
    strcat(name, machine_drive_name((enum machine_media_slot)slot));
}

/* --- Writing --- */

static bool write_changes(struct image *image, struct section_writer *out)
{
    uint8_t block[IMAGE_OVERLAY_BLOCK];
    bool ok = true;
    for (uint64_t offset = 0; ok && image_next_change(image, &offset); offset += sizeof block) {
        uint64_t left = image_size(image) - offset;
        memset(block, 0, sizeof block);
        ok = image_read(image, offset, block, left < sizeof block ? (size_t)left : sizeof block);
        saved_block_add(out, offset, block);
    }
    saved_blocks_end(out);
    return ok;
}

/* A file that the guest writes to goes on changing: all of it is kept. */
static bool is_kept_whole(const struct image *image)
{
    return !image_has_overlay(image) && !image_read_only(image);
}

static bool write_whole(struct image *image, struct section_writer *out)
{
    static const uint8_t zeros[IMAGE_OVERLAY_BLOCK];
    uint8_t block[IMAGE_OVERLAY_BLOCK];
    bool ok = true;
    for (uint64_t offset = 0; ok && offset < image_size(image); offset += sizeof block) {
        ok = image_read_file_block(image, offset, block);
        if (memcmp(block, zeros, sizeof block))
            saved_block_add(out, offset, block);
    }
    saved_blocks_end(out);
    return ok;
}

static bool write_medium(struct image *image, struct section_writer *out, struct error *err)
{
    struct blob head = {0};
    uint64_t hash = 0;
    blob_u8(&head, image != NULL);
    bool ok = !image || image_hash(image, &hash);
    if (image) {
        blob_u64(&head, image_size(image));
        blob_u64(&head, hash);
        blob_u8(&head, image_read_only(image));
        blob_u8(&head, image_has_overlay(image));
    }
    section_add(out, head.bytes, head.size);
    blob_free(&head);
    if (ok && image && is_kept_whole(image)) {
        image_note_moment(image, hash);
        ok = write_whole(image, out);
    } else if (ok && image) {
        ok = write_changes(image, out);
    }
    return ok || error_set(err, "%s cannot be read", image_path(image));
}

bool saved_media_write(const struct machine *m, struct section_writer *out, struct error *err)
{
    bool ok = true;
    for (unsigned slot = 0; slot < MACHINE_DRIVES && ok; slot++) {
        char name[16];
        section_of_slot(slot, name);
        section_begin(out, name);
        ok = write_medium(machine_image(m, (enum machine_media_slot)slot), out, err);
        section_end(out);
    }
    return ok;
}

/* --- Reading --- */

static bool damaged(struct error *err)
{
    return error_set(err, "its account of the media is damaged");
}

/* What a section says of its medium. */
struct saved_medium {
    uint64_t size, hash;
    bool read_only, overlay;
};

static bool is_whole(const struct saved_medium *saved)
{
    return !saved->read_only && !saved->overlay;
}

static bool add_change(struct image *image, struct overlay *changes, uint64_t offset, const uint8_t *block,
                       struct error *err)
{
    return image_add_change(changes, offset, block) || saved_blocks_no_space(image_path(image), err);
}

static bool read_changes(struct image *image, struct section_stream *in, struct overlay *changes,
                         struct error *err)
{
    uint8_t block[IMAGE_OVERLAY_BLOCK];
    uint64_t offset;
    bool ok;
    for (uint64_t least = 0; saved_block_next(in, image_size(image), least, &offset, block, &ok);
         least = offset + 1)
        if (!changes)
            return damaged(err);
        else if (!add_change(image, changes, offset, block, err))
            return false;
    return (ok && !section_left(in)) || damaged(err);
}

/* CHANGES gets the blocks in which the file is not as it was; NULL: it is. */
static bool read_whole(struct image *image, struct section_stream *in, struct overlay *changes,
                       struct error *err)
{
    uint8_t block[IMAGE_OVERLAY_BLOCK], now[IMAGE_OVERLAY_BLOCK];
    uint64_t offset, at = 0;
    bool ok, more;
    do {
        more = saved_block_next(in, image_size(image), at, &offset, block, &ok);
        if (!ok)
            return damaged(err);
        uint8_t zeros[IMAGE_OVERLAY_BLOCK] = {0};
        uint64_t end = more ? offset + sizeof block : image_size(image);
        for (; changes && at < end; at += sizeof block) {
            const uint8_t *was = more && at == offset ? block : zeros;
            if (!image_read_file_block(image, at, now))
                return error_set(err, "%s cannot be read", image_path(image));
            if (memcmp(now, was, sizeof now) && !add_change(image, changes, at, was, err))
                return false;
        }
        at = end;
    } while (more);
    return !section_left(in) || damaged(err);
}

static bool is_folder(const char *path)
{
    return !strncmp(path, IMAGE_FOLDER_PREFIX, strlen(IMAGE_FOLDER_PREFIX));
}

/* Images are as they were; or what was written since can be taken back. */
static bool check_medium(struct image *image, const struct saved_medium *saved, bool same, struct error *err)
{
    const char *path = image_path(image);
    if (saved->size != image_size(image) || (!same && !is_whole(saved)))
        return error_set(err,
                         is_folder(path)
                             ? "the files in %s are not as they were; bring them back as they were then, "
                               "or name a copy of the folder from then"
                             : "%s has changed since; name an unchanged copy of it, and run with "
                               "--snapshot to keep it so",
                         path);
    if (!same && !image_has_overlay(image) &&
        (image_read_only(image) || !image_had_moment(image, saved->hash)))
        return error_set(err,
                         "%s was written after that; tick86 --load with --snapshot goes on with it as it was "
                         "then, and leaves the file as it is now",
                         path);
    if (saved->overlay && !image_has_overlay(image))
        return error_set(err, "it holds what was written over %s, which needs --snapshot", path);
    return saved->read_only == image_read_only(image) || image_has_overlay(image) ||
           error_set(err, "%s was %s; change the file's rights", path,
                     saved->read_only ? "read-only" : "writable");
}

static bool check_presence(const struct image *image, bool there, const char *name, struct error *err)
{
    if (there == (image != NULL))
        return true;
    return error_set(err,
                     there ? "it was saved with a medium in %s; insert that"
                           : "it was saved without a medium in %s; eject that",
                     name);
}

static bool read_medium(struct image *image, const char *name, struct section_stream *in,
                        struct overlay **changes, struct error *err)
{
    uint8_t there, bytes[18];
    uint64_t hash;
    if (!section_read(in, &there, 1) || there > 1)
        return damaged(err);
    if (!check_presence(image, there, name, err))
        return false;
    if (!there)
        return !section_left(in) || damaged(err);
    if (!section_read(in, bytes, sizeof bytes) || bytes[16] > 1 || bytes[17] > 1)
        return damaged(err);
    struct blob_reader head = {bytes, sizeof bytes, false};
    struct saved_medium saved = {.size = read_u64(&head), .hash = read_u64(&head)};
    saved.read_only = bytes[16];
    saved.overlay = bytes[17];
    if (!image_hash(image, &hash))
        return error_set(err, "%s cannot be read", image_path(image));
    bool same = hash == saved.hash;
    if (!check_medium(image, &saved, same, err))
        return false;
    if (image_has_overlay(image) || !same) {
        *changes = image_create_changes(image_size(image), err);
        if (!*changes)
            return false;
    }
    return is_whole(&saved) ? read_whole(image, in, same ? NULL : *changes, err)
                            : read_changes(image, in, *changes, err);
}

static bool read_slot(struct image *image, const struct section_file *file, unsigned slot,
                      struct overlay **changes, struct error *err)
{
    char name[16];
    section_of_slot(slot, name);
    struct section_stream *in = section_open(file, name, err);
    bool ok = in && read_medium(image, machine_drive_name((enum machine_media_slot)slot), in, changes, err);
    section_close(in);
    if (!ok && *changes) {
        image_free_changes(*changes);
        *changes = NULL;
    }
    return ok;
}

static const char *saved_path(const struct machine_config *saved, unsigned slot)
{
    return slot < MACHINE_FLOPPIES ? saved->floppy[slot] : saved->disk[slot - MACHINE_FLOPPIES].path;
}

/* Of the drives for the same kind of media, the one that has the file at PATH, if the medium can be taken
 * from it; MACHINE_DRIVES: none. */
static unsigned drive_with(const struct machine *m, const char *path, unsigned slot,
                           const struct media_changes *changes)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        const char *medium = machine_medium(m, (enum machine_media_slot)i);
        bool alike = (i < MACHINE_FLOPPIES) == (slot < MACHINE_FLOPPIES) &&
                     machine_can_change(m, (enum machine_media_slot)i);
        if (i != slot && alike && medium && machine_same_medium(medium, path) && !changes->taken_from[i])
            return i;
    }
    return MACHINE_DRIVES;
}

/* Why PATH could not be opened may be that this very run has it, in a drive for other media. */
static void name_other_drive(const struct machine *m, const char *path, struct error *err)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        const char *medium = machine_medium(m, (enum machine_media_slot)i);
        const char *name = machine_drive_name((enum machine_media_slot)i);
        if (medium && machine_same_medium(medium, path) && machine_can_change(m, (enum machine_media_slot)i))
            error_set(err, "%s is in %s now; eject %s", path, name, name);
    }
}

/* The medium at PATH for the drive SLOT; TAKEN: it is in that other drive, which will get another one. */
static struct image *find_medium(const struct machine *m, const char *path, unsigned slot,
                                 const struct media_changes *changes, unsigned *taken, struct error *err)
{
    struct image *image = machine_open_medium(m, (enum machine_media_slot)slot, path, err);
    *taken = image ? MACHINE_DRIVES : drive_with(m, path, slot, changes);
    if (*taken < MACHINE_DRIVES)
        image = machine_image(m, (enum machine_media_slot) * taken);
    if (!image) {
        name_other_drive(m, path, err);
        error_prefix(err, "it was saved with another medium in %s",
                     machine_drive_name((enum machine_media_slot)slot));
    }
    return image;
}

/* Puts what is at PATH (NULL: nothing) in the place of what is in the drive. False: it is not there any more,
 * or is not what it was. */
static bool read_other_medium(const struct machine *m, const struct section_file *file, const char *path,
                              unsigned slot, struct media_changes *changes, struct error *err)
{
    unsigned taken = MACHINE_DRIVES;
    struct image *image = path ? find_medium(m, path, slot, changes, &taken, err) : NULL;
    if (path && !image)
        return false;
    bool ok = read_slot(image, file, slot, &changes->overlay[slot], err);
    if (ok) {
        changes->image[slot] = image;
        changes->exchange[slot] = true;
        if (taken < MACHINE_DRIVES)
            changes->taken_from[taken] = true;
    } else if (image && taken == MACHINE_DRIVES) {
        image_close(image);
    }
    return ok;
}

static bool read_drive(const struct machine *m, const struct section_file *file, const char *path,
                       enum saved_media_choice choice, unsigned slot, struct media_changes *changes,
                       struct error *err)
{
    const char *now = machine_medium(m, (enum machine_media_slot)slot);
    struct image *image = machine_image(m, (enum machine_media_slot)slot);
    struct overlay **overlay = &changes->overlay[slot];
    struct error second;
    bool same = path && now ? machine_same_medium(path, now) : !path && !now;
    if (same || !machine_can_change(m, (enum machine_media_slot)slot))
        return read_slot(image, file, slot, overlay, err);
    if (choice == SAVED_MEDIA_GIVEN)
        return read_slot(image, file, slot, overlay, err) ||
               read_other_medium(m, file, path, slot, changes, &second);
    return read_other_medium(m, file, path, slot, changes, err) ||
           read_slot(image, file, slot, overlay, &second);
}

static bool all_taken_replaced(const struct machine *m, const struct media_changes *changes,
                               struct error *err)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++)
        if (changes->taken_from[slot] && !changes->exchange[slot])
            return error_set(err, "%s cannot be in two drives at once; eject %s",
                             machine_medium(m, (enum machine_media_slot)slot),
                             machine_drive_name((enum machine_media_slot)slot));
    return true;
}

bool saved_media_read(struct machine *m, const struct section_file *file, const struct machine_config *saved,
                      enum saved_media_choice choice, struct media_changes *changes, struct error *err)
{
    bool ok = true;
    memset(changes, 0, sizeof *changes);
    for (unsigned slot = 0; slot < MACHINE_DRIVES && ok; slot++)
        ok = read_drive(m, file, saved_path(saved, slot), choice, slot, changes, err);
    ok = ok && all_taken_replaced(m, changes, err);
    if (!ok)
        saved_media_free(m, changes);
    return ok;
}

void saved_media_exchange(struct machine *m, struct media_changes *changes)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++)
        if (changes->exchange[slot])
            changes->image[slot] =
                machine_exchange_image(m, (enum machine_media_slot)slot, changes->image[slot]);
}

/* Files that are written directly; what goes into overlays comes later, and cannot fail. */
static bool swap_first(const struct machine *m, struct media_changes *changes, unsigned slots,
                       unsigned *failed)
{
    for (unsigned slot = 0; slot < slots; slot++) {
        struct image *image = machine_image(m, (enum machine_media_slot)slot);
        if (!changes->overlay[slot] || image_has_overlay(image))
            continue;
        if (!image_swap_changes(image, changes->overlay[slot])) {
            *failed = slot;
            return false;
        }
    }
    return true;
}

bool saved_media_put_back(const struct machine *m, struct media_changes *changes, struct error *err)
{
    unsigned failed, ignored;
    if (swap_first(m, changes, MACHINE_DRIVES, &failed))
        return true;
    int reason = errno;
    swap_first(m, changes, failed, &ignored);
    return error_set(err, "%s cannot be made what it was: %s",
                     machine_medium(m, (enum machine_media_slot)failed), strerror(reason));
}

void saved_media_undo(const struct machine *m, struct media_changes *changes)
{
    unsigned ignored;
    swap_first(m, changes, MACHINE_DRIVES, &ignored);
}

void saved_media_adopt(const struct machine *m, struct media_changes *changes)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++) {
        struct image *image = machine_image(m, (enum machine_media_slot)slot);
        uint64_t hash;
        if (image && is_kept_whole(image) && image_hash(image, &hash))
            image_note_moment(image, hash);
        if (!changes->overlay[slot] || !image_has_overlay(image))
            continue;
        image_adopt_changes(image, changes->overlay[slot]);
        changes->overlay[slot] = NULL;
    }
}

static bool is_in_a_drive(const struct machine *m, const struct image *image)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++)
        if (image == machine_image(m, (enum machine_media_slot)slot))
            return true;
    return false;
}

void saved_media_free(struct machine *m, struct media_changes *changes)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++) {
        if (changes->overlay[slot])
            image_free_changes(changes->overlay[slot]);
        if (changes->image[slot] && !is_in_a_drive(m, changes->image[slot])) {
            let_go_note(&m->let_go, changes->image[slot]);
            image_close(changes->image[slot]);
        }
    }
    memset(changes, 0, sizeof *changes);
}
