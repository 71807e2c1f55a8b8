#include "base/section_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/hash.h"
#include "base/memory.h"

#define HEADER_SIZE   16u
#define HASH_SIZE     8u
#define CHUNK         65536u
#define MOST_AT_ONCE  (1u << 30)
#define MOST_SECTIONS 256u
#define NAME_MAX_SIZE 64u
/* Level 1 is some three times as fast as the usual one, for a tenth more bytes of memory images. */
#define LEVEL 1

/* --- Writing ----------------------------------------------------------------------------------------------
 */

struct section_writer {
    struct blob file;
    z_stream z;
    size_t sizes_at; /* of the section that is being written */
    uint64_t size;
    uint32_t sections;
    bool finished;
};

struct section_writer *section_writer_create(const struct section_format *format)
{
    struct section_writer *writer = xcalloc(1, sizeof *writer);
    blob_add(&writer->file, format->magic, sizeof format->magic);
    blob_u32(&writer->file, format->version);
    blob_u32(&writer->file, 0);
    return writer;
}

void section_writer_free(struct section_writer *writer)
{
    if (!writer)
        return;
    blob_free(&writer->file);
    free(writer);
}

void section_begin(struct section_writer *writer, const char *name)
{
    size_t length = strlen(name);
    blob_u8(&writer->file, (uint8_t)length);
    blob_add(&writer->file, name, length);
    writer->sizes_at = blob_zeros(&writer->file, 16);
    writer->size = 0;
    writer->sections++;
    memset(&writer->z, 0, sizeof writer->z);
    if (deflateInit(&writer->z, LEVEL) != Z_OK)
        xcalloc(SIZE_MAX, SIZE_MAX); /* out of memory: says so and ends */
}

/* Compresses what is in z.next_in; FLUSH is Z_NO_FLUSH or Z_FINISH. */
static void compress_some(struct section_writer *writer, int flush)
{
    uint8_t out[CHUNK];
    do {
        writer->z.next_out = out;
        writer->z.avail_out = sizeof out;
        deflate(&writer->z, flush);
        blob_add(&writer->file, out, sizeof out - writer->z.avail_out);
    } while (!writer->z.avail_out);
}

void section_add(struct section_writer *writer, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    writer->size += count;
    while (count) {
        size_t n = count < MOST_AT_ONCE ? count : MOST_AT_ONCE;
        writer->z.next_in = (Bytef *)(uintptr_t)at;
        writer->z.avail_in = (uInt)n;
        compress_some(writer, Z_NO_FLUSH);
        at += n;
        count -= n;
    }
}

static void set_u64(struct blob *blob, size_t at, uint64_t value)
{
    blob_set_u32(blob, at, (uint32_t)value);
    blob_set_u32(blob, at + 4, (uint32_t)(value >> 32));
}

void section_end(struct section_writer *writer)
{
    compress_some(writer, Z_FINISH);
    deflateEnd(&writer->z);
    set_u64(&writer->file, writer->sizes_at, writer->size);
    set_u64(&writer->file, writer->sizes_at + 8, writer->file.size - writer->sizes_at - 16);
}

const struct blob *section_writer_finish(struct section_writer *writer)
{
    struct blob *file = &writer->file;
    if (!writer->finished) {
        blob_set_u32(file, 12, writer->sections);
        blob_u64(file, hash_bytes(HASH_START, file->bytes, file->size));
    }
    writer->finished = true;
    return file;
}

