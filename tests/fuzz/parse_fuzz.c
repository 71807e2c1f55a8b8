/* Random and mutated input to everything that reads what users give: images, options, configuration files,
 * typed scripts, monitor commands. Nothing crashes, hangs or leaks; what is refused is refused with one line.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "devices/image/image.h"
#include "gui/typist.h"
#include "machine/machine.h"
#include "machine/options.h"
#include "monitor/monitor.h"
#include "tests/fuzz/fuzz.h"

#define FILE_MOST (3u << 20)

struct world {
    struct fuzz_random r;
    char folder[64];
    char path[128]; /* of the file that is made */
    uint8_t *bytes;
    size_t size;
    bool failed;
};

static unsigned below(struct world *w, unsigned n)
{
    return fuzz_below(&w->r, n);
}

/* An error is one line, and there is one if and only if something was refused. */
static void check_error(struct world *w, bool fine, const struct error *err, const char *what)
{
    size_t length = strnlen(err->text, sizeof err->text);
    if (!fine && (length == 0 || length == sizeof err->text || strchr(err->text, '\n'))) {
        fprintf(stderr, "%s was refused with \"%.*s\"\n", what, (int)length, err->text);
        w->failed = true;
    }
}

/* --- files --- */

static void write_file(struct world *w, const char *name, const void *bytes, size_t size)
{
    snprintf(w->path, sizeof w->path, "%s/%s", w->folder, name);
    int file = open(w->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, bytes, size) != (ssize_t)size) {
        perror(w->path);
        exit(1);
    }
    close(file);
}

static void write_gzip(struct world *w, const char *name)
{
    snprintf(w->path, sizeof w->path, "%s/%s", w->folder, name);
    gzFile file = gzopen(w->path, "wb1");
    gzwrite(file, w->bytes, (unsigned)w->size);
    gzclose(file);
    if (below(w, 2)) { /* damage it */
        int raw = open(w->path, O_RDWR);
        uint8_t byte = (uint8_t)fuzz_u32(&w->r);
        off_t end = lseek(raw, 0, SEEK_END);
        if (pwrite(raw, &byte, 1, (off_t)below(w, (unsigned)end)) != 1 ||
            (below(w, 2) && ftruncate(raw, (off_t)below(w, (unsigned)end))))
            perror(w->path);
        close(raw);
    }
}

static void put(struct world *w, size_t at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size && at + i < w->size; i++)
        w->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void put_text(struct world *w, size_t at, const char *text, size_t length)
{
    for (size_t i = 0; i < length && at + i < w->size; i++)
        w->bytes[at + i] = (uint8_t)text[i];
}

static void make_fat(struct world *w)
{
    put(w, 0, 0x903CEB, 3);
    put(w, 11, below(w, 6) ? 512 : fuzz_value(&w->r), 2);
    put(w, 13, 1u << below(w, 8), 1);
    put(w, 19, below(w, 2) ? w->size / 512 : fuzz_value(&w->r), 2);
    put(w, 24, below(w, 3) ? 18 : fuzz_value(&w->r), 2);
    put(w, 26, below(w, 3) ? 2 : fuzz_value(&w->r), 2);
    put(w, 32, below(w, 2) ? w->size / 512 : fuzz_value(&w->r), 4);
    put(w, 510, 0xAA55, 2);
}

static void make_partitions(struct world *w)
{
    for (unsigned i = 0; i < 4; i++) {
        size_t at = 446 + 16 * i;
        if (below(w, 3) == 0)
            continue;
        put(w, at, below(w, 8) ? below(w, 2) << 7 : fuzz_u32(&w->r), 1);
        for (unsigned j = 1; j < 16; j++)
            put(w, at + j, fuzz_value(&w->r), 1);
        put(w, at + 8, below(w, 2) ? 63 : fuzz_value(&w->r), 4);
        put(w, at + 12, below(w, 2) ? w->size / 512 - 63 : fuzz_value(&w->r), 4);
    }
    put(w, 510, 0xAA55, 2);
}

