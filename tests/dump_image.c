/* Writes what a disk image holds to a file, as a guest would see it: dump_image IMAGE FILE [floppy]. */
#include <stdio.h>
#include <string.h>

#include "devices/image/image.h"

int main(int argc, char **argv)
{
    struct error err;
    if (argc < 3) {
        fputs("usage: dump_image IMAGE FILE [floppy]\n", stderr);
        return 2;
    }
    struct image_options options = {.read_only = true, .floppy = argc > 3 && !strcmp(argv[3], "floppy")};
    struct image *image = image_open(argv[1], &options, &err);
    if (!image) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    FILE *out = fopen(argv[2], "wb");
    bool ok = out != NULL;
    static char bytes[1 << 16];
    for (uint64_t at = 0; ok && at < image_size(image); at += sizeof bytes) {
        uint64_t left = image_size(image) - at;
        size_t count = left < sizeof bytes ? (size_t)left : sizeof bytes;
        ok = image_read(image, at, bytes, count);
        /* Free space stays a hole. */
        bool zero = !bytes[0] && !memcmp(bytes, bytes + 1, count - 1);
        ok = ok && (zero && left > count ? fseek(out, (long)count, SEEK_CUR) == 0
                                         : fwrite(bytes, count, 1, out) == 1);
    }
    image_close(image);
    return out && fclose(out) == 0 && ok ? 0 : 1;
}
