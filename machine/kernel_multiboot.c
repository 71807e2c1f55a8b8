/* Multiboot 1 kernels: ELF of 32 or 64 bits, or any file whose header gives load addresses.
 *
 * Source: Multiboot Specification 0.6.96; ELF: System V ABI, chapters 4 and 5. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "machine/kernel_private.h"

#define MAGIC         0x1BADB002u
#define SEARCH        8192u
#define FLAG_VIDEO    4u
#define FLAG_AOUT     0x10000u
#define FLAGS_NEEDED  0xFFFFu /* a loader that does not know one of these must refuse */
#define FLAGS_KNOWN   7u
#define HEADER_AOUT   32u
#define HEADER_VIDEO  48u
#define MODULE_SIZE   16u
#define MODULES       32u
#define INFO_SIZE     120u
#define INFO_CMDLINE  0x04u
#define INFO_MODS     0x08u
#define INFO_SYMBOLS  0x20u
#define INFO_LOADER   0x200u
#define LOADER_NAME   "tick86"
#define LARGEST_COUNT 4096u

/* Offsets in the information structure. */
enum { INFO_AT_CMDLINE = 16, INFO_AT_MODS = 20, INFO_AT_SYMBOLS = 28, INFO_AT_LOADER = 64 };

struct module {
    uint32_t start, end, string;
};

struct multiboot {
    struct kernel_job *job;
    const uint8_t *header;
    uint32_t flags;
    uint64_t end; /* of what is loaded so far above 1 MB */
    struct blob info;
    struct module modules[MODULES];
    unsigned module_count;
    bool entry_known;
};

long kernel_find_multiboot(const struct kernel_file *file)
{
    size_t end = file->size < SEARCH ? file->size : SEARCH;
    for (size_t at = 0; at + 12 <= end; at += 4) {
        const uint8_t *header = file->bytes + at;
        if (kernel_get32(header) == MAGIC && MAGIC + kernel_get32(header + 4) + kernel_get32(header + 8) == 0)
            return (long)at;
    }
    return -1;
}

static bool truncated(const struct multiboot *m, struct error *err)
{
    return error_set(err, "%s is truncated: what is to be loaded lies beyond its end; get the whole file",
                     m->job->kernel.path);
}

/* Loads FILE_SIZE bytes of the file from OFFSET, then zeros up to SIZE. */
static bool load(struct multiboot *m, uint64_t address, uint64_t offset, uint64_t file_size, uint64_t size,
                 struct error *err)
{
    const struct kernel_file *file = &m->job->kernel;
    if (offset > file->size || file_size > file->size - offset)
        return truncated(m, err);
    if (size < file_size)
        size = file_size;
    if (address + size > m->end)
        m->end = address + size;
    return kernel_add_chunk(m->job, address, file->bytes + offset, file_size, err) &&
           kernel_add_chunk(m->job, address + file_size, NULL, size - file_size, err);
}

/* ---- The header's own addresses ---- */

static bool load_by_header(struct multiboot *m, struct error *err)
{
    const struct kernel_file *file = &m->job->kernel;
    size_t at = (size_t)(m->header - file->bytes);
    if (at + HEADER_AOUT > file->size)
        return truncated(m, err);
    uint32_t header = kernel_get32(m->header + 12), from = kernel_get32(m->header + 16);
    uint32_t data_end = kernel_get32(m->header + 20), bss_end = kernel_get32(m->header + 24);
    if (header < from || header - from > at)
        return error_set(
            err,
            "%s: header_addr %Xh and load_addr %Xh of its Multiboot header do not agree; mend the header",
            file->path, (unsigned)header, (unsigned)from);
    size_t offset = at - (header - from);
    uint64_t size = data_end ? (uint64_t)data_end - from : file->size - offset;
    if (data_end && data_end < from)
        return error_set(err,
                         "%s: load_end_addr of its Multiboot header lies before load_addr; mend the header",
                         file->path);
    m->job->plan.entry = kernel_get32(m->header + 28);
    return load(m, from, offset, size, bss_end > from ? bss_end - from : size, err);
}