static void make_cd(struct world *w)
{
    static const char *const magics[] = {"\1CD001\1", "\1CDROM\1", "\1BEA01\1", "\0CD001\1", "\377CD001\1"};
    for (unsigned i = 0; i < 4; i++)
        put_text(w, (16 + i) * 2048, magics[below(w, 5)], 7);
    put_text(w, 17 * 2048 + 7, "EL TORITO SPECIFICATION", 23);
    put(w, 17 * 2048 + 0x47, fuzz_value(&w->r), 4);
}

static void make_kernel(struct world *w)
{
    if (below(w, 2)) {
        put_text(w, 0x202, "HdrS", 4);
        put(w, 0x206, fuzz_value(&w->r), 2);
        put(w, 0x1F1, fuzz_value(&w->r), 1);
        put(w, 510, 0xAA55, 2);
        return;
    }
    size_t at = below(w, 0x2010) & ~3u;
    uint32_t flags = fuzz_value(&w->r), magic = 0x1BADB002;
    if (below(w, 2))
        put_text(w, 0, "\177ELF", 4);
    put(w, at, magic, 4);
    put(w, at + 4, flags, 4);
    put(w, at + 8, below(w, 8) ? 0 - magic - flags : flags, 4);
}

static void make_foreign(struct world *w)
{
    static const char *const magics[] = {"QFI\373", "KDMV", "conectix",    "vhdxfile",
                                         "CISO",    "COWD", "\x1F\x8B\x08"};
    const char *magic = magics[below(w, 7)];
    put_text(w, 0, magic, strlen(magic));
}

static void make_bytes(struct world *w)
{
    static const uint32_t sizes[] = {0,       1,       511,     512,   513,   1474560, 368640,
                                     1720320, 2949120, 2949121, 32768, 34816, 40960};
    static void (*const formats[])(struct world * w) = {make_fat, make_partitions, make_cd, make_kernel,
                                                        make_foreign};
    w->size = below(w, 2) ? sizes[below(w, 13)] : below(w, 2) ? below(w, 0x3000) : below(w, FILE_MOST);
    memset(w->bytes, 0, w->size);
    if (below(w, 3) == 0)
        fuzz_bytes(&w->r, w->bytes, w->size < 0x3000 ? w->size : 0x3000);
    for (unsigned i = 1 + below(w, 2); i > 0; i--)
        formats[below(w, 5)](w);
    for (unsigned i = below(w, 4); i > 0 && w->size; i--)
        w->bytes[below(w, w->size < 600 ? (unsigned)w->size : 600)] = (uint8_t)fuzz_u32(&w->r);
}

/* --- images --- */

static void use_image(struct world *w, struct image *image)
{
    uint8_t buffer[5000];
    uint64_t at = 0;
    struct disk_geometry geometry = {0};
    struct error err = {0};
    bool fine = image_floppy_geometry(image, &geometry, &err);
    check_error(w, fine, &err, "a floppy's geometry");
    if (fine && (!geometry.cylinders || !geometry.heads || !geometry.sectors))
        w->failed = true;
    fine = image_disk_geometry(image, &geometry, &err);
    check_error(w, fine, &err, "a disk's geometry");
    if (fine && (!geometry.cylinders || !geometry.heads || !geometry.sectors)) {
        fprintf(stderr, "geometry %u/%u/%u\n", geometry.cylinders, geometry.heads, geometry.sectors);
        w->failed = true;
    }
    for (unsigned i = 0; i < 20; i++) {
        uint64_t offset = below(w, 8) ? below(w, (unsigned)image_size(image) + 600) : fuzz_u64(&w->r);
        size_t count = below(w, sizeof buffer);
        bool inside = offset <= image_size(image) && count <= image_size(image) - offset;
        bool done = below(w, 2) ? image_read(image, offset, buffer, count)
                                : image_write(image, offset, buffer, count) || inside;
        if (done && !inside && count) {
            fprintf(stderr, "%zu bytes at %" PRIu64 " of %" PRIu64 " are said to be there\n", count, offset,
                    image_size(image));
            w->failed = true;
        }
    }
    image_flush(image);
    for (unsigned i = 0; i < 100 && image_next_change(image, &at); i++)
        at += IMAGE_OVERLAY_BLOCK;
    if (below(w, 2))
        image_discard_changes(image);
}

