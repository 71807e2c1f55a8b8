/*
 * Option ROMs in C0000-DFFFF: those that decode there, those behind PCI base addresses and those that fw_cfg
 * brings, copied to shadow RAM and initialised (PCI Firmware Specification 2.1 chapter 5, Plug and Play
 * BIOS 1.0A chapter 4, BIOS Boot Specification 1.01).
 */
#include "bios/post.h"
#include "bios/resident.h"

enum { AREA = 0xc0000, AREA_END = 0xe0000, STEP = 0x800, BLOCK = 0x4000, PARK = 0x20000 };
enum { PAM_FIRST = 0x5a, PAM_ROM = 0, PAM_READ = 1, PAM_RAM = 3 };

struct rom_header {
    u16 signature; /* AA55h */
    u8 blocks;     /* of 512 bytes */
    u8 entry[21];
    u16 pci, pnp;
} PACKED;

struct pci_data {
    char signature[4]; /* "PCIR" */
    u16 vendor, device, vpd, length;
    u8 revision, class[3];
    u16 blocks, code_revision;
    u8 code_type, indicator;
} PACKED;

struct pnp_data {
    char signature[4]; /* "$PnP" */
    u8 revision, length;
    u16 next;
    u8 reserved, checksum;
    u32 id;
    u16 manufacturer, product;
    u8 class[3], indicators;
    u16 boot_connection, disconnect, boot_entry, reserved2, resources;
} PACKED;

static u32 next_free;
static u8 used[(AREA_END - AREA) / BLOCK];

extern u8 pnp_header[];

static u8 sum(const u8 *p, u32 n)
{
    u8 s = 0;
    while (n--)
        s = (u8)(s + *p++);
    return s;
}

static u32 rom_size(const void *at)
{
    const struct rom_header *h = at;
    return h->signature == 0xaa55 ? h->blocks * 512u : 0;
}

static void set_pam(u32 address, u8 mode)
{
    u32 n = (address - AREA) / BLOCK;
    u8 reg = (u8)(PAM_FIRST + n / 2);
    u8 value = pci_read8(0, 0, reg);
    value = (u8)(n & 1 ? (value & 0x0f) | mode << 4 : (value & 0xf0) | mode);
    pci_write8(0, 0, reg, value);
}

/* Puts RAM under the whole area, with the ROMs that were there. */
static void shadow_area(void)
{
    for (u32 at = AREA; at < AREA_END; at += BLOCK)
        set_pam(at, PAM_ROM);
    memcpy((void *)PARK, (void *)AREA, AREA_END - AREA);
    for (u32 at = AREA; at < AREA_END; at += BLOCK)
        set_pam(at, PAM_RAM);
    memset((void *)AREA, 0, AREA_END - AREA);
    for (u32 at = AREA; at < AREA_END; at += STEP) {
        u8 *parked = (u8 *)(at - AREA + PARK);
        u32 size = rom_size(parked);
        if (size && size <= AREA_END - at && !sum(parked, size)) {
            memcpy((void *)at, parked, size);
            at += ((size + STEP - 1) & ~(STEP - 1u)) - STEP;
        }
    }
}

static void mark_used(u32 at, u32 size)
{
    for (u32 block = (at - AREA) / BLOCK; block <= (at + size - 1 - AREA) / BLOCK && block < ARRAY_SIZE(used);
         block++)
        used[block] = 1;
    at = (at + size + STEP - 1) & ~(STEP - 1u);
    if (at > next_free)
        next_free = at;
}

static void call_rom(u32 at, u16 offset, u16 bus_devfn)
{
    struct call c;
    memset(&c, 0, sizeof(c));
    c.eax = bus_devfn;
    c.ebx = 0xffff;
    c.edx = 0xffff;
    c.es = 0xf000;
    c.edi = (u16)(u32)pnp_header;
    c.target.seg = (u16)(at >> 4);
    c.target.off = offset;
    call_real(&c, -1);
}

static const char *product_name(u32 at, const struct pnp_data *pnp)
{
    return pnp->product ? (const char *)at + pnp->product : "Option ROM";
}

/* Boot entries that the ROM offers in its PnP headers. */
static void take_boot_entries(u32 at, u32 size, u16 bus_devfn)
{
    u16 offset = ((const struct rom_header *)at)->pnp;
    for (u8 i = 0; i < 8 && offset && offset + sizeof(struct pnp_data) <= size; i++) {
        const struct pnp_data *pnp = (const void *)(at + offset);
        if (memcmp(pnp->signature, "$PnP", 4))
            break;
        if (pnp->boot_connection)
            call_rom(at, pnp->boot_connection, bus_devfn);
        if (pnp->boot_entry) {
            struct far_pointer target = {pnp->boot_entry, (u16)(at >> 4)};
            boot_add_vector(target, bus_devfn, product_name(at, pnp));
        }
        offset = pnp->next;
    }
}

