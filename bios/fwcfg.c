/* QEMU's firmware configuration device: a selector at 510h, data at 511h (QEMU, docs/specs/fw_cfg). */
#include "bios/post.h"

enum { SELECTOR = 0x510, DATA = 0x511, KEY_DIRECTORY = 0x19, FILES_MAX = 256 };

struct file {
    u32 size;   /* big endian */
    u16 select; /* big endian */
    u16 reserved;
    char name[56];
} PACKED;

static u8 state; /* 0 not looked yet, 1 there, 2 not */

static u32 swap32(u32 v)
{
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

void fwcfg_select(u16 key)
{
    outw(SELECTOR, key);
}

void fwcfg_bytes(void *to, u32 n)
{
    __asm__ volatile("rep insb" : "+D"(to), "+c"(n) : "d"(DATA) : "memory");
}

int fwcfg_present(void)
{
    if (!state) {
        char signature[4];
        fwcfg_select(FWCFG_SIGNATURE);
        fwcfg_bytes(signature, 4);
        state = memcmp(signature, "QEMU", 4) ? 2 : 1;
    }
    return state == 1;
}

/* Whether `name` is `pattern`, or begins with it if `prefix` is set. */
static int matches(const char *name, const char *pattern, u32 max, int prefix)
{
    for (u32 i = 0; i < max; i++) {
        if (prefix && !pattern[i])
            return 1;
        if (name[i] != pattern[i])
            return 0;
        if (!name[i])
            return 1;
    }
    return 0;
}

/* The directory entry of the `skip`-th file whose name matches. */
static int find(const char *pattern, int prefix, u32 skip, struct file *f)
{
    u32 count;
    if (!fwcfg_present())
        return 0;
    fwcfg_select(KEY_DIRECTORY);
    fwcfg_bytes(&count, 4);
    count = swap32(count);
    if (count > FILES_MAX)
        count = FILES_MAX;
    for (u32 i = 0; i < count; i++) {
        fwcfg_bytes(f, sizeof(*f));
        if (matches(f->name, pattern, sizeof(f->name), prefix) && !skip--)
            return 1;
    }
    return 0;
}

s32 fwcfg_open(const char *name)
{
    struct file f;
    if (!find(name, 0, 0, &f))
        return -1;
    fwcfg_select((u16)(f.select << 8 | f.select >> 8));
    return (s32)swap32(f.size);
}

s32 fwcfg_open_nth(const char *prefix, u32 n, char name[56])
{
    struct file f;
    if (!find(prefix, 1, n, &f))
        return -1;
    memcpy(name, f.name, sizeof(f.name));
    name[55] = 0;
    fwcfg_select((u16)(f.select << 8 | f.select >> 8));
    return (s32)swap32(f.size);
}