static void fuzz_image(struct world *w)
{
    struct error err = {0};
    struct image_options options = {.read_only = below(w, 2), .snapshot = below(w, 2)};
    make_bytes(w);
    if (below(w, 6) == 0)
        write_gzip(w, "image.gz");
    else
        write_file(w, below(w, 16) ? "image" : "image.gz", w->bytes, w->size);
    check_error(w, image_probe(w->path, &err) != IMAGE_UNKNOWN, &err, "an image");
    err.text[0] = 0;
    struct image *image = image_open(w->path, &options, &err);
    check_error(w, image, &err, "an image");
    if (image) {
        use_image(w, image);
        image_close(image);
    }
    unlink(w->path);
}

/* --- options and configuration files --- */

static const char *const names[] = {
    "config",
    "memory",
    "cpu",
    "cpus",
    "mhz",
    "time",
    "nvram",
    "bios",
    "vgabios",
    "option-rom",
    "on-triple-fault",
    "fda",
    "fdb",
    "fda-type",
    "fdb-type",
    "hda",
    "hdb",
    "hdc",
    "hdd",
    "hda-chs",
    "hdd-chs",
    "hda-translation",
    "cdrom",
    "snapshot",
    "boot",
    "boot-menu",
    "kernel",
    "initrd",
    "append",
    "serial",
    "com1",
    "com4",
    "debugcon",
    "parallel",
    "mouse",
    "display",
    "full-screen",
    "sound",
    "speed",
    "limit",
    "type",
    "until-screen",
    "until-serial",
    "screen-text",
    "screenshot",
    "stats",
    "log",
    "cpu-paths",
    "monitor",
    "execute",
    "monitor-script",
    "help",
    "version",
    "",
    "mem",
    "no-such",
};
static const char *const values[] = {
    "16M",
    "1G",
    "99999999999999999999",
    "-1",
    "0",
    "0x10",
    "1.5",
    "",
    "p6",
    "386",
    "help",
    "none",
    "stdio",
    "file:x",
    "tcp:h:1",
    "tcp::99999",
    "pty",
    "10s",
    "5000i",
    "10",
    "100%",
    "max",
    "real",
    "50 %",
    "2001-02-29T12:00:00",
    "1999-12-31T23:59:60",
    "host",
    "a",
    "acdn",
    "aaaaaaaaaaaaaaaaaaaa",
    "16,63,1024",
    "1024,16,63",
    "0,0,0",
    "lba",
    "auto",
    "sdl",
    "term",
    "stop",
    "reset",
    "plain,cuts:7",
    "a\\nb\\{ctrl-alt-del}",
    "\\{wait 2s}",
    "\\{screen x(}",
    "(",
    "[a",
    "yes",
    "no",
    "true",
    "on",
    "com9",
    "ps2",
    "\xFF\xFE",
    "%s%n",
    "1e99",
    "-0",
    "+5M",
    "5 M",
    "1.44M",
    "2880",
};
static const char *const sections[] = {"machine", "drives", "boot",    "ports", "display",
                                       "run",     "",       "Machine", "x]y"};

static void some_text(struct world *w, char *out, size_t size)
{
    size_t at = 0, parts = 1 + below(w, 3);
    out[0] = 0;
    for (size_t i = 0; i < parts; i++) {
        if (below(w, 3)) {
            at +=
                (size_t)snprintf(out + at, size - at, "%s", values[below(w, sizeof values / sizeof *values)]);
        } else {
            for (unsigned j = below(w, 12); j > 0 && at + 1 < size; j--)
                out[at++] = (char)(below(w, 8) ? 32 + below(w, 95) : 1 + below(w, 255));
            out[at] = 0;
        }
        if (at + 40 > size)
            break;
    }
}

