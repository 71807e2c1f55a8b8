/* LZW as GIF has it: codes of growing width, the lowest bit first, in sub-blocks of up to 255 bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "gui/gif.h"

#define CODES      4096u /* of at most 12 bits */
#define HASH_SLOTS 8192u /* a power of two, half of it used */
#define BLOCK_MAX  255u

struct packer {
    struct blob *out;
    uint8_t block[BLOCK_MAX];
    unsigned used;    /* bytes of BLOCK */
    uint32_t waiting; /* bits that are no whole byte yet */
    unsigned waiting_bits;
    unsigned bits, width, next; /* of an index, of a code; the next code to be given */
    struct entry {
        uint32_t key; /* prefix << 8 | index, plus 1; 0: free */
        uint16_t code;
    } table[HASH_SLOTS];
};

static void end_block(struct packer *p)
{
    if (!p->used)
        return;
    blob_u8(p->out, (uint8_t)p->used);
    blob_add(p->out, p->block, p->used);
    p->used = 0;
}

static void put_byte(struct packer *p, uint8_t byte)
{
    p->block[p->used++] = byte;
    if (p->used == BLOCK_MAX)
        end_block(p);
}

static void put_code(struct packer *p, unsigned code)
{
    p->waiting |= code << p->waiting_bits;
    for (p->waiting_bits += p->width; p->waiting_bits >= 8; p->waiting_bits -= 8) {
        put_byte(p, (uint8_t)p->waiting);
        p->waiting >>= 8;
    }
}

static void clear_table(struct packer *p)
{
    put_code(p, 1u << p->bits);
    memset(p->table, 0, sizeof p->table);
    p->width = p->bits + 1;
    p->next = (1u << p->bits) + 2;
}

/* The slot that holds PREFIX followed by INDEX, or where it belongs. */
static struct entry *find(struct packer *p, unsigned prefix, uint8_t index, uint32_t *key)
{
    *key = (prefix << 8 | index) + 1;
    unsigned at = *key * 2654435761u >> 19;
    while (p->table[at].key && p->table[at].key != *key)
        at = (at + 1) % HASH_SLOTS;
    return &p->table[at];
}

void gif_compress(const uint8_t *indices, size_t count, unsigned bits, struct blob *out)
{
    struct packer *p = xcalloc(1, sizeof *p);
    p->out = out;
    p->bits = bits;
    blob_u8(out, (uint8_t)bits);
    p->width = bits + 1;
    clear_table(p);
    unsigned prefix = indices[0];
    for (size_t i = 1; i < count; i++) {
        uint32_t key;
        struct entry *entry = find(p, prefix, indices[i], &key);
        if (entry->key) {
            prefix = entry->code;
            continue;
        }
        put_code(p, prefix);
        prefix = indices[i];
        if (p->next == CODES) {
            clear_table(p);
            continue;
        }
        *entry = (struct entry){key, (uint16_t)p->next};
        if (p->next++ == 1u << p->width)
            p->width++;
    }
    put_code(p, prefix);
    /* The reader gives one code more before the end, which may widen them. */
    if (p->next == 1u << p->width && p->width < 12)
        p->width++;
    put_code(p, (1u << bits) + 1);
    if (p->waiting_bits)
        put_byte(p, (uint8_t)p->waiting);
    end_block(p);
    blob_u8(out, 0);
    free(p);
}
