/* The services behind the interrupts, by file. Each takes the caller's registers and changes them and CF, ZF.
 */
#ifndef BIOS_SERVICES_H
#define BIOS_SERVICES_H

#include "bios/bios.h"

/* int13.c */
void int13(struct regs *r);
void int40(struct regs *r);

/* floppy.c: diskettes, INT 40h. */
void floppy_service(struct regs *r);
/* Detects nothing by itself: takes the types that CMOS 10h names and calibrates the drives. */
void floppy_init(void);

/* ata.c */
enum ata_direction { ATA_READ, ATA_WRITE, ATA_VERIFY };
/* Moves `count` sectors (1-256) of a disk to or from seg:off; the answer is an INT 13h status. */
u8 ata_transfer(u8 drive, u8 direction, u64 lba, u16 count, u16 seg, u16 off, u16 *done);
/* Sends a command without data. */
u8 ata_simple(u8 drive, u8 command, u8 count);
/* READ BUFFER, WRITE BUFFER: the drive's own sector of memory. */
u8 ata_buffer(u8 drive, u8 direction, u16 seg, u16 off);
/* EXECUTE DEVICE DIAGNOSTIC; 20h if the drive finds itself broken. */
u8 ata_diagnose(u8 drive);
/* Sends a packet and reads up to `length` bytes after leaving out `skip`; answers an INT 13h status. */
u8 atapi_packet(u8 drive, const u8 *packet, u16 seg, u16 off, u32 skip, u32 length, u32 *done);
/* INITIALIZE DEVICE PARAMETERS, for drives that are addressed by cylinder, head and sector. */
u8 ata_set_geometry(u8 drive);
void ata_reset(u8 drive);
void ata_detect(void);

/* disk.c: hard disks. */
void disk_service(struct regs *r);
void disk_init(void);
/* AH=48h for hard disks and CD-ROM: fills the buffer at DS:SI. */
u8 edd_parameters(struct regs *r, u8 drive, u64 sectors, u16 sector_size, u16 flags);

/* cdrom.c */
/* Whether the call was for a CD-ROM drive or the drive that a CD emulates. */
int cdrom_service(struct regs *r);
/* Starts El Torito from CD drive `n`. On success the boot image is loaded. */
enum cd_boot { CD_BOOTS, CD_NO_DISC, CD_NO_CATALOG, CD_UNREADABLE };
u8 cdrom_boot(u8 n, u16 *segment, u8 *drive);

/* boot.c */
void int18(struct regs *r);
void int19(struct regs *r);

/* keyboard.c */
void int09(struct regs *r);
void int16(struct regs *r);
void keyboard_init(void);

/* kbc.c: the 8042. */
int kbc_write_command(u8 command);
int kbc_write_data(u8 data);
/* A byte from the output buffer, -1 if none comes within `us` microseconds. */
int kbc_read(u32 us);
/* Sends a byte to the mouse and reads the answer: 0FAh acknowledged, -1 silence. */
int mouse_send(u8 byte);
int mouse_read(u32 us);

/* mouse.c: INT 15h C2h. */
void mouse_service(struct regs *r);
void mouse_init(void);

/* int15.c and others */
void int15(struct regs *r);
void wait_service(struct regs *r);
void int14(struct regs *r);
void serial_init(void);
void int17(struct regs *r);
void printer_init(void);
void int05(struct regs *r);
void int1a(struct regs *r);
void clock_init(void);

/* console.c: text to the screen through INT 10h. */
void put_char(char c);
void put_text(const char ROM *text);

void post16(struct regs *r);

/* The result of INT 13h: status in AH and CF, and in the data area at `where`. */
static inline void set_status(struct regs *r, u8 status)
{
    r->ah = status;
    if (status)
        set_carry(r);
    else
        clear_carry(r);
}

/* hooks.c: INT 15h calls that programs intercept. */
int hook15(u16 *ax); /* CF afterwards */

#endif