static void fuzz_options(struct world *w)
{
    char *argv[24], texts[24][200];
    int argc = 1 + (int)below(w, 10);
    struct run_options options;
    struct error err = {0};
    strcpy(texts[0], "tick86");
    for (int i = 0; i < 24; i++)
        argv[i] = texts[i];
    for (int i = 1; i < argc; i++) {
        some_text(w, texts[i], 150);
        char value[200];
        memcpy(value, texts[i], sizeof value);
        const char *name = names[below(w, sizeof names / sizeof *names)];
        if (below(w, 3))
            snprintf(texts[i], sizeof texts[i], below(w, 2) ? "--%s" : "--%s=%.100s", name, value);
        else if (below(w, 4) == 0)
            snprintf(texts[i], sizeof texts[i], "-%c%.100s", (char)(33 + below(w, 94)),
                     below(w, 2) ? value : "");
    }
    argv[argc] = NULL;
    run_options_init(&options);
    bool fine = run_options_parse(&options, argc, argv, &err);
    check_error(w, fine, &err, "a command line");
    if (fine && !options.help) {
        err.text[0] = 0;
        check_error(w, run_options_place_images(&options, &err), &err, "a command line's images");
    }
    run_options_free(&options);
}

static void fuzz_config_file(struct world *w)
{
    static char text[8000];
    size_t at = 0;
    char value[400];
    for (unsigned i = below(w, 30); i > 0 && at < sizeof text - 900; i--) {
        unsigned kind = below(w, 10);
        some_text(w, value, 150);
        if (kind == 0)
            at += (size_t)snprintf(text + at, 800, "[%s]\n", sections[below(w, 9)]);
        else if (kind < 8)
            at += (size_t)snprintf(text + at, 800, "%s%s%s%s%s", below(w, 8) ? "" : "  ",
                                   names[below(w, sizeof names / sizeof *names)], below(w, 4) ? " = " : ":",
                                   value, below(w, 8) ? "\n" : " ; comment\n");
        else if (kind == 8)
            at += (size_t)snprintf(text + at, 800, "%s\n", value);
        else
            for (unsigned j = below(w, 700); j > 0; j--)
                text[at++] = (char)fuzz_u32(&w->r);
    }
    write_file(w, "machine.ini", text, at);
    struct run_options options;
    struct error err = {0};
    run_options_init(&options);
    check_error(w, config_file_read(&options, w->path, &err), &err, "a configuration file");
    err.text[0] = 0;
    some_text(w, value, 150);
    check_error(w,
                run_options_set(&options, sections[below(w, 9)],
                                names[below(w, sizeof names / sizeof *names)], value, w->folder, &err),
                &err, "a key");
    run_options_free(&options);
    unlink(w->path);
}

static void fuzz_numbers(struct world *w)
{
    char text[200];
    uint64_t number;
    some_text(w, text, 150);
    parse_size(text, &number);
    parse_duration(text, &number);
}

/* --- typed scripts and patterns --- */

static void fuzz_typist(struct world *w)
{
    static const char *const parts[] = {"\\n",
                                        "\\{",
                                        "}",
                                        "ctrl-",
                                        "alt-del",
                                        "\\{f1}",
                                        "wait 2s",
                                        "screen ",
                                        "\\x",
                                        "\\",
                                        "a",
                                        "A",
                                        "\\{wait 99999999999h}",
                                        "\\{shift-shift-shift-shift-shift-shift-shift-shift-shift-a}",
                                        "é"};
    char text[400] = "";
    struct error err = {0};
    for (unsigned i = below(w, 12); i > 0; i--)
        strcat(text, parts[below(w, 15)]);
    if (below(w, 3) == 0)
        some_text(w, text, 150);
    struct typist *typist = typist_create();
    check_error(w, typist_add_script(typist, text, &err), &err, "a typed script");
    typist_add_text(typist, text);
    typist_destroy(typist);
}

/* --- the monitor --- */

struct run_host {
    struct machine *machine;
    unsigned steps; /* that are left: then the run ends, as when somebody interrupts it */
};

static enum monitor_stop go(void *owner)
{
    struct run_host *host = owner;
    enum machine_stop stop = machine_run(host->machine, machine_cycles(host->machine) + 2000);
    return stop == MACHINE_RAN || stop == MACHINE_BREAK ? MONITOR_STOPPED : MONITOR_ENDED;
}

