/* Fused comparisons of one width; included with BITS defined. */
#include "cpu/width.h"

#define R        WIDTH_PASTE(R, BITS)
#define FN(name) WIDTH_PASTE(WIDTH_PASTE(name, _), BITS)

#define FUSED_KINDS(v, form)                                                                                 \
    FOR_EACH_CONDITION(FUSED, SUB, RR, v, form)                                                              \
    FOR_EACH_CONDITION(FUSED, SUB, RRX, v, form)                                                             \
    FOR_EACH_CONDITION(FUSED, SUB, RI, v, form)                                                              \
    FOR_EACH_CONDITION(FUSED, SUB, MR, v, form)                                                              \
    FOR_EACH_CONDITION(FUSED, SUB, RM, v, form)                                                              \
    FOR_EACH_CONDITION(FUSED, SUB, MI, v, form)                                                              \
    FOR_EACH_CONDITION(FUSED, AND, RR, v, form)                                                              \
    FOR_EACH_CONDITION(FUSED, AND, RI, v, form)
FUSED_KINDS(V32, FLAT)
FUSED_KINDS(V16, SEG16)

#define ROW(op, kind, v)                                                                                     \
    {                                                                                                        \
        FN(h_##op##_##kind##_jO_##v), FN(h_##op##_##kind##_jNO_##v), FN(h_##op##_##kind##_jB_##v),           \
            FN(h_##op##_##kind##_jNB_##v), FN(h_##op##_##kind##_jZ_##v), FN(h_##op##_##kind##_jNZ_##v),      \
            FN(h_##op##_##kind##_jBE_##v), FN(h_##op##_##kind##_jNBE_##v), FN(h_##op##_##kind##_jS_##v),     \
            FN(h_##op##_##kind##_jNS_##v), FN(h_##op##_##kind##_jP_##v), FN(h_##op##_##kind##_jNP_##v),      \
            FN(h_##op##_##kind##_jL_##v), FN(h_##op##_##kind##_jNL_##v), FN(h_##op##_##kind##_jLE_##v),      \
            FN(h_##op##_##kind##_jNLE_##v)                                                                   \
    }
#define TABLE(v)                                                                                             \
    static const struct fused_handlers FN(fused_##v) = {                                                     \
        .rr = ROW(SUB, RR, v),                                                                               \
        .rrx = ROW(SUB, RRX, v),                                                                             \
        .ri = ROW(SUB, RI, v),                                                                               \
        .mr = ROW(SUB, MR, v),                                                                               \
        .rm = ROW(SUB, RM, v),                                                                               \
        .mi = ROW(SUB, MI, v),                                                                               \
        .test_rr = ROW(AND, RR, v),                                                                          \
        .test_ri = ROW(AND, RI, v),                                                                          \
    };
TABLE(V32)
TABLE(V16)

#undef R
#undef FN
#undef FUSED_KINDS
#undef ROW
#undef TABLE
