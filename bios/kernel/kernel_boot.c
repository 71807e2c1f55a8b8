/* Carries out a plan (plan.h): fetches its chunks by fw_cfg's DMA, which reaches all of memory from real
 * mode, tells a Multiboot kernel what the firmware says of memory and video, and starts the kernel.
 *
 * Sources: QEMU documentation, docs/specs/fw_cfg; Linux Documentation/x86/boot; Multiboot Specification
 * 0.6.96; VBE Core Functions 3.0. */
#include "bios/kernel/plan.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PACKED        __attribute__((packed))
#define FAR           __seg_fs
#define LINEAR(local) (PLAN_ROM_BASE + (u32)(local))

enum { DMA_PORT = 0x514, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8 };
enum { KEY_SIGNATURE = 0, KEY_DIRECTORY = 0x19, NAME_SIZE = 56 };
enum { ZEROS_AT_ONCE = 0x1000000 };
enum { INFO_MEMORY = 1, INFO_MEMORY_MAP = 0x40, INFO_VBE = 0x800, INFO_FRAMEBUFFER = 0x1000 };
enum { VBE_OK = 0x004f, VBE_LINEAR = 0x4000, VBE_MODES_MAX = 256 };
enum { CARRY = 1 };

struct file {
    u32 size; /* big-endian, as all numbers of fw_cfg's own structures */
    u16 select, reserved;
    char name[NAME_SIZE];
} PACKED;

struct e820_entry {
    u64 base, length;
    u32 type;
} PACKED;

struct memory_map_entry {
    u32 size;
    struct e820_entry range;
} PACKED;

/* Multiboot information, section 3.3. */
struct multiboot_info {
    u32 flags, mem_lower, mem_upper, boot_device, command_line, mods_count, mods_addr, symbols[4];
    u32 mmap_length, mmap_addr, drives_length, drives_addr, config_table, loader_name, apm_table;
    u32 vbe_control, vbe_mode_info;
    u16 vbe_mode, vbe_interface_segment, vbe_interface_offset, vbe_interface_length;
    u64 framebuffer;
    u32 pitch, width, height;
    u8 depth, type, colors[6];
} PACKED;

struct vbe_control {
    char signature[4];
    u16 version;
    u32 oem, capabilities;
    u16 modes_offset, modes_segment;
    u8 rest[PLAN_VBE_CONTROL - 18];
} PACKED;

struct vbe_mode {
    u16 attributes;
    u8 windows[14];
    u16 pitch, width, height;
    u8 cell[2], planes, bits, banks, model, bank_size, pages, reserved;
    struct {
        u8 size, position;
    } red, green, blue, other;
    u8 color_mode;
    u32 framebuffer;
    u8 reserved2[6];
    u16 linear_pitch;
    u8 rest[PLAN_VBE_MODE - 52];
} PACKED;

struct registers {
    u32 eax, ebx, ecx, edx, edi;
    u16 flags;
};

__attribute__((noreturn)) void enter_linux(u32 segment, u32 sp);
__attribute__((noreturn)) void enter_multiboot(u32 entry, u32 info);
void kernel_boot(void);

static struct kernel_plan plan;
static struct multiboot_info info;
static struct memory_map_entry memory_map[PLAN_MMAP_ENTRIES];
static struct vbe_control vbe_control;
static struct vbe_mode vbe_mode;
static u32 memory_map_entries;

/* ---- The processor and the firmware ---- */

