#include "machine/snapshot_media.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/image/image.h"

/* A section: u8 there is a medium; u64 size, u64 hash of the file, u8 read-only, u8 overlay; then for each
 * changed block u64 offset and the block; u64 END. */
#define END UINT64_MAX

static const char *const slot_names[MACHINE_DRIVES] = {"fda", "fdb", "hda", "hdb", "hdc", "hdd"};

static void section_of_slot(unsigned slot, char name[16])
{
    strcpy(name, "medium.");
    strcat(name, slot_names[slot]);
}

/* --- Writing --- */

static bool write_changes(struct image *image, struct section_writer *out)
{
    uint8_t block[IMAGE_OVERLAY_BLOCK];
    struct blob number = {0};
    bool ok = true;
    for (uint64_t offset = 0; ok && image_next_change(image, &offset); offset += sizeof block) {
        uint64_t left = image_size(image) - offset;
        memset(block, 0, sizeof block);
        ok = image_read(image, offset, block, left < sizeof block ? (size_t)left : sizeof block);
        number.size = 0;
        blob_u64(&number, offset);
        section_add(out, number.bytes, number.size);
        section_add(out, block, sizeof block);
    }
    number.size = 0;
    blob_u64(&number, END);
    section_add(out, number.bytes, number.size);
    blob_free(&number);
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
    ok = ok && (!image || write_changes(image, out));
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

static bool read_changes(const struct image *image, struct section_stream *in, struct overlay *changes,
                         struct error *err)
{
    uint8_t number[8], block[IMAGE_OVERLAY_BLOCK];
    for (uint64_t least = 0;;) {
        if (!section_read(in, number, sizeof number))
            return damaged(err);
        struct blob_reader reader = {number, sizeof number, false};
        uint64_t offset = read_u64(&reader);
        if (offset == END)
            return !section_left(in) || damaged(err);
        if (!changes || offset < least || !section_read(in, block, sizeof block))
            return damaged(err);
        if (offset >= image_size(image) || offset % IMAGE_OVERLAY_BLOCK)
            return damaged(err);
        if (!image_add_change(image, changes, offset, block))
            return error_set(
                err, "there is no space for what was written to %s; set TMPDIR to a folder with space",
                image_path(image));
        least = offset + sizeof block;
    }
}

static bool check_medium(struct image *image, struct blob_reader *head, bool overlay, struct error *err)
{
    uint64_t hash, size = read_u64(head), saved_hash = read_u64(head);
    bool read_only = read_u8(head);
    if (size != image_size(image) || !image_hash(image, &hash) || hash != saved_hash)
        return error_set(
            err, "%s has changed since; name an unchanged copy of it, and run with --snapshot to keep it so",
            image_path(image));
    if (overlay && !image_has_overlay(image))
        return error_set(err, "it holds what was written over %s, which needs --snapshot", image_path(image));
    return read_only == image_read_only(image) || image_has_overlay(image) ||
           error_set(err, "%s was %s; change the file's rights", image_path(image),
                     read_only ? "read-only" : "writable");
}

static bool read_medium(struct image *image, const char *name, struct section_stream *in,
                        struct overlay **changes, struct error *err)
{
    uint8_t there, bytes[18];
    if (!section_read(in, &there, 1) || there > 1)
        return damaged(err);
    if (there != (image != NULL))
        return error_set(err,
                         there ? "it was saved with a medium in %s; insert that"
                               : "it was saved without a medium "
                                 "in %s; eject that",
                         name);
    if (!there)
        return !section_left(in) || damaged(err);
    if (!section_read(in, bytes, sizeof bytes) || bytes[16] > 1 || bytes[17] > 1)
        return damaged(err);
    struct blob_reader head = {bytes, sizeof bytes, false};
    if (!check_medium(image, &head, bytes[17], err))
        return false;
    if (image_has_overlay(image)) {
        *changes = image_create_changes(image, err);
        if (!*changes)
            return false;
    }
    return read_changes(image, in, *changes, err);
}

bool saved_media_read(const struct machine *m, const struct section_file *file, struct media_changes *changes,
                      struct error *err)
{
    bool ok = true;
    memset(changes, 0, sizeof *changes);
    for (unsigned slot = 0; slot < MACHINE_DRIVES && ok; slot++) {
        char name[16];
        section_of_slot(slot, name);
        struct section_stream *in = section_open(file, name, err);
        ok = in && read_medium(machine_image(m, (enum machine_media_slot)slot), slot_names[slot], in,
                               &changes->overlay[slot], err);
        section_close(in);
    }
    if (!ok)
        saved_media_free(changes);
    return ok;
}

void saved_media_adopt(const struct machine *m, struct media_changes *changes)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++)
        if (changes->overlay[slot]) {
            image_adopt_changes(machine_image(m, (enum machine_media_slot)slot), changes->overlay[slot]);
            changes->overlay[slot] = NULL;
        }
}

void saved_media_free(struct media_changes *changes)
{
    for (unsigned slot = 0; slot < MACHINE_DRIVES; slot++)
        if (changes->overlay[slot]) {
            image_free_changes(changes->overlay[slot]);
            changes->overlay[slot] = NULL;
        }
}
