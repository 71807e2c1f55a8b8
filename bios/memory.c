/*
 * How much memory there is, and the map of it for INT 15h E820h. The sizes come from fw_cfg's "etc/e820",
 * else from CMOS: 34h/35h in 64 KB units above 16 MB, 30h/31h in KB above 1 MB, 5Bh-5Dh in 64 KB units above
 * 4 GB.
 */
#include "bios/bda.h"
#include "bios/post.h"
#include "bios/resident.h"

static u32 low_end; /* end of RAM below 4 GB, less what tables took */
static u32 low_end_ram;
static u64 high_size; /* above 4 GB */

static void sizes_from_cmos(void)
{
    u32 above_16m = (u32)(cmos_read(0x34) | cmos_read(0x35) << 8) << 16;
    u32 above_1m = (u32)(cmos_read(0x30) | cmos_read(0x31) << 8) << 10;
    if (!above_1m)
        above_1m = (u32)(cmos_read(0x17) | cmos_read(0x18) << 8) << 10;
    low_end = above_16m ? above_16m + 0x1000000 : above_1m + 0x100000;
    high_size = (u64)(cmos_read(0x5b) | cmos_read(0x5c) << 8 | (u32)cmos_read(0x5d) << 16) << 16;
    cmos_done();
}

/* RAM rows of the file; other rows are copied to the map as they are. */
static int sizes_from_fwcfg(void)
{
    s32 size = fwcfg_open("etc/e820");
    struct e820_row row;
    if (size < (s32)sizeof(row))
        return 0;
    low_end = 0;
    for (s32 i = 0; i + (s32)sizeof(row) <= size; i += (s32)sizeof(row)) {
        fwcfg_bytes(&row, sizeof(row));
        if (row.type == E820_RAM && row.base < 0x100000000ull) {
            if (row.base + row.length > low_end)
                low_end = (u32)(row.base + row.length);
        } else if (row.type == E820_RAM) {
            high_size = row.base + row.length - 0x100000000ull;
        }
    }
    return low_end >= 0x100000;
}

/*
 * The sum of 10h-2Dh, high byte first at 2Eh. A wrong one is noted in 0Eh, as on the AT, and mended; so is a
 * battery that was empty, by register D, which the clock sets right when it is read.
 */
static void check_cmos(void)
{
    u16 sum = 0;
    u8 status = cmos_read(0x0e) & (u8) ~(CMOS_NO_POWER | CMOS_BAD_SUM);
    if (!(cmos_read(0x0d) & 0x80))
        status |= CMOS_NO_POWER;
    for (u8 i = 0x10; i < 0x2e; i++)
        sum = (u16)(sum + cmos_read(i));
    if (cmos_read(0x2e) != sum >> 8 || cmos_read(0x2f) != (u8)sum) {
        status |= CMOS_BAD_SUM;
        cmos_write(0x2e, (u8)(sum >> 8));
        cmos_write(0x2f, (u8)sum);
    }
    cmos_write(0x0e, status);
    cmos_done();
}

void memory_init(void)
{
    if (!sizes_from_fwcfg())
        sizes_from_cmos();
    low_end_ram = low_end;
    resident_flat.memory_above_1m_kb = (low_end - 0x100000) >> 10;
    check_cmos();
}

u32 memory_reserve_high(u32 size, u32 align)
{
    if (align < 16)
        align = 16;
    if (low_end < 0x200000 || size > low_end - 0x200000)
        return 0;
    low_end = (low_end - size) & ~(align - 1);
    return low_end;
}

static void add_row(u64 base, u64 length, u32 type)
{
    struct e820_row *row = &resident_flat.e820[resident_flat.e820_count];
    if (!length || resident_flat.e820_count >= ARRAY_SIZE(resident_flat.e820))
        return;
    row->base = base;
    row->length = length;
    row->type = type;
    resident_flat.e820_count++;
}

void memory_map_finish(void)
{
    u32 base_end = bda.base_memory_kb * 1024u;
    low_end &= ~0xfffu;
    resident_flat.memory_above_1m_kb = (low_end - 0x100000) >> 10;
    resident_flat.e820_count = 0;
    add_row(0, base_end, E820_RAM);
    add_row(base_end, 0xa0000 - base_end, E820_RESERVED);
    add_row(0xf0000, 0x10000, E820_RESERVED);
    add_row(0x100000, low_end - 0x100000, E820_RAM);
    /* not "ACPI reclaimable": the FACS and the SMBIOS structures are there too, and stay in use */
    add_row(low_end, low_end_ram - low_end, E820_RESERVED);
    add_row(0xfec00000, 0x1000, E820_RESERVED);
    add_row(0xfee00000, 0x1000, E820_RESERVED);
    add_row(0xfffc0000, 0x40000, E820_RESERVED);
    add_row(0x100000000ull, high_size, E820_RAM);
}
