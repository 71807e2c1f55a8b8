/* Linux bzImage and zImage by the boot protocol, entered at the real-mode setup code.
 *
 * Source: Linux kernel, Documentation/x86/boot.rst: "Memory Layout", "The Real-Mode Kernel Header", "Loading
 * The Rest of The Kernel", "Running the Kernel". */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "machine/kernel_private.h"

#define SECTOR 512u

/* Offsets in the setup header. */
enum {
    SETUP_SECTS = 0x1F1,
    SYSSIZE = 0x1F4,
    VID_MODE = 0x1FA,
    BOOT_FLAG = 0x1FE,
    HEADER = 0x202,
    VERSION = 0x206,
    TYPE_OF_LOADER = 0x210,
    LOADFLAGS = 0x211,
    RAMDISK_IMAGE = 0x218,
    RAMDISK_SIZE = 0x21C,
    HEAP_END_PTR = 0x224,
    CMD_LINE_PTR = 0x228,
    INITRD_ADDR_MAX = 0x22C,
    XLOADFLAGS = 0x236,
    CMDLINE_SIZE = 0x238,
    HEADER_END = 0x23C
};

#define LOADED_HIGH       0x01
#define CAN_USE_HEAP      0x80
#define UNKNOWN_LOADER    0xFF
#define KERNEL_64         0x01 /* of xloadflags: there is an entry for long mode */
#define OLD_CMDLINE_MAGIC 0xA33F
#define OLD_INITRD_MAX    0x37FFFFFFu
#define OLD_CMDLINE_MOST  255u
#define HIGH_KERNEL       0x100000u

/* Where the parts go, by the age of the protocol. */
struct layout {
    uint32_t setup, command_line, kernel, initrd_max, cmdline_most;
};

bool kernel_is_linux(const struct kernel_file *file)
{
    return file->size >= 2 * SECTOR && !memcmp(file->bytes + HEADER, "HdrS", 4) &&
           kernel_get16(file->bytes + BOOT_FLAG) == 0xAA55;
}

static const char *command_line(const struct kernel_job *job)
{
    return job->config->kernel_append ? job->config->kernel_append : "";
}

static struct layout choose_layout(const uint8_t *header)
{
    unsigned version = kernel_get16(header + VERSION);
    bool high = header[LOADFLAGS] & LOADED_HIGH;
    struct layout l = {0x10000, 0x20000, HIGH_KERNEL, OLD_INITRD_MAX, OLD_CMDLINE_MOST};
    if (version < 0x202 || !high) {
        l.setup = 0x90000;
        l.command_line = 0x99000;
        l.kernel = high ? HIGH_KERNEL : 0x10000;
    }
    if (version >= 0x203)
        l.initrd_max = kernel_get32(header + INITRD_ADDR_MAX);
    if (version >= 0x206)
        l.cmdline_most = kernel_get32(header + CMDLINE_SIZE);
    return l;
}

/* The value of the last NAME=... in the command line, NULL if there is none. */
static const char *find_parameter(const char *line, const char *name)
{
    const char *value = NULL;
    size_t length = strlen(name);
    for (const char *at = line; (at = strstr(at, name)); at += length)
        if (at == line || at[-1] == ' ')
            value = at + length;
    return value;
}

/* "vga=", which is for the boot loader ("Special Command Line Options"). */
static void set_video_mode(uint8_t *header, const char *line)
{
    const char *mode = find_parameter(line, "vga=");
    if (!mode)
        return;
    if (!strncmp(mode, "normal", 6))
        kernel_put16(header + VID_MODE, 0xFFFF);
    else if (!strncmp(mode, "ext", 3))
        kernel_put16(header + VID_MODE, 0xFFFE);
    else if (!strncmp(mode, "ask", 3))
        kernel_put16(header + VID_MODE, 0xFFFD);
    else
        kernel_put16(header + VID_MODE, (uint16_t)strtoul(mode, NULL, 0));
}

/* "mem=" keeps the kernel from using what lies above, the initial RAM disk included. */
static uint64_t memory_end(const struct kernel_job *job)
{
    const char *value = find_parameter(command_line(job), "mem=");
    char *unit;
    if (!value)
        return job->memory_end;
    uint64_t end = strtoull(value, &unit, 0);
    unsigned shift = *unit == 'k' || *unit == 'K'   ? 10
                     : *unit == 'm' || *unit == 'M' ? 20
                     : *unit == 'g' || *unit == 'G' ? 30
                                                    : 0;
    return end && end < job->memory_end >> shift ? end << shift : job->memory_end;
}

