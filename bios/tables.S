/* Tables that programs find at fixed addresses of segment F000 or by their signatures on a 16-byte boundary. */
#include "bios/asm.inc"

    .code16

/* E401: parameters of disk types 1-23 of the AT, 16 bytes each (IBM AT Technical Reference, BIOS listing). */
.macro DISK_TYPE cylinders, heads, precompensation, landing_zone
    .word \cylinders
    .byte \heads
    .word 0
    .word \precompensation
    .byte 0
    .byte (\heads > 8) * 8
    .byte 0, 0, 0
    .word \landing_zone
    .byte 17, 0
.endm
    FIXED e401
    DISK_TYPE 306, 4, 128, 305
    DISK_TYPE 615, 4, 300, 615
    DISK_TYPE 615, 6, 300, 615
    DISK_TYPE 940, 8, 512, 940
    DISK_TYPE 940, 6, 512, 940
    DISK_TYPE 615, 4, 0xffff, 615
    DISK_TYPE 462, 8, 256, 511
    DISK_TYPE 733, 5, 0xffff, 733
    DISK_TYPE 900, 15, 0xffff, 901
    DISK_TYPE 820, 3, 0xffff, 820
    DISK_TYPE 855, 5, 0xffff, 855
    DISK_TYPE 855, 7, 0xffff, 855
    DISK_TYPE 306, 8, 128, 319
    DISK_TYPE 733, 7, 0xffff, 733
    .fill 16, 1, 0
    DISK_TYPE 612, 4, 0, 663
    DISK_TYPE 977, 5, 300, 977
    DISK_TYPE 977, 7, 0xffff, 977
    DISK_TYPE 1024, 7, 512, 1023
    DISK_TYPE 733, 5, 300, 732
    DISK_TYPE 733, 7, 300, 732
    DISK_TYPE 733, 5, 300, 733
    DISK_TYPE 306, 4, 0, 336

/* E6F5: system configuration, INT 15h C0h. */
    FIXED e6f5
    .word 8
    .byte 0xfc, 0x01, 0x00      /* model, submodel, revision */
    .byte 0x74                  /* second 8259, clock, keyboard intercept, EBDA */
    .byte 0x40                  /* INT 16h 09h is there */
    .byte 0, 0, 0

/* E729: divisors of INT 14h 00h. */
    FIXED e729
    .word 0x417, 0x300, 0x180, 0x0c0, 0x060, 0x030, 0x018, 0x00c

/* EFC7: disk base table of a 1.44 MB diskette, INT 1Eh. */
    FIXED efc7
    .byte 0xaf, 0x02, 0x25, 0x02, 18, 0x1b, 0xff, 0x6c, 0xf6, 0x0f, 0x08

/* F0A4: video parameters for the 6845, INT 1Dh: 40x25, 80x25, graphics, monochrome. */
    FIXED f0a4
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x1f, 0x06, 0x19, 0x1c, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x71, 0x50, 0x5a, 0x0a, 0x1f, 0x06, 0x19, 0x1c, 0x02, 0x07, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x38, 0x28, 0x2d, 0x0a, 0x7f, 0x06, 0x64, 0x70, 0x02, 0x01, 0x06, 0x07, 0, 0, 0, 0
    .byte 0x61, 0x50, 0x52, 0x0f, 0x19, 0x06, 0x19, 0x19, 0x02, 0x0d, 0x0b, 0x0c, 0, 0, 0, 0
    .word 0x0800, 0x1000, 0x4000, 0x4000        /* page sizes */
    .byte 40, 40, 80, 80, 40, 40, 80, 80        /* columns by mode */
    .byte 0x2c, 0x28, 0x2d, 0x29, 0x2a, 0x2e, 0x1e, 0x29

/* FA6E: the first 128 characters, 8 by 8, for the graphics modes. */
    FIXED fa6e
#include "bios/fonts/font8x8-first128.inc"

    .section .tables, "ax", @progbits
/* Plug and Play BIOS Specification 1.0A, installation check structure; every function answers "not supported". */
    .balign 16
    .globl pnp_header
pnp_header:
    .ascii "$PnP"
    .byte 0x10, 0x21
    .word 0
    .byte 0                     /* checksum, made by POST */
    .long 0
    .word pnp_real_entry, 0xf000
    .word pnp_protected_entry
    .long 0xf0000
    .long 0
    .word 0xf000
    .long 0xf0000

/* BIOS32 Service Directory, revision 0 (Standard BIOS 32-bit Service Directory Proposal 0.4). */
    .balign 16
    .globl bios32_header
bios32_header:
    .ascii "_32_"
    .long bios32_entry + 0xf0000
    .byte 0, 1
    .byte 0                     /* checksum */
    .byte 0, 0, 0, 0, 0

    .globl resident
    .balign 16
resident:
    .skip 2560

    .text
pnp_real_entry:
    movw $0x82, %ax
    lretw
pnp_protected_entry:
    movw $0x82, %ax
    lretw