/* ---- ELF ---- */

struct elf {
    const uint8_t *bytes;
    bool wide;
    uint64_t entry, segments, sections;
    unsigned segment_size, segment_count, section_size, section_count, names;
};

struct segment {
    uint32_t type;
    uint64_t offset, virtual, physical, file_size, size;
};

static uint64_t get_word(const struct elf *elf, const uint8_t *at)
{
    return kernel_get32(at) | (elf->wide ? (uint64_t)kernel_get32(at + 4) << 32 : 0);
}

static bool open_elf(const struct kernel_file *file, struct elf *elf, struct error *err)
{
    const uint8_t *b = file->bytes;
    if (file->size < 64 || memcmp(b, "\177ELF", 4))
        return error_set(
            err,
            "%s has a Multiboot header but is no ELF file; set bit 16 of its flags and the load addresses",
            file->path);
    elf->bytes = b;
    elf->wide = b[4] == 2;
    uint16_t machine = kernel_get16(b + 18);
    if (b[5] != 1 || (machine != 3 && machine != 62))
        return error_set(err, "%s is an ELF file for another kind of processor; build it for i386",
                         file->path);
    const uint8_t *tail = b + (elf->wide ? 52 : 40);
    elf->entry = get_word(elf, b + 24);
    elf->segments = get_word(elf, b + (elf->wide ? 32 : 28));
    elf->sections = get_word(elf, b + (elf->wide ? 40 : 32));
    elf->segment_size = kernel_get16(tail + 2);
    elf->segment_count = kernel_get16(tail + 4);
    elf->section_size = kernel_get16(tail + 6);
    elf->section_count = kernel_get16(tail + 8);
    elf->names = kernel_get16(tail + 10);
    unsigned least = elf->wide ? 56 : 32;
    if (!elf->segment_count || elf->segment_size < least || elf->segments > file->size ||
        (uint64_t)elf->segment_size * elf->segment_count > file->size - elf->segments)
        return error_set(err, "%s has no whole table of segments to load; get the whole file, or link it",
                         file->path);
    return true;
}

static struct segment get_segment(const struct elf *elf, unsigned index)
{
    const uint8_t *p = elf->bytes + elf->segments + (size_t)index * elf->segment_size;
    if (elf->wide)
        return (struct segment){kernel_get32(p),       get_word(elf, p + 8),  get_word(elf, p + 16),
                                get_word(elf, p + 24), get_word(elf, p + 32), get_word(elf, p + 40)};
    return (struct segment){kernel_get32(p),       get_word(elf, p + 4),  get_word(elf, p + 8),
                            get_word(elf, p + 12), get_word(elf, p + 16), get_word(elf, p + 20)};
}

/* Kernels linked high have virtual entry points. */
static void set_entry(struct multiboot *m, const struct elf *elf, const struct segment *s)
{
    if (m->entry_known || elf->entry < s->virtual || elf->entry - s->virtual >= s->size)
        return;
    m->job->plan.entry = (uint32_t)(elf->entry - s->virtual + s->physical);
    m->entry_known = true;
}

static bool load_segments(struct multiboot *m, const struct elf *elf, struct error *err)
{
    for (unsigned i = 0; i < elf->segment_count; i++) {
        struct segment s = get_segment(elf, i);
        if (s.type != 1 || !s.size)
            continue;
        if (!load(m, s.physical, s.offset, s.file_size, s.size, err))
            return false;
        set_entry(m, elf, &s);
    }
    if (!m->entry_known)
        m->job->plan.entry = (uint32_t)elf->entry;
    return true;
}