static bool add_initrd(struct kernel_job *job, uint8_t *header, const struct layout *l, uint64_t kernel_end,
                       struct error *err)
{
    struct kernel_file initrd;
    uint64_t end = memory_end(job);
    if (!job->config->initrd_path)
        return true;
    if (!kernel_read_file(&initrd, job->config->initrd_path, err))
        return false;
    if (end > (uint64_t)l->initrd_max + 1)
        end = (uint64_t)l->initrd_max + 1;
    uint64_t at = initrd.size < end ? (end - initrd.size) & ~(uint64_t)(KERNEL_PAGE - 1) : 0;
    bool ok = at >= kernel_end;
    if (!ok)
        error_set(err, "%s: %zu KB do not fit behind the kernel; give more memory with --memory", initrd.path,
                  initrd.size >> 10);
    else
        ok = kernel_add_chunk(job, at, initrd.bytes, initrd.size, err);
    kernel_put32(header + RAMDISK_IMAGE, (uint32_t)at);
    kernel_put32(header + RAMDISK_SIZE, (uint32_t)initrd.size);
    free(initrd.bytes);
    return ok;
}

/* Protocol 2.02 and later have a pointer; before, two words in the boot sector told. */
static void point_to_command_line(uint8_t *header, const struct layout *l)
{
    if (kernel_get16(header + VERSION) >= 0x202) {
        kernel_put32(header + CMD_LINE_PTR, l->command_line);
        return;
    }
    kernel_put16(header + 0x20, OLD_CMDLINE_MAGIC);
    kernel_put16(header + 0x22, (uint16_t)(l->command_line - l->setup));
}

static void fill_header(uint8_t *header, const struct layout *l)
{
    header[TYPE_OF_LOADER] = UNKNOWN_LOADER;
    if (kernel_get16(header + VERSION) >= 0x201) {
        header[LOADFLAGS] |= CAN_USE_HEAP;
        kernel_put16(header + HEAP_END_PTR, (uint16_t)(l->command_line - l->setup - 0x200));
    }
    point_to_command_line(header, l);
}

static bool check_size(const struct kernel_job *job, const uint8_t *header, size_t setup_size,
                       struct error *err)
{
    const struct kernel_file *file = &job->kernel;
    uint64_t need = setup_size + 1;
    /* Up to protocol 2.03 only the low word was set reliably. */
    if (kernel_get16(header + VERSION) >= 0x204)
        need = setup_size + 16ull * kernel_get32(header + SYSSIZE);
    /* The last paragraph may be incomplete. */
    if (file->size + 15 < need || file->size <= setup_size)
        return error_set(err, "%s is truncated: %zu bytes of %" PRIu64 "; get the whole file", file->path,
                         file->size, need);
    return true;
}

/* No processor here has long mode. */
static bool is_64_bit(const uint8_t *header)
{
    return kernel_get16(header + VERSION) >= 0x20C && header[XLOADFLAGS] & KERNEL_64;
}

bool kernel_plan_linux(struct kernel_job *job, struct error *err)
{
    const struct kernel_file *file = &job->kernel;
    if (is_64_bit(file->bytes))
        return error_set(err, "%s is a kernel for 64-bit processors; take one for i386", file->path);
    unsigned sectors = file->bytes[SETUP_SECTS] ? file->bytes[SETUP_SECTS] : 4;
    size_t setup_size = (sectors + 1) * SECTOR, append = strlen(command_line(job));
    struct layout l = choose_layout(file->bytes);
    if (setup_size < HEADER_END || !check_size(job, file->bytes, setup_size, err))
        return setup_size >= HEADER_END
                   ? false
                   : error_set(err, "%s: its setup code is too short; get the whole file", file->path);
    if (append > l.cmdline_most || append >= CONVENTIONAL_END - l.command_line)
        return error_set(err, "--append: %zu characters; %s takes %u", append, file->path,
                         (unsigned)l.cmdline_most);
    uint64_t kernel_end = (uint64_t)l.kernel + file->size - setup_size;
    if (l.kernel < l.setup && l.kernel + file->size - setup_size > l.setup)
        return error_set(err, "%s is a zImage larger than 512 KB; build a bzImage", file->path);
    uint8_t *setup = xcalloc(1, setup_size);
    memcpy(setup, file->bytes, setup_size);
    fill_header(setup, &l);
    set_video_mode(setup, command_line(job));
    bool ok = add_initrd(job, setup, &l, l.kernel == HIGH_KERNEL ? kernel_end : HIGH_KERNEL, err) &&
              kernel_add_chunk(job, l.setup, setup, setup_size, err) &&
              kernel_add_chunk(job, l.command_line, command_line(job), append + 1, err) &&
              kernel_add_chunk(job, l.kernel, file->bytes + setup_size, file->size - setup_size, err);
    free(setup);
    job->plan.kind = PLAN_LINUX;
    job->plan.entry = l.setup >> 4;
    job->plan.stack = l.command_line - l.setup - 16;
    return ok;
}
