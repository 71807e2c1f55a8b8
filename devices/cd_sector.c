/* Raw CD-ROM sectors: see cd_sector.h.
 *
 *      0      12      16          2064  2068    2076      2248      2352
 *      | sync | header | user data | EDC | zeros | P parity | Q parity | */
#include "devices/cd_sector.h"

#include <string.h>

#define HEADER   12u
#define USER     16u
#define EDC      2064u
#define P_PARITY 2076u
#define Q_PARITY 2248u

void cd_msf(uint32_t lba, uint8_t msf[3])
{
    uint32_t frames = lba + 150;
    msf[0] = (uint8_t)(frames / 75 / 60);
    msf[1] = (uint8_t)(frames / 75 % 60);
    msf[2] = (uint8_t)(frames % 75);
}

uint32_t cd_lba(uint8_t minute, uint8_t second, uint8_t frame)
{
    return ((uint32_t)minute * 60 + second) * 75 + frame - 150;
}

static uint8_t to_bcd(uint8_t value)
{
    return (uint8_t)(value / 10 % 10 << 4 | value % 10);
}

/* 14.3: CRC with (x^16 + x^15 + x^2 + 1)(x^16 + x^2 + x + 1), least significant bit first. */
static uint32_t error_detection_code(const uint8_t *bytes, unsigned count)
{
    uint32_t crc = 0;
    for (unsigned i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xD8018001u : 0);
    }
    return crc;
}

/* Times x in GF(2^8) over x^8 + x^4 + x^3 + x^2 + 1 (annex A). */
static uint8_t times_x(uint8_t value)
{
    return (uint8_t)(value << 1 ^ (value & 0x80 ? 0x1D : 0));
}

/* The field's element that gives VALUE when multiplied by x + 1. */
static uint8_t divide_by_x_plus_1(uint8_t value)
{
    uint8_t quotient = 0;
    /* 1/(x+1) = F4h: a sum of shifted values, one for each bit of it. */
    for (unsigned bit = 0; bit < 8; bit++, value = times_x(value))
        if (0xF4 >> bit & 1)
            quotient ^= value;
    return quotient;
}

/* Two parity bytes of the Reed-Solomon code for COUNT bytes: both sums over the code word, plain and weighted
 * by powers of x, vanish. */
struct parity {
    uint8_t plain, weighted;
};

static void add_byte(struct parity *sums, uint8_t byte)
{
    sums->plain ^= byte;
    sums->weighted = times_x(sums->weighted) ^ byte;
}

static void put_parity(struct parity sums, uint8_t *first, uint8_t *second)
{
    uint8_t weighted = times_x(times_x(sums.weighted));
    *first = divide_by_x_plus_1(weighted ^ sums.plain);
    *second = *first ^ sums.plain;
}

/* P: 86 columns of 24 bytes. Q: 52 diagonals of 43, over the P parity too. */
static void add_parity(uint8_t *raw)
{
    for (unsigned column = 0; column < 86; column++) {
        struct parity sums = {0, 0};
        for (unsigned row = 0; row < 24; row++)
            add_byte(&sums, raw[HEADER + column + 86 * row]);
        put_parity(sums, &raw[P_PARITY + column], &raw[P_PARITY + 86 + column]);
    }
    for (unsigned diagonal = 0; diagonal < 52; diagonal++) {
        struct parity sums = {0, 0};
        for (unsigned i = 0; i < 43; i++) {
            unsigned word = (43 * (diagonal / 2) + 44 * i) % 1118;
            add_byte(&sums, raw[HEADER + 2 * word + diagonal % 2]);
        }
        put_parity(sums, &raw[Q_PARITY + diagonal], &raw[Q_PARITY + 52 + diagonal]);
    }
}

void cd_encode_mode1(uint8_t raw[CD_RAW_BYTES], uint32_t lba)
{
    uint8_t msf[3];
    cd_msf(lba, msf);
    memset(raw, 0xFF, HEADER);
    raw[0] = raw[11] = 0;
    for (unsigned i = 0; i < 3; i++)
        raw[HEADER + i] = to_bcd(msf[i]);
    raw[HEADER + 3] = 1;
    uint32_t crc = error_detection_code(raw, EDC);
    for (unsigned i = 0; i < 4; i++)
        raw[EDC + i] = (uint8_t)(crc >> 8 * i);
    memset(raw + EDC + 4, 0, 8);
    add_parity(raw);
}