/* Section headers, and the sections that no segment brings (symbols, strings), behind the kernel. */
static bool load_symbols(struct multiboot *m, const struct elf *elf, struct error *err)
{
    const struct kernel_file *file = &m->job->kernel;
    uint64_t table = (uint64_t)elf->section_size * elf->section_count;
    if (!table || elf->section_size < (elf->wide ? 64u : 40u) || elf->section_count > LARGEST_COUNT ||
        elf->sections > file->size || table > file->size - elf->sections)
        return true;
    uint8_t *copy = xcalloc(1, table);
    bool ok = true;
    memcpy(copy, elf->bytes + elf->sections, table);
    for (unsigned i = 0; i < elf->section_count && ok; i++) {
        uint8_t *s = copy + (size_t)i * elf->section_size;
        uint32_t type = kernel_get32(s + 4);
        uint8_t *address = s + (elf->wide ? 16 : 12);
        uint64_t offset = get_word(elf, s + (elf->wide ? 24 : 16)),
                 size = get_word(elf, s + (elf->wide ? 32 : 20));
        if ((type != 2 && type != 3) || get_word(elf, address) || offset > file->size ||
            size > file->size - offset || !size)
            continue;
        uint64_t at = (m->end + 15) & ~15ull;
        kernel_put32(address, (uint32_t)at);
        ok = load(m, at, offset, size, size, err);
    }
    uint64_t at = (m->end + 15) & ~15ull;
    ok = ok && kernel_add_chunk(m->job, at, copy, table, err);
    free(copy);
    if (!ok)
        return false;
    m->end = at + table;
    uint8_t *symbols = m->info.bytes + INFO_AT_SYMBOLS;
    kernel_put32(symbols, elf->section_count);
    kernel_put32(symbols + 4, elf->section_size);
    kernel_put32(symbols + 8, (uint32_t)at);
    kernel_put32(symbols + 12, elf->names);
    m->flags |= INFO_SYMBOLS;
    return true;
}

static bool load_elf(struct multiboot *m, struct error *err)
{
    struct elf elf = {0};
    return open_elf(&m->job->kernel, &elf, err) && load_segments(m, &elf, err) && load_symbols(m, &elf, err);
}

/* ---- Modules ---- */

static bool add_module(struct multiboot *m, const char *text, struct error *err)
{
    struct kernel_file file;
    if (m->module_count == MODULES)
        return error_set(err, "--initrd: more than %u modules; leave some out", MODULES);
    size_t length = strcspn(text, " ");
    char *path = xstrdup(access(text, F_OK) ? text : "");
    if (*path)
        path[length] = 0;
    bool ok = kernel_read_file(&file, *path ? path : text, err);
    if (ok) {
        uint64_t at = (m->end + KERNEL_PAGE - 1) & ~(uint64_t)(KERNEL_PAGE - 1);
        ok = kernel_add_chunk(m->job, at, file.bytes, file.size, err);
        m->modules[m->module_count++] = (struct module){(uint32_t)at, (uint32_t)(at + file.size),
                                                        (uint32_t)blob_add(&m->info, text, strlen(text) + 1)};
        m->end = at + file.size;
        free(file.bytes);
    }
    free(path);
    return ok;
}

/* "FILE [ARGUMENTS],FILE [ARGUMENTS],...", or the name of one file. */
static bool add_modules(struct multiboot *m, struct error *err)
{
    const char *given = m->job->config->initrd_path;
    if (!given)
        return true;
    if (!access(given, F_OK))
        return add_module(m, given, err);
    char *list = xstrdup(given);
    bool ok = true;
    for (char *at = list, *next; at && ok; at = next) {
        next = strchr(at, ',');
        if (next)
            *next++ = 0;
        ok = add_module(m, at, err);
    }
    free(list);
    return ok;
}

/* ---- The information structure ---- */

static bool overlaps(const struct kernel_plan *plan, uint64_t from, uint64_t end)
{
    for (unsigned i = 0; i < plan->chunk_count; i++)
        if (plan->chunks[i].address < end && from < (uint64_t)plan->chunks[i].address + plan->chunks[i].size)
            return true;
    return false;
}

/* A free place in conventional memory for the structure and all that it points to. */
static bool place_info(struct multiboot *m, uint32_t size, uint32_t *at, struct error *err)
{
    for (*at = 0x10000; *at + size <= CONVENTIONAL_END; *at += KERNEL_PAGE)
        if (!overlaps(&m->job->plan, *at, *at + size))
            return true;
    return error_set(err, "%s leaves no room for its command line below 640 KB; link it to 1 MB or above",
                     m->job->kernel.path);
}

