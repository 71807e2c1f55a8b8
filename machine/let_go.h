/* Images that the guest writes to itself, after they were taken out of their drives: what is known of them.
 *
 * An image remembers at which moments snapshots found it, since what it became after these is the run's own
 * work, which loading such a snapshot may take back. A file that comes back as it was let go still is that.
 */
#ifndef TICK86_MACHINE_LET_GO_H
#define TICK86_MACHINE_LET_GO_H

#include <stddef.h>
#include <stdint.h>

struct image; /* devices/image/image.h */

struct let_go {
    struct let_go_file {
        char *path;
        uint64_t hash; /* of the file when it was let go */
        uint64_t *moments;
        size_t count;
    } * files;
    size_t count;
};

/* IMAGE (NULL: none) is about to be closed. */
void let_go_note(struct let_go *let_go, struct image *image);
/* IMAGE was opened. */
void let_go_return(const struct let_go *let_go, struct image *image);
void let_go_free(struct let_go *let_go);

#endif
