/* The inside of a machine, shared by machine.c and snapshot.c. */
#ifndef TICK86_MACHINE_MACHINE_PRIVATE_H
#define TICK86_MACHINE_MACHINE_PRIVATE_H

#include "machine/board.h"
#include "machine/idle.h"
#include "machine/let_go.h"
#include "machine/machine.h"
#include "machine/shelf.h"

struct machine {
    struct board board;
    struct idle *idle;
    struct machine_config config; /* as it is in fact: defaults filled in; strings are its own */
    unsigned buttons;             /* of the mouse, as last told */
    struct shelf shelf;
    struct let_go let_go;
    volatile bool interrupt_asked;
    /* The last snapshot that was loaded changed that drive's image file; its medium. */
    bool put_back[MACHINE_DRIVES], medium_put_back[MACHINE_DRIVES];
    uint64_t instruction_limit, break_at; /* instructions since power-on; UINT64_MAX: none */
    uint64_t break_cycle;                 /* likewise, cycles */
};

/* The image at PATH, opened as the medium of a drive for floppies or CDs. NULL with ERR. */
struct image *machine_open_medium(const struct machine *m, enum machine_media_slot slot, const char *path,
                                  struct error *err);
/* IMAGE for the one in such a drive, which is returned; the drive does not notice. */
struct image *machine_exchange_image(struct machine *m, enum machine_media_slot slot, struct image *image);

#endif
