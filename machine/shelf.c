#include "machine/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "machine/machine.h"

struct shelved shelf_take(struct image *image)
{
    struct shelved taken = {0};
    uint64_t first = 0;
    if (!image || !image_next_change(image, &first) || !image_hash(image, &taken.hash))
        return taken;
    taken.path = xstrdup(image_path(image));
    taken.size = image_size(image);
    taken.changes = image_take_changes(image);
    return taken;
}

static void forget(struct shelved *item)
{
    free(item->path);
    image_free_changes(item->changes);
    *item = (struct shelved){0};
}

void shelf_give_back(struct image *image, struct shelved *taken)
{
    if (taken->changes)
        image_adopt_changes(image, taken->changes);
    taken->changes = NULL;
    forget(taken);
}

static struct shelved *find(struct shelf *shelf, const char *path)
{
    for (size_t i = 0; i < shelf->count; i++)
        if (machine_same_medium(shelf->items[i].path, path))
            return &shelf->items[i];
    return NULL;
}

/* The last one comes into ITEM's place. */
static void take_out(struct shelf *shelf, struct shelved *item)
{
    *item = shelf->items[--shelf->count];
}

void shelf_add(struct shelf *shelf, struct shelved *taken)
{
    shelf->items = xrealloc(shelf->items, (shelf->count + 1) * sizeof *shelf->items);
    shelf->items[shelf->count++] = *taken;
    *taken = (struct shelved){0};
}

void shelf_keep(struct shelf *shelf, struct shelved *taken)
{
    if (!taken->changes)
        return;
    struct shelved *old = find(shelf, taken->path);
    if (old) {
        forget(old);
        take_out(shelf, old);
    }
    shelf_add(shelf, taken);
}

void shelf_return(struct shelf *shelf, struct image *image)
{
    struct shelved *item = find(shelf, image_path(image));
    uint64_t hash;
    if (!item)
        return;
    if (image_size(image) == item->size && image_hash(image, &hash) && hash == item->hash &&
        image_has_overlay(image)) {
        image_adopt_changes(image, item->changes);
        item->changes = NULL;
    }
    forget(item);
    take_out(shelf, item);
}

void shelf_clear(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        forget(&shelf->items[i]);
    free(shelf->items);
    *shelf = (struct shelf){0};
}
