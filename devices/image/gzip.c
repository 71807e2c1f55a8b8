/* Images compressed by gzip (RFC 1952), told by their name. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "devices/image/image_private.h"

#define CHUNK 65536u
/* More than this is a mistake (or a bomb) rather than a disk that somebody keeps compressed. */
#define UNPACKED_LIMIT (64ull << 30)

bool image_named_gzip(const char *path)
{
    size_t length = strlen(path);
    return length > 3 && !strcmp(path + length - 3, ".gz");
}

static gzFile open_gzip(const char *path, struct error *err)
{
    gzFile file = gzopen(path, "rbe");
    if (!file) {
        error_set(err, "%s: cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    gzbuffer(file, CHUNK);
    if (gzdirect(file)) {
        gzclose(file);
        error_set(err, "%s is not gzip data, though its name says so; rename it", path);
        return NULL;
    }
    return file;
}

static bool failed(gzFile file, const char *path, struct error *err)
{
    int code;
    gzerror(file, &code);
    return error_set(err, "%s: the gzip data are %s; unpack it with gunzip to see how much is left", path,
                     code == Z_BUF_ERROR ? "truncated" : "damaged");
}

/* One read; a file that ends in the middle of its stream is an error, not an end. */
static int read_some(gzFile file, const char *path, uint8_t *buffer, unsigned count, struct error *err)
{
    int n = gzread(file, buffer, count);
    int code = Z_OK;
    if (n >= 0 && (unsigned)n < count)
        gzerror(file, &code);
    if (n < 0 || code == Z_BUF_ERROR) {
        failed(file, path, err);
        return -1;
    }
    return n;
}

static bool unpack(gzFile file, const char *path, int fd, uint64_t *size, struct error *err)
{
    uint8_t *chunk = xcalloc(1, CHUNK);
    bool ok = true;
    *size = 0;
    for (;;) {
        int n = read_some(file, path, chunk, CHUNK, err);
        ok = n >= 0;
        if (n <= 0)
            break;
        if (*size + (unsigned)n > UNPACKED_LIMIT)
            ok = error_set(err, "%s unpacks to more than 64 GB; unpack it with gunzip", path);
        else if (!image_pwrite(fd, *size, chunk, (size_t)n))
            ok = error_set(err, "%s: no space to unpack it: %s; set TMPDIR to a folder with space", path,
                           strerror(errno));
        if (!ok)
            break;
        *size += (unsigned)n;
    }
    free(chunk);
    if (ok && *size == 0)
        return error_set(err, "%s unpacks to nothing; name a disk image", path);
    return ok;
}

int image_gunzip(const char *path, uint64_t *size, struct error *err)
{
    gzFile file = open_gzip(path, err);
    if (!file)
        return -1;
    int fd = image_temporary_file(err);
    if (fd >= 0 && !unpack(file, path, fd, size, err)) {
        close(fd);
        fd = -1;
    }
    gzclose(file);
    return fd;
}

long image_gunzip_head(const char *path, uint8_t *head, size_t capacity, bool *all, struct error *err)
{
    gzFile file = open_gzip(path, err);
    if (!file)
        return -1;
    int n = read_some(file, path, head, (unsigned)capacity, err);
    uint8_t more;
    *all = n >= 0 && ((size_t)n < capacity || gzread(file, &more, 1) <= 0);
    gzclose(file);
    return n;
}