static enum monitor_stop step(void *owner)
{
    struct run_host *host = owner;
    machine_step(host->machine, UINT64_MAX);
    return host->steps-- ? MONITOR_RAN : MONITOR_ENDED;
}

static const char *how_ended(void *owner)
{
    (void)owner;
    return "it ended";
}

static void fuzz_monitor(struct world *w)
{
    static const char *const words[] = {"help",      "x",         "x/10i",       "x/99999999b",
                                        "r",         "registers", "b",           "break",
                                        "delete",    "step",      "s",           "next",
                                        "n",         "continue",  "c",           "info",
                                        "print",     "p",         "disassemble", "u",
                                        "memory",    "m",         "xp",          "dump",
                                        "devices",   "device",    "events",      "ports",
                                        "in",        "out",       "gdt",         "idt",
                                        "tss",       "pages",     "map",         "screen",
                                        "reset",     "nmi",       "where",       "until",
                                        "finish",    "log",       "pic",         "pit",
                                        "vga",       "eax",       "cs:eip",      "ss:sp",
                                        "$eip",      "0x7c00",    "f000:fff0",   "ffffffff",
                                        "-1",        "0",         "(1+2)*3",     "((((((((",
                                        "))",        "1/0",       "4294967296",  "18446744073709551615",
                                        "/x",        "all",       "cpu",         "99999999999999999999999",
                                        "eax+ebx*4", "quit"};
    struct machine_config config = {.memory = 1 << 20};
    struct error err = {0};
    struct run_host host = {machine_create(&config, &err), 0};
    const struct monitor_host functions = {.owner = &host, .go = go, .step = step, .how_ended = how_ended};
    FILE *out = fopen("/dev/null", "w");
    struct monitor *monitor = monitor_create(host.machine, &functions, out);
    monitor_show_place(monitor);
    for (unsigned i = 0; i < 60; i++) {
        char line[600] = "", extra[200];
        for (unsigned j = 1 + below(w, 4); j > 0; j--) {
            strcat(line, words[below(w, sizeof words / sizeof *words)]);
            strcat(line, below(w, 4) ? " " : "");
        }
        if (below(w, 4) == 0) {
            some_text(w, extra, 150);
            strcat(line, extra);
        }
        fuzz_note("monitor command %s", line);
        err.text[0] = 0;
        host.steps = 1000;
        check_error(w, monitor_command(monitor, line, &err) != MONITOR_FAILED, &err, line);
    }
    monitor_destroy(monitor);
    machine_destroy(host.machine);
    fclose(out);
}

static bool run_case(uint64_t seed, bool verbose)
{
    static const struct {
        const char *name;
        void (*run)(struct world *w);
        unsigned times;
    } parts[] = {
        {"images", fuzz_image, 30},
        {"options", fuzz_options, 200},
        {"configuration files", fuzz_config_file, 100},
        {"numbers", fuzz_numbers, 200},
        {"typed scripts", fuzz_typist, 100},
        {"monitor commands", fuzz_monitor, 1},
    };
    struct world w = {.r = {seed}};
    char before[1024];
    strcpy(w.folder, "/tmp/tick86.XXXXXX");
    /* Commands that write files write them there. */
    if (!mkdtemp(w.folder) || !getcwd(before, sizeof before) || chdir(w.folder)) {
        perror(w.folder);
        exit(1);
    }
    w.bytes = malloc(FILE_MOST);
    for (unsigned i = 0; i < sizeof parts / sizeof *parts && !w.failed; i++)
        for (unsigned j = 0; j < parts[i].times && !w.failed; j++) {
            fuzz_note("%s", parts[i].name);
            parts[i].run(&w);
        }
    if (verbose)
        printf("seed %" PRIu64 " done\n", seed);
    free(w.bytes);
    if (chdir(before))
        perror(before);
    if (rmdir(w.folder))
        fprintf(stderr, "%s: something was left there\n", w.folder);
    return !w.failed;
}

int main(int argc, char **argv)
{
    return fuzz_main(argc, argv, "parse_fuzz", 60, run_case);
}
