/* What is written over media that are out of their drives, in a snapshot: its section "shelf". */
#ifndef TICK86_MACHINE_SNAPSHOT_SHELF_H
#define TICK86_MACHINE_SNAPSHOT_SHELF_H

#include <stdbool.h>

#include "base/error.h"
#include "base/section_file.h"
#include "machine/shelf.h"

/* False with ERR on a host I/O error. */
bool saved_shelf_write(const struct shelf *shelf, struct section_writer *out, struct error *err);
/* Into SHELF, which is empty. False with ERR, a line without the snapshot's name; then it is empty again. */
bool saved_shelf_read(struct shelf *shelf, const struct section_file *file, struct error *err);

#endif
