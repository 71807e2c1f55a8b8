/* A file of named sections, each compressed by zlib, with a checksum over all of it.
 *
 *      8 magic   u32 version   u32 number of sections
 *      per section:  u8 length of the name, name, u64 size, u64 compressed size, zlib stream
 *      u64 hash (base/hash.h) of all that is before it
 *
 * Writing replaces the file as a whole, at the end. Reading trusts nothing: what opens without an error is
 * whole and unchanged, and sections give out just as many bytes as they say. */
#ifndef TICK86_BASE_SECTION_FILE_H
#define TICK86_BASE_SECTION_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/error.h"

struct section_format {
    char magic[8];
    uint32_t version;
    const char *what; /* for messages: "a snapshot of tick86" */
};

/* --- Writing --- */

struct section_writer;

struct section_writer *section_writer_create(const struct section_format *format);
void section_writer_free(struct section_writer *writer);
/* A section is begun, added to, and ended before the next one. */
void section_begin(struct section_writer *writer, const char *name);
void section_add(struct section_writer *writer, const void *bytes, size_t count);
void section_end(struct section_writer *writer);
/* Completes the file's bytes; they stay the writer's. Nothing can be added any more. */
const struct blob *section_writer_finish(struct section_writer *writer);
/* Completes the file and puts it at PATH in one step: a failure leaves what was there before. */
bool section_writer_save(struct section_writer *writer, const char *path, struct error *err);

/* --- Reading --- */

struct section_file;

/* NULL with ERR (which names the file) for what is not such a file, is damaged, or of another version. */
struct section_file *section_file_open(const char *path, const struct section_format *format,
                                       struct error *err);
/* The same from memory, which must outlive the file; NAME stands for the path in messages. */
struct section_file *section_file_of_memory(const void *bytes, size_t size, const char *name,
                                            const struct section_format *format, struct error *err);
void section_file_close(struct section_file *file);
const char *section_file_path(const struct section_file *file);
unsigned section_count(const struct section_file *file);
const char *section_name(const struct section_file *file, unsigned index);

/* Reading a section bit by bit. False with ERR if there is none of that name. */
struct section_stream;
struct section_stream *section_open(const struct section_file *file, const char *name, struct error *err);
void section_close(struct section_stream *stream);
/* Bytes not read yet. */
uint64_t section_left(const struct section_stream *stream);
/* False: there are not so many, or they do not decompress. */
bool section_read(struct section_stream *stream, void *buffer, size_t count);
/* A whole section of at most MAX bytes. False with ERR. */
bool section_load(const struct section_file *file, const char *name, size_t max, struct blob *out,
                  struct error *err);

#endif
