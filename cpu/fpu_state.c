/* The x87 unit's memory images (FSTENV, FSAVE, FXSAVE, XSAVE) and its snapshot fields: see cpu/fpu.h.
 *
 * Sources: Intel SDM volume 1, 8.1.10 and figures 8-9 to 8-12 (environment); 10.5 and table 10-2 (FXSAVE).
 */
#include <string.h>

#include "cpu/fpu.h"
#include "cpu/fpu_private.h"

static const struct field float80_fields[] = {
    FIELD(struct float80, significand),
    FIELD(struct float80, sign_exponent),
    FIELD_END,
};

const struct field fpu_fields[] = {
    FIELD_STRUCTS(struct fpu, reg, float80_fields),
    FIELD(struct fpu, control),
    FIELD(struct fpu, status),
    FIELD(struct fpu, tag),
    FIELD_RANGE(struct fpu, top, 0, 7),
    FIELD(struct fpu, last_opcode),
    FIELD(struct fpu, last_cs),
    FIELD(struct fpu, last_ds),
    FIELD(struct fpu, last_ip),
    FIELD(struct fpu, last_dp),
    FIELD_END,
};

static void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value & 0xFFFF);
    put16(p + 2, value >> 16);
}

static void put64(uint8_t *p, uint64_t value)
{
    put32(p, (uint32_t)value);
    put32(p + 4, (uint32_t)(value >> 32));
}

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* ---- Tag words ---- */