static void add_command_line(struct multiboot *m, uint32_t *at)
{
    struct text line = {0};
    const char *append = m->job->config->kernel_append;
    text_add(&line, "%s%s%s", m->job->kernel.path, append && *append ? " " : "", append ? append : "");
    *at = (uint32_t)blob_add(&m->info, text_chars(&line), line.length + 1);
    text_free(&line);
}

static bool finish_info(struct multiboot *m, struct error *err)
{
    struct kernel_plan *plan = &m->job->plan;
    uint32_t base, line;
    add_command_line(m, &line);
    uint32_t name = (uint32_t)blob_add(&m->info, LOADER_NAME, sizeof LOADER_NAME);
    blob_align(&m->info, 8);
    uint32_t mods = (uint32_t)blob_zeros(&m->info, (size_t)m->module_count * MODULE_SIZE);
    blob_align(&m->info, 16);
    uint32_t size = (uint32_t)m->info.size, map_size = PLAN_MMAP_ENTRIES * PLAN_MMAP_ENTRY;
    if (m->info.size > CONVENTIONAL_END ||
        !place_info(m, size + map_size + PLAN_VBE_CONTROL + PLAN_VBE_MODE, &base, err))
        return m->info.size > CONVENTIONAL_END ? error_set(err, "--append: too long; shorten it") : false;
    uint8_t *info = m->info.bytes;
    kernel_put32(info, m->flags | INFO_CMDLINE | INFO_LOADER | INFO_MODS);
    kernel_put32(info + INFO_AT_CMDLINE, base + line);
    kernel_put32(info + INFO_AT_MODS, m->module_count);
    kernel_put32(info + INFO_AT_MODS + 4, base + mods);
    kernel_put32(info + INFO_AT_LOADER, base + name);
    for (unsigned i = 0; i < m->module_count; i++) {
        uint8_t *module = info + mods + i * MODULE_SIZE;
        kernel_put32(module, m->modules[i].start);
        kernel_put32(module + 4, m->modules[i].end);
        kernel_put32(module + 8, base + m->modules[i].string);
    }
    plan->info = base;
    plan->memory_map = base + size;
    plan->vbe = base + size + map_size;
    return kernel_add_chunk(m->job, base, info, m->info.size, err);
}

static bool wish_video(struct multiboot *m, struct error *err)
{
    struct kernel_plan *plan = &m->job->plan;
    const struct kernel_file *file = &m->job->kernel;
    if (!(kernel_get32(m->header + 4) & FLAG_VIDEO))
        return true;
    if ((size_t)(m->header - file->bytes) + HEADER_VIDEO > file->size)
        return truncated(m, err);
    plan->video = kernel_get32(m->header + 32) == 1 ? PLAN_VIDEO_TEXT : PLAN_VIDEO_GRAPHICS;
    plan->width = kernel_get32(m->header + 36);
    plan->height = kernel_get32(m->header + 40);
    plan->depth = kernel_get32(m->header + 44);
    return true;
}

bool kernel_plan_multiboot(struct kernel_job *job, struct error *err)
{
    struct multiboot m = {.job = job, .header = job->kernel.bytes + kernel_find_multiboot(&job->kernel)};
    uint32_t flags = kernel_get32(m.header + 4);
    if (flags & FLAGS_NEEDED & ~FLAGS_KNOWN)
        return error_set(err, "%s asks for Multiboot features %Xh, which do not exist; mend its header",
                         job->kernel.path, (unsigned)(flags & FLAGS_NEEDED & ~FLAGS_KNOWN));
    job->plan.kind = PLAN_MULTIBOOT;
    blob_zeros(&m.info, INFO_SIZE);
    bool ok = (flags & FLAG_AOUT ? load_by_header(&m, err) : load_elf(&m, err)) && wish_video(&m, err);
    if (ok && m.end < 0x100000)
        m.end = 0x100000;
    ok = ok && add_modules(&m, err) && finish_info(&m, err);
    blob_free(&m.info);
    return ok;
}
