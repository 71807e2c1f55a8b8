/*
 * The BIOS data area at 0040:0000 and the extended one (EBDA), by Ralf Brown's MEMORY.LST and the IBM PS/2
 * BIOS Interface Technical Reference. Programs read and write these fields; their places are a contract.
 */
#ifndef BIOS_BDA_H
#define BIOS_BDA_H

#include "bios/bios.h"

struct bda {
    u16 com_port[4];               /* 00 */
    u16 lpt_port[3];               /* 08 */
    u16 ebda_segment;              /* 0E */
    u16 equipment;                 /* 10: INT 11h */
    u8 post_status;                /* 12 */
    u16 base_memory_kb;            /* 13: INT 12h */
    u8 reserved15[2];              /* 15 */
    u8 shift_flags;                /* 17: KB_* */
    u8 shift_flags2;               /* 18: KB2_* */
    u8 alt_keypad;                 /* 19 */
    u16 keys_head;                 /* 1A: next key to take */
    u16 keys_tail;                 /* 1C: next free place */
    u16 keys[16];                  /* 1E */
    u8 fdc_seek_status;            /* 3E: bit n drive n is calibrated, bit 7 an interrupt came */
    u8 fdc_motors;                 /* 3F: bit n motor n is on, bits 5-4 drive selected, bit 7 writing */
    u8 fdc_motor_ticks;            /* 40: until the motors go off */
    u8 fdc_status;                 /* 41: of the last operation */
    u8 fdc_result[7];              /* 42 */
    u8 video_mode;                 /* 49 */
    u16 video_columns;             /* 4A */
    u16 video_page_size;           /* 4C */
    u16 video_page_start;          /* 4E */
    u16 cursor_position[8];        /* 50 */
    u16 cursor_shape;              /* 60 */
    u8 video_page;                 /* 62 */
    u16 crtc_port;                 /* 63 */
    u8 video_mode_register;        /* 65 */
    u8 video_palette;              /* 66 */
    struct far_pointer resume;     /* 67: where a shutdown code of CMOS 0Fh leads */
    u8 last_interrupt;             /* 6B: unexpected IRQ */
    u32 ticks;                     /* 6C: since midnight */
    u8 midnight;                   /* 70 */
    u8 break_flag;                 /* 71: bit 7 Ctrl-Break was pressed */
    u16 reset_flag;                /* 72: 1234h warm boot */
    u8 disk_status;                /* 74 */
    u8 disk_count;                 /* 75 */
    u8 disk_control;               /* 76 */
    u8 disk_port;                  /* 77 */
    u8 lpt_timeout[4];             /* 78: fourth, 7B: bit 5 tells that the virtual DMA services are there */
    u8 com_timeout[4];             /* 7C */
    u16 keys_start;                /* 80 */
    u16 keys_end;                  /* 82 */
    u8 video_rows;                 /* 84 */
    u16 video_char_height;         /* 85 */
    u8 video_control[2];           /* 87 */
    u8 video_flags[2];             /* 89 */
    u8 fdc_last_rate;              /* 8B: bits 7-6 data rate, 5-4 step rate */
    u8 disk_controller[2];         /* 8C: status and error registers of the last command */
    u8 disk_interrupt;             /* 8E: FFh an interrupt came */
    u8 fdc_info;                   /* 8F: per drive bit 0 80 tracks, bit 1 change line, bit 2 known */
    u8 fdc_media[2];               /* 90: per drive, MEDIA_* */
    u8 fdc_media_start[2];         /* 92 */
    u8 fdc_track[2];               /* 94 */
    u8 kb_mode;                    /* 96: KB3_* */
    u8 kb_leds;                    /* 97: KBL_* */
    struct far_pointer wait_flag;  /* 98: byte whose bit 7 is set when the wait ends */
    u32 wait_us;                   /* 9C */
    u8 wait_active;                /* A0: bit 0 waiting, bit 7 elapsed */
    u8 network[7];                 /* A1 */
    struct far_pointer video_save; /* A8 */
    u8 apm_state;                  /* AC: APM_*; the bytes from AC to EF are the BIOS's own */
    u8 own[0x43];                  /* AD */
    u8 user[16];                   /* F0 */
    u8 print_screen;               /* 100: 0 idle, 1 busy, FF error */
} PACKED;

_Static_assert(__builtin_offsetof(struct bda, fdc_seek_status) == 0x3e, "BDA");
_Static_assert(__builtin_offsetof(struct bda, ticks) == 0x6c, "BDA");
_Static_assert(__builtin_offsetof(struct bda, disk_interrupt) == 0x8e, "BDA");
_Static_assert(__builtin_offsetof(struct bda, wait_active) == 0xa0, "BDA");
_Static_assert(__builtin_offsetof(struct bda, print_screen) == 0x100, "BDA");

enum {
    KB_RSHIFT = 1,
    KB_LSHIFT = 2,
    KB_CTRL = 4,
    KB_ALT = 8,
    KB_SCROLL = 16,
    KB_NUM = 32,
    KB_CAPS = 64,
    KB_INS = 128
};
enum {
    KB2_LCTRL = 1,
    KB2_LALT = 2,
    KB2_SYSREQ = 4,
    KB2_PAUSE = 8,
    KB2_SCROLL = 16,
    KB2_NUM = 32,
    KB2_CAPS = 64,
    KB2_INS = 128
};
enum { KB3_E1 = 1, KB3_E0 = 2, KB3_RCTRL = 4, KB3_RALT = 8, KB3_101KEYS = 16 };
enum { KBL_LEDS = 7, KBL_ACK = 16, KBL_RESEND = 32, KBL_UPDATE = 64, KBL_ERROR = 128 };
enum { MEDIA_STATE = 7, MEDIA_ESTABLISHED = 0x10, MEDIA_DOUBLE_STEP = 0x20, MEDIA_RATE_SHIFT = 6 };

/* A fixed disk parameter table, INT 41h and 46h. */
struct disk_table {
    u16 cylinders;
    u8 heads;
    u8 signature; /* A0h: translated, the physical values follow */
    u8 physical_spt;
    u16 precompensation;
    u8 reserved7;
    u8 control;
    u16 physical_cylinders;
    u8 physical_heads;
    u16 landing_zone;
    u8 spt;
    u8 checksum;
} PACKED;

#define EBDA_KB 3

struct ebda {
    u8 size_kb;                       /* 00 */
    u8 reserved01[0x21];              /* 01 */
    struct far_pointer mouse_handler; /* 22 */
    u8 mouse_flags1;                  /* 26: bits 2-0 bytes received */
    u8 mouse_flags2;                  /* 27: bit 7 a handler is set, bits 2-0 packet size less one */
    u8 mouse_packet[8];               /* 28 */
    u8 reserved30[13];                /* 30 */
    struct disk_table disk_table[2];  /* 3D */
    u8 reserved5d[0x23];              /* 5D */
} PACKED;

_Static_assert(sizeof(struct ebda) == 0x80, "the variables begin there");

/* Their places are given by the linker script. */
extern struct ebda ebda;
extern LOW struct bda bda;
extern LOW struct far_pointer ivt[256];

#endif