static bool write_all(int fd, const struct blob *bytes)
{
    for (size_t at = 0; at < bytes->size;) {
        ssize_t n = write(fd, bytes->bytes + at, bytes->size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

/* mkstemp() makes files that nobody else can read; this one shall be as other files are. */
static void usual_rights(int fd)
{
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask))
        return; /* then it stays private */
}

bool section_writer_save(struct section_writer *writer, const char *path, struct error *err)
{
    const struct blob *bytes = section_writer_finish(writer);
    struct stat status;
    if (!stat(path, &status) && !S_ISREG(status.st_mode))
        return error_set(err, "%s is not a file; choose another name", path);
    size_t length = strlen(path) + sizeof ".XXXXXX";
    char *temporary = xcalloc(length, 1);
    snprintf(temporary, length, "%s.XXXXXX", path);
    int fd = mkstemp(temporary);
    if (fd < 0) {
        int reason = errno;
        free(temporary);
        return error_set(err, "%s: cannot be written: %s; choose another folder", path, strerror(reason));
    }
    usual_rights(fd);
    bool ok = write_all(fd, bytes);
    int reason = errno;
    if (close(fd) && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && rename(temporary, path)) {
        ok = false;
        reason = errno;
    }
    if (!ok)
        unlink(temporary);
    free(temporary);
    return ok || error_set(err, "%s: cannot be written: %s", path, strerror(reason));
}

/* --- Reading ----------------------------------------------------------------------------------------------
 */

struct section {
    char name[NAME_MAX_SIZE];
    uint64_t size;
    const uint8_t *packed;
    size_t packed_size;
};

struct section_file {
    char *path;
    uint8_t *own; /* the bytes, where the file was read; NULL: somebody else's */
    struct section *sections;
    unsigned count;
};

static bool damaged(const char *path, const char *how, struct error *err)
{
    return error_set(err, "%s is %s; use another copy", path, how);
}

static bool read_section(struct section_file *file, struct blob_reader *in, struct error *err)
{
    struct section *section = &file->sections[file->count];
    size_t length = read_u8(in);
    const uint8_t *name = read_bytes(in, length);
    section->size = read_u64(in);
    uint64_t packed_size = read_u64(in);
    if (!name || !length || length >= NAME_MAX_SIZE || memchr(name, 0, length) || packed_size > in->left)
        return damaged(file->path, "damaged", err);
    memcpy(section->name, name, length);
    section->packed_size = (size_t)packed_size;
    section->packed = read_bytes(in, section->packed_size);
    for (unsigned i = 0; i < file->count; i++)
        if (!strcmp(file->sections[i].name, section->name))
            return damaged(file->path, "damaged", err);
    file->count++;
    return true;
}

/* The bytes are all there; BYTES outlive the file. */
static bool parse(struct section_file *file, const uint8_t *bytes, size_t size,
                  const struct section_format *format, struct error *err)
{
    struct blob_reader in = {bytes, size, false};
    const uint8_t *magic = read_bytes(&in, sizeof format->magic);
    if (!magic || memcmp(magic, format->magic, sizeof format->magic))
        return error_set(err, "%s is not %s; name one that was saved", file->path, format->what);
    uint32_t version = read_u32(&in), count = read_u32(&in);
    if (in.failed || size < HEADER_SIZE + HASH_SIZE)
        return damaged(file->path, "truncated", err);
    if (version != format->version)
        return error_set(err,
                         "%s has format version %" PRIu32 ", this tick86 reads %" PRIu32
                         "; load it with the version that saved it",
                         file->path, version, format->version);
    struct blob_reader sum = {bytes + size - HASH_SIZE, HASH_SIZE, false};
    if (read_u64(&sum) != hash_bytes(HASH_START, bytes, size - HASH_SIZE))
        return damaged(file->path, "truncated or damaged (its checksum is wrong)", err);
    if (!count || count > MOST_SECTIONS)
        return damaged(file->path, "damaged", err);
    in.left -= HASH_SIZE;
    file->sections = xcalloc(count, sizeof *file->sections);
    while (file->count < count)
        if (!read_section(file, &in, err))
            return false;
    return !in.left || damaged(file->path, "damaged", err);
}

struct section_file *section_file_of_memory(const void *bytes, size_t size, const char *name,
                                            const struct section_format *format, struct error *err)
{
    struct section_file *file = xcalloc(1, sizeof *file);
    file->path = xstrdup(name);
    if (parse(file, bytes, size, format, err))
        return file;
    section_file_close(file);
    return NULL;
}

/* The beginning is looked at before the rest is read, which may be of any size. */
static uint8_t *read_file(const char *path, const struct section_format *format, size_t *size,
                          struct error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status)) {
        error_set(err, "%s: %s; check the name", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    char magic[sizeof format->magic];
    uint8_t *bytes = NULL;
    if (!S_ISREG(status.st_mode) || pread(fd, magic, sizeof magic, 0) != (ssize_t)sizeof magic ||
        memcmp(magic, format->magic, sizeof magic)) {
        error_set(err, "%s is not %s; name one that was saved", path, format->what);
    } else {
        size_t done = 0;
        bytes = xrealloc(NULL, (size_t)status.st_size);
        ssize_t n = 1;
        while (done < (size_t)status.st_size && (n > 0 || (n < 0 && errno == EINTR))) {
            n = read(fd, bytes + done, (size_t)status.st_size - done);
            done += n > 0 ? (size_t)n : 0;
        }
        *size = done;
    }
    close(fd);
    return bytes;
}

struct section_file *section_file_open(const char *path, const struct section_format *format,
                                       struct error *err)
{
    size_t size = 0;
    uint8_t *bytes = read_file(path, format, &size, err);
    if (!bytes)
        return NULL;
    struct section_file *file = section_file_of_memory(bytes, size, path, format, err);
    if (file)
        file->own = bytes;
    else
        free(bytes);
    return file;
}

void section_file_close(struct section_file *file)
{
    if (!file)
        return;
    free(file->sections);
    free(file->own);
    free(file->path);
    free(file);
}

const char *section_file_path(const struct section_file *file)
{
    return file->path;
}

unsigned section_count(const struct section_file *file)
{
    return file->count;
}

const char *section_name(const struct section_file *file, unsigned index)
{
    return file->sections[index].name;
}

struct section_stream {
    z_stream z;
    uint64_t left;
    size_t packed_left; /* not handed to zlib yet, which counts in 32 bits */
};

struct section_stream *section_open(const struct section_file *file, const char *name, struct error *err)
{
    const struct section *section = NULL;
    for (unsigned i = 0; i < file->count; i++)
        if (!strcmp(file->sections[i].name, name))
            section = &file->sections[i];
    if (!section) {
        error_set(err,
                  "it has no section \"%s\", so another version of tick86 made it; load it with that one",
                  name);
        return NULL;
    }
    struct section_stream *stream = xcalloc(1, sizeof *stream);
    stream->left = section->size;
    stream->z.next_in = (Bytef *)(uintptr_t)section->packed;
    stream->packed_left = section->packed_size;
    if (inflateInit(&stream->z) != Z_OK)
        xcalloc(SIZE_MAX, SIZE_MAX); /* out of memory: says so and ends */
    return stream;
}

void section_close(struct section_stream *stream)
{
    if (!stream)
        return;
    inflateEnd(&stream->z);
    free(stream);
}

uint64_t section_left(const struct section_stream *stream)
{
    return stream->left;
}

bool section_read(struct section_stream *stream, void *buffer, size_t count)
{
    z_stream *z = &stream->z;
    if (count > stream->left)
        return false;
    z->next_out = buffer;
    z->avail_out = (uInt)count;
    while (z->avail_out) {
        if (!z->avail_in) {
            z->avail_in = stream->packed_left < MOST_AT_ONCE ? (uInt)stream->packed_left : MOST_AT_ONCE;
            stream->packed_left -= z->avail_in;
        }
        int status = inflate(z, Z_SYNC_FLUSH);
        if (status != Z_OK && !(status == Z_STREAM_END && !z->avail_out))
            return false;
    }
    stream->left -= count;
    return true;
}

bool section_load(const struct section_file *file, const char *name, size_t max, struct blob *out,
                  struct error *err)
{
    struct section_stream *stream = section_open(file, name, err);
    if (!stream)
        return false;
    bool ok = stream->left <= max;
    /* Memory is taken as the data come, not as the file says. */
    while (ok && stream->left) {
        size_t n = stream->left < CHUNK ? (size_t)stream->left : CHUNK, at = blob_zeros(out, n);
        ok = section_read(stream, out->bytes + at, n);
    }
    section_close(stream);
    return ok || error_set(err, "its section \"%s\" is damaged", name);
}
