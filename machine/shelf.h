/* Media that were taken out of a drive: what a run with --snapshot has written over them waits here until
 * they are put in again. */
#ifndef TICK86_MACHINE_SHELF_H
#define TICK86_MACHINE_SHELF_H

#include <stddef.h>
#include <stdint.h>

struct image;
struct overlay; /* devices/image/image.h */

struct shelf {
    struct shelved {
        char *path;
        uint64_t size, hash; /* of the file, which must be the same when it comes back */
        struct overlay *changes;
    } * items;
    size_t count;
};

/* Takes the overlay that IMAGE has, and puts it there again. Between the two IMAGE must not be used. */
struct shelved shelf_take(struct image *image);
void shelf_give_back(struct image *image, struct shelved *taken);
/* Keeps what was taken, in place of what there was of the same file. */
void shelf_keep(struct shelf *shelf, struct shelved *taken);
/* The same for one that is known not to be there. TAKEN may lack anything, and is then not to be used. */
void shelf_add(struct shelf *shelf, struct shelved *taken);
/* IMAGE was opened: gets what is kept of its file, if that is still the same one. */
void shelf_return(struct shelf *shelf, struct image *image);
void shelf_clear(struct shelf *shelf);

#endif