enum { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

static unsigned full_tag(const struct fpu *f, unsigned n)
{
    if (!(f->tag >> n & 1)) {
        return TAG_EMPTY;
    }
    switch (float80_classify(f->reg[n])) {
    case FLOAT80_IS_ZERO:
        return TAG_ZERO;
    case FLOAT80_IS_NORMAL:
        return TAG_VALID;
    default:
        return TAG_SPECIAL;
    }
}

uint16_t fpu_tag_word(const struct fpu *f)
{
    unsigned word = 0;
    for (unsigned n = 0; n < 8; n++) {
        word |= full_tag(f, n) << (2 * n);
    }
    return (uint16_t)word;
}

/* Only "empty" is taken from a full tag word: the rest follows from the registers. */
static uint8_t abridged(uint16_t word)
{
    unsigned tag = 0;
    for (unsigned n = 0; n < 8; n++) {
        tag |= (unsigned)((word >> (2 * n) & 3) != TAG_EMPTY) << n;
    }
    return (uint8_t)tag;
}

static void set_status_word(struct fpu *f, uint16_t status)
{
    f->top = status >> 11 & 7;
    f->status = status & ~(FPU_TOP | FPU_ES | FPU_B);
}

/* ---- Environment ---- */

/* In real and virtual-8086 mode the pointers are linear addresses. */
static uint32_t linear_ip(const struct fpu *f)
{
    return ((uint32_t)f->last_cs << 4) + (uint32_t)f->last_ip;
}

static uint32_t linear_dp(const struct fpu *f)
{
    return ((uint32_t)f->last_ds << 4) + (uint32_t)f->last_dp;
}

static void store_pointers16(const struct fpu *f, bool real, uint8_t *p)
{
    if (real) {
        uint32_t ip = linear_ip(f), dp = linear_dp(f);
        put16(p, ip & 0xFFFF);
        put16(p + 2, (ip >> 16 & 15) << 12 | f->last_opcode);
        put16(p + 4, dp & 0xFFFF);
        put16(p + 6, (dp >> 16 & 15) << 12);
    } else {
        put16(p, f->last_ip & 0xFFFF);
        put16(p + 2, f->last_cs);
        put16(p + 4, f->last_dp & 0xFFFF);
        put16(p + 6, f->last_ds);
    }
}

static void store_pointers32(const struct fpu *f, bool real, uint8_t *p)
{
    if (real) {
        uint32_t ip = linear_ip(f), dp = linear_dp(f);
        put32(p, 0xFFFF0000 | (ip & 0xFFFF));
        put32(p + 4, ip >> 16 << 12 | f->last_opcode);
        put32(p + 8, 0xFFFF0000 | (dp & 0xFFFF));
        put32(p + 12, dp >> 16 << 12);
    } else {
        put32(p, (uint32_t)f->last_ip);
        put32(p + 4, (uint32_t)f->last_opcode << 16 | f->last_cs);
        put32(p + 8, (uint32_t)f->last_dp);
        put32(p + 12, 0xFFFF0000 | f->last_ds);
    }
}

void fpu_store_environment(const struct fpu *f, enum fpu_layout layout, uint8_t image[FPU_ENVIRONMENT_MAX])
{
    bool real = layout == FPU_REAL16 || layout == FPU_REAL32;
    uint16_t words[3] = {f->control, fpu_status_word(f), fpu_tag_word(f)};
    for (unsigned i = 0; i < 3; i++) {
        if (layout >= FPU_REAL32) {
            put32(image + 4 * i, 0xFFFF0000 | words[i]);
        } else {
            put16(image + 2 * i, words[i]);
        }
    }
    if (layout >= FPU_REAL32) {
        store_pointers32(f, real, image + 12);
    } else {
        store_pointers16(f, real, image + 6);
    }
}

void fpu_commit_fnstenv(struct fpu *f)
{
    f->control |= FLOAT80_ALL_EXCEPTIONS;
    fpu_control_changed(f);
}

static void load_pointers16(struct fpu *f, bool real, const uint8_t *p)
{
    f->last_ip = get16(p);
    f->last_dp = get16(p + 4);
    if (real) {
        f->last_ip |= (uint32_t)(get16(p + 2) & 0xF000) << 4;
        f->last_dp |= (uint32_t)(get16(p + 6) & 0xF000) << 4;
        f->last_opcode = get16(p + 2) & 0x7FF;
        f->last_cs = f->last_ds = 0;
    } else {
        f->last_cs = get16(p + 2);
        f->last_ds = get16(p + 6);
        f->last_opcode = 0;
    }
}

static void load_pointers32(struct fpu *f, bool real, const uint8_t *p)
{
    if (real) {
        f->last_ip = get16(p) | (get32(p + 4) & 0x0FFFF000) << 4;
        f->last_dp = get16(p + 8) | (get32(p + 12) & 0x0FFFF000) << 4;
        f->last_opcode = get16(p + 4) & 0x7FF;
        f->last_cs = f->last_ds = 0;
    } else {
        f->last_ip = get32(p);
        f->last_cs = get16(p + 4);
        f->last_opcode = get16(p + 6) & 0x7FF;
        f->last_dp = get32(p + 8);
        f->last_ds = get16(p + 12);
    }
}

void fpu_fldenv(struct fpu *f, enum fpu_layout layout, const uint8_t image[FPU_ENVIRONMENT_MAX])
{
    bool real = layout == FPU_REAL16 || layout == FPU_REAL32;
    unsigned step = layout >= FPU_REAL32 ? 4 : 2;
    set_status_word(f, get16(image + step));
    f->tag = abridged(get16(image + 2 * step));
    if (layout >= FPU_REAL32) {
        load_pointers32(f, real, image + 12);
    } else {
        load_pointers16(f, real, image + 6);
    }
    fpu_fldcw(f, get16(image));
}

void fpu_store_state(const struct fpu *f, enum fpu_layout layout, uint8_t image[FPU_SAVE_MAX])
{
    fpu_store_environment(f, layout, image);
    uint8_t *p = image + fpu_environment_size(layout);
    for (unsigned i = 0; i < 8; i++, p += 10) {
        const struct float80 *reg = &f->reg[(f->top + i) & 7];
        put64(p, reg->significand);
        put16(p + 8, reg->sign_exponent);
    }
}

void fpu_commit_fnsave(struct fpu *f)
{
    fpu_fninit(f);
}

void fpu_frstor(struct fpu *f, enum fpu_layout layout, const uint8_t image[FPU_SAVE_MAX])
{
    fpu_fldenv(f, layout, image);
    const uint8_t *p = image + fpu_environment_size(layout);
    for (unsigned i = 0; i < 8; i++, p += 10) {
        *fpu_st(f, i) = (struct float80){get64(p), get16(p + 8)};
    }
}

/* ---- FXSAVE ---- */

static void store_fx_registers(const struct fpu *f, uint8_t *image)
{
    for (unsigned i = 0; i < 8; i++) {
        const struct float80 *reg = &f->reg[(f->top + i) & 7];
        uint8_t *p = image + 32 + 16 * i;
        put64(p, reg->significand);
        put16(p + 8, reg->sign_exponent);
        memset(p + 10, 0, 6);
    }
}

void fpu_xsave_legacy(const struct fpu *f, uint8_t image[FPU_FXSAVE_XMM], bool rex_w)
{
    put16(image, f->control);
    put16(image + 2, fpu_status_word(f));
    put16(image + 4, f->tag);
    put16(image + 6, f->last_opcode);
    if (rex_w) {
        put64(image + 8, f->last_ip);
        put64(image + 16, f->last_dp);
    } else {
        put32(image + 8, (uint32_t)f->last_ip);
        put32(image + 12, f->last_cs);
        put32(image + 16, (uint32_t)f->last_dp);
        put32(image + 20, f->last_ds);
    }
    store_fx_registers(f, image);
}

unsigned fpu_fxsave(const struct fpu *f, uint8_t image[FPU_FXSAVE_SIZE], const struct fpu_sse_state *sse,
                    bool rex_w)
{
    fpu_xsave_legacy(f, image, rex_w);
    if (!sse) {
        return FPU_FXSAVE_XMM;
    }
    put32(image + 24, sse->mxcsr);
    put32(image + 28, sse->mxcsr_mask);
    unsigned count = sse->xmm_count > 16 ? 16 : sse->xmm_count;
    memcpy(image + FPU_FXSAVE_XMM, sse->xmm, 16 * count);
    return FPU_FXSAVE_XMM + 16 * count;
}

void fpu_xrstor_legacy(struct fpu *f, const uint8_t image[FPU_FXSAVE_XMM], bool rex_w)
{
    set_status_word(f, get16(image + 2));
    f->tag = image[4];
    f->last_opcode = get16(image + 6) & 0x7FF;
    if (rex_w) {
        f->last_ip = get64(image + 8);
        f->last_dp = get64(image + 16);
        f->last_cs = f->last_ds = 0;
    } else {
        f->last_ip = get32(image + 8);
        f->last_cs = get16(image + 12);
        f->last_dp = get32(image + 16);
        f->last_ds = get16(image + 20);
    }
    for (unsigned i = 0; i < 8; i++) {
        const uint8_t *p = image + 32 + 16 * i;
        *fpu_st(f, i) = (struct float80){get64(p), get16(p + 8)};
    }
    fpu_fldcw(f, get16(image));
}

void fpu_fxrstor(struct fpu *f, const uint8_t image[FPU_FXSAVE_SIZE], struct fpu_sse_state *sse, bool rex_w)
{
    fpu_xrstor_legacy(f, image, rex_w);
    if (!sse) {
        return;
    }
    sse->mxcsr = get32(image + 24);
    unsigned count = sse->xmm_count > 16 ? 16 : sse->xmm_count;
    memcpy(sse->xmm, image + FPU_FXSAVE_XMM, 16 * count);
}