static void outl(u16 port, u32 value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static u32 swap32(u32 v)
{
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

#define CALL_FIRMWARE(number, r)                                                                             \
    __asm__ volatile("pushl %%ebp\n\tint $" number "\n\tpopl %%ebp\n\tpushfw\n\tpopw %5"                     \
                     : "+a"((r)->eax), "+b"((r)->ebx), "+c"((r)->ecx), "+d"((r)->edx), "+D"((r)->edi),       \
                       "=m"((r)->flags)                                                                      \
                     :                                                                                       \
                     : "esi", "memory", "cc")

static void call_video(struct registers *r)
{
    CALL_FIRMWARE("0x10", r);
}

static void call_system(struct registers *r)
{
    CALL_FIRMWARE("0x15", r);
}

static void print(const char *text)
{
    for (; *text; text++) {
        struct registers r = {.eax = 0x0e00 | (u8)*text, .ebx = 7};
        call_video(&r);
    }
}

static int select_far(u32 linear)
{
    __asm__ volatile("movw %w0, %%fs" : : "r"((u16)(linear >> 4)) : "memory");
    return (int)(linear & 15);
}

/* Copies to an address below 1 MB. */
static void copy_to_low(u32 linear, const void *from, u32 size)
{
    const u8 *bytes = from;
    for (u32 i = 0; i < size; i++) {
        u8 FAR *to = (u8 FAR *)(u32)select_far(linear + i);
        *to = bytes[i];
    }
}

static u16 read_far16(u16 segment, u32 offset)
{
    u32 linear = ((u32)segment << 4) + offset;
    return *(const u16 FAR *)(u32)select_far(linear);
}

/* ---- fw_cfg ---- */

static int transfer(u32 control, u32 address, u32 length)
{
    static volatile struct {
        u32 control, length, address_high, address_low;
    } descriptor;
    descriptor.control = swap32(control);
    descriptor.length = swap32(length);
    descriptor.address_high = 0;
    descriptor.address_low = swap32(address);
    outl(DMA_PORT, 0);
    outl(DMA_PORT + 4, swap32(LINEAR(&descriptor)));
    return descriptor.control == 0;
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* The key of the file; 0 if there is none. */
static u32 find_file(const char *name, u32 *size)
{
    static struct file file;
    u32 count;
    if (!transfer((u32)KEY_DIRECTORY << 16 | DMA_SELECT | DMA_READ, LINEAR(&file), 4))
        return 0;
    count = swap32(file.size);
    for (u32 i = 0; i < count; i++) {
        if (!transfer(DMA_READ, LINEAR(&file), sizeof file))
            return 0;
        if (same(file.name, name)) {
            *size = swap32(file.size);
            return (u32)(u8)file.select << 8 | file.select >> 8;
        }
    }
    return 0;
}

/* Behind a file's end there are zeros. */
static int load_zeros(u32 key, u32 file_size, struct kernel_chunk chunk)
{
    if (!transfer(key << 16 | DMA_SELECT | DMA_SKIP, 0, file_size))
        return 0;
    while (chunk.size) {
        u32 part = chunk.size < ZEROS_AT_ONCE ? chunk.size : ZEROS_AT_ONCE;
        if (!transfer(DMA_READ, chunk.address, part))
            return 0;
        chunk.address += part;
        chunk.size -= part;
    }
    return 1;
}

static int load_chunks(void)
{
    u32 size, key = find_file(KERNEL_DATA_FILE, &size);
    if (!key)
        return 0;
    for (u32 i = 0; i < plan.chunk_count; i++) {
        const struct kernel_chunk *chunk = &plan.chunks[i];
        if (chunk->offset == PLAN_ZEROS) {
            if (!load_zeros(key, size, *chunk))
                return 0;
        } else if (!transfer(key << 16 | DMA_SELECT | DMA_SKIP, 0, chunk->offset) ||
                   !transfer(DMA_READ, chunk->address, chunk->size)) {
            return 0;
        }
    }
    return 1;
}

/* ---- What a Multiboot kernel is told ---- */

static void read_memory_map(void)
{
    struct registers r = {0};
    do {
        struct memory_map_entry *entry = &memory_map[memory_map_entries];
        r.eax = 0xe820;
        r.edx = 0x534d4150;
        r.ecx = sizeof entry->range;
        r.edi = (u32)&entry->range;
        call_system(&r);
        if ((r.flags & CARRY) || r.eax != 0x534d4150)
            break;
        entry->size = sizeof entry->range;
        memory_map_entries++;
    } while (r.ebx && memory_map_entries < PLAN_MMAP_ENTRIES);
}

/* KB from 1 MB up to the first hole. */
static u32 upper_memory(void)
{
    for (u32 i = 0; i < memory_map_entries; i++) {
        const struct e820_entry *range = &memory_map[i].range;
        u64 end = range->base + range->length;
        if (range->type != 1 || range->base > 0x100000 || end <= 0x100000)
            continue;
        return end > 0xffffffff ? 0x3ffc00 : (u32)end / 1024 - 1024;
    }
    return 0;
}

static u32 lower_memory(void)
{
    u32 kb;
    __asm__ volatile("int $0x12" : "=a"(kb) : : "memory", "cc");
    return (u16)kb;
}

static void tell_memory(void)
{
    read_memory_map();
    info.mem_lower = lower_memory();
    info.mem_upper = upper_memory();
    info.flags |= INFO_MEMORY;
    if (!memory_map_entries)
        return;
    info.mmap_addr = plan.memory_map;
    info.mmap_length = memory_map_entries * sizeof memory_map[0];
    info.flags |= INFO_MEMORY_MAP;
    copy_to_low(plan.memory_map, memory_map, info.mmap_length);
}

static int read_mode(u16 mode)
{
    struct registers r = {.eax = 0x4f01, .ecx = mode, .edi = (u32)&vbe_mode};
    call_video(&r);
    return (u16)r.eax == VBE_OK;
}

/* How well the mode in vbe_mode serves: 0 not at all, 3 as wished. */
static u32 rate_mode(void)
{
    u32 wanted = plan.depth ? plan.depth : 32;
    if ((vbe_mode.attributes & 0x99) != 0x99 || (vbe_mode.model != 4 && vbe_mode.model != 6))
        return 0;
    if (vbe_mode.width != (plan.width ? plan.width : 1024) ||
        vbe_mode.height != (plan.height ? plan.height : 768))
        return 0;
    return vbe_mode.bits == wanted ? 3 : vbe_mode.bits == 32 ? 2 : vbe_mode.bits > 8;
}

/* The best graphics mode, 0 if none serves. */
static u16 choose_mode(void)
{
    struct registers r = {.eax = 0x4f00, .edi = (u32)&vbe_control};
    u32 best_rating = 0;
    u16 best = 0;
    vbe_control.signature[0] = 'V';
    vbe_control.signature[1] = 'B';
    vbe_control.signature[2] = 'E';
    vbe_control.signature[3] = '2';
    call_video(&r);
    if ((u16)r.eax != VBE_OK)
        return 0;
    for (u32 i = 0; i < VBE_MODES_MAX; i++) {
        u16 mode = read_far16(vbe_control.modes_segment, vbe_control.modes_offset + 2 * i);
        u32 rating;
        if (mode == 0xffff)
            break;
        rating = read_mode(mode) ? rate_mode() : 0;
        if (rating > best_rating) {
            best_rating = rating;
            best = mode;
        }
    }
    return best;
}

static void tell_text(void)
{
    info.framebuffer = 0xb8000;
    info.pitch = 160;
    info.width = 80;
    info.height = 25;
    info.depth = 16;
    info.type = 2;
    info.flags |= INFO_FRAMEBUFFER;
}

static void tell_graphics(u16 mode)
{
    const u8 *colors = &vbe_mode.red.size;
    struct registers r = {.eax = 0x4f0a};
    info.vbe_control = plan.vbe;
    info.vbe_mode_info = plan.vbe + PLAN_VBE_CONTROL;
    info.vbe_mode = mode | VBE_LINEAR;
    call_video(&r);
    if ((u16)r.eax == VBE_OK)
        info.vbe_interface_length = (u16)r.ecx;
    info.framebuffer = vbe_mode.framebuffer;
    info.pitch =
        vbe_control.version >= 0x300 && vbe_mode.linear_pitch ? vbe_mode.linear_pitch : vbe_mode.pitch;
    info.width = vbe_mode.width;
    info.height = vbe_mode.height;
    info.depth = vbe_mode.bits;
    info.type = 1;
    /* VBE gives size before position, Multiboot the other way round. */
    for (u32 i = 0; i < 3; i++) {
        info.colors[2 * i] = colors[2 * i + 1];
        info.colors[2 * i + 1] = colors[2 * i];
    }
    info.flags |= INFO_VBE | INFO_FRAMEBUFFER;
    copy_to_low(plan.vbe, &vbe_control, sizeof vbe_control);
    copy_to_low(plan.vbe + PLAN_VBE_CONTROL, &vbe_mode, sizeof vbe_mode);
}

static void set_video(void)
{
    struct registers r = {.eax = 0x4f02};
    u16 mode = plan.video == PLAN_VIDEO_GRAPHICS ? choose_mode() : 0;
    r.ebx = mode | VBE_LINEAR;
    if (mode && read_mode(mode))
        call_video(&r);
    if (mode && (u16)r.eax == VBE_OK)
        tell_graphics(mode);
    else
        tell_text();
}

static void open_a20(void)
{
    struct registers r = {.eax = 0x2401};
    call_system(&r);
    __asm__ volatile("inb $0x92, %%al\n\torb $2, %%al\n\tandb $0xfe, %%al\n\toutb %%al, $0x92" : : : "al");
}

static void start_multiboot(void)
{
    u8 *bytes = (u8 *)&info;
    for (u32 i = 0; i < sizeof info; i++) {
        const u8 FAR *from = (const u8 FAR *)(u32)select_far(plan.info + i);
        bytes[i] = *from;
    }
    tell_memory();
    if (plan.video != PLAN_VIDEO_NONE)
        set_video();
    copy_to_low(plan.info, &info, sizeof info);
    open_a20();
    enter_multiboot(plan.entry, plan.info);
}

void kernel_boot(void)
{
    u32 size, key = find_file(KERNEL_PLAN_FILE, &size);
    if (!key || size != sizeof plan ||
        !transfer(key << 16 | DMA_SELECT | DMA_READ, LINEAR(&plan), sizeof plan) || !load_chunks()) {
        print("The kernel cannot be loaded: fw_cfg does not answer.\r\n");
        return;
    }
    if (plan.kind == PLAN_LINUX)
        enter_linux(plan.entry, plan.stack);
    start_multiboot();
}