/* Initialises the ROM that lies at `at`. It may shrink itself, or vanish. */
static void init_rom(u32 at, u16 bus_devfn, int boots)
{
    u32 size = rom_size((void *)at);
    if (!size)
        return;
    call_rom(at, 3, bus_devfn);
    size = rom_size((void *)at);
    if (!size)
        return;
    if (size > AREA_END - at)
        size = AREA_END - at;
    mark_used(at, size);
    if (boots)
        take_boot_entries(at, size, bus_devfn);
}

/* The x86 image among those that a PCI ROM holds. */
static const u8 *find_image(const u8 *rom, u32 limit)
{
    u32 at = 0;
    for (u8 i = 0; i < 8 && at + sizeof(struct rom_header) <= limit; i++) {
        const struct rom_header *h = (const void *)(rom + at);
        const struct pci_data *p = (const void *)(rom + at + h->pci);
        if (h->signature != 0xaa55 || !h->pci || at + h->pci + sizeof(*p) > limit ||
            memcmp(p->signature, "PCIR", 4))
            return 0;
        if (p->code_type == 0)
            return rom + at;
        if (p->indicator & 0x80 || !p->blocks)
            return 0;
        at += p->blocks * 512u;
    }
    return 0;
}

static u32 rom_bar_size(const struct pci_device *d, u8 reg, u32 old)
{
    u32 mask;
    pci_write(d->bus, d->devfn, reg, 0xfffffffe);
    mask = pci_read(d->bus, d->devfn, reg) & 0xfffff800u;
    pci_write(d->bus, d->devfn, reg, old);
    return mask ? ~mask + 1 : 0;
}

/* Copies a device's ROM to the next free place; where it lies, 0 if there is none. */
static u32 copy_pci_rom(const struct pci_device *d)
{
    u8 reg = d->header == 1 ? 0x38 : 0x30;
    u32 bar = pci_read(d->bus, d->devfn, reg);
    u32 size = bar ? rom_bar_size(d, reg, bar) : 0;
    u16 command = pci_read16(d->bus, d->devfn, 0x04);
    const u8 *image;
    u32 at = 0;
    if (!size)
        return 0;
    pci_write(d->bus, d->devfn, reg, bar | 1);
    pci_write16(d->bus, d->devfn, 0x04, command | 2);
    image = find_image((const u8 *)(bar & 0xfffff800u), size);
    if (image && rom_size(image) && rom_size(image) <= AREA_END - next_free) {
        at = next_free;
        memcpy((void *)at, image, rom_size(image));
    }
    pci_write(d->bus, d->devfn, reg, bar);
    pci_write16(d->bus, d->devfn, 0x04, command);
    return at;
}

static u16 bus_devfn(const struct pci_device *d)
{
    return (u16)(d->bus << 8 | d->devfn);
}

static int is_display(const struct pci_device *d)
{
    return d->class >> 16 == 0x03 || d->class >> 8 == 0x0001;
}

static int run_fwcfg_roms(const char *prefix, int boots)
{
    char name[56];
    int any = 0;
    for (u32 i = 0; i < 8; i++) {
        s32 size = fwcfg_open_nth(prefix, i, name);
        if (size < 0)
            break;
        if ((u32)size > AREA_END - next_free)
            continue;
        fwcfg_bytes((void *)next_free, (u32)size);
        init_rom(next_free, 0xffff, boots);
        any = 1;
    }
    return any;
}

void optrom_video(void)
{
    const struct pci_device *display = 0;
    u32 at = 0;
    next_free = AREA;
    shadow_area();
    for (u32 i = 0; i < pci_count() && !display; i++)
        if (is_display(pci_get(i)))
            display = pci_get(i);
    if (rom_size((void *)AREA))
        at = AREA;
    else if (display)
        at = copy_pci_rom(display);
    if (at)
        init_rom(at, display ? bus_devfn(display) : 0xffff, 0);
    else
        run_fwcfg_roms("vgaroms/", 0);
}

/* ROMs that decode in the area, from the end of the video BIOS on, then those of PCI devices and of fw_cfg.
 */
void optrom_others(void)
{
    for (u32 at = next_free; at < AREA_END;) {
        u32 size = rom_size((void *)at);
        if (size && size <= AREA_END - at)
            init_rom(at, 0xffff, 1);
        at = next_free > at ? next_free : at + STEP;
    }
    for (u32 i = 0; i < pci_count(); i++) {
        const struct pci_device *d = pci_get(i);
        u32 at;
        if (is_display(d))
            continue;
        at = copy_pci_rom(d);
        if (at)
            init_rom(at, bus_devfn(d), 1);
    }
    run_fwcfg_roms("genroms/", 1);
}

/* What is used becomes read-only, the rest is open bus again, as upper memory managers expect. */
void optrom_lock(void)
{
    for (u32 i = 0; i < ARRAY_SIZE(used); i++)
        set_pam(AREA + i * BLOCK, used[i] ? PAM_READ : PAM_ROM);
    pci_write8(0, 0, 0x59, 0x10);
    pci_write16(0, 0, 0x5e, 0x1111);
}
