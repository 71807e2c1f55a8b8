#include "machine/let_go.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "devices/image/image.h"
#include "machine/machine.h"

static struct let_go_file *find(const struct let_go *let_go, const char *path)
{
    for (size_t i = 0; i < let_go->count; i++)
        if (machine_same_medium(let_go->files[i].path, path))
            return &let_go->files[i];
    return NULL;
}

static struct let_go_file *add(struct let_go *let_go, const char *path)
{
    let_go->files = xrealloc(let_go->files, (let_go->count + 1) * sizeof *let_go->files);
    struct let_go_file *file = &let_go->files[let_go->count++];
    *file = (struct let_go_file){.path = xstrdup(path)};
    return file;
}

void let_go_note(struct let_go *let_go, struct image *image)
{
    const uint64_t *moments;
    size_t count = image ? image_moments(image, &moments) : 0;
    uint64_t hash;
    if (!count || !image_hash(image, &hash))
        return;
    struct let_go_file *file = find(let_go, image_path(image));
    if (!file)
        file = add(let_go, image_path(image));
    file->hash = hash;
    file->count = count;
    file->moments = xrealloc(file->moments, count * sizeof *moments);
    memcpy(file->moments, moments, count * sizeof *moments);
}

void let_go_return(const struct let_go *let_go, struct image *image)
{
    const struct let_go_file *file = find(let_go, image_path(image));
    uint64_t hash;
    if (!file || image_has_overlay(image) || !image_hash(image, &hash) || hash != file->hash)
        return;
    for (size_t i = 0; i < file->count; i++)
        image_note_moment(image, file->moments[i]);
}

void let_go_free(struct let_go *let_go)
{
    for (size_t i = 0; i < let_go->count; i++) {
        free(let_go->files[i].path);
        free(let_go->files[i].moments);
    }
    free(let_go->files);
    *let_go = (struct let_go){0};
}
