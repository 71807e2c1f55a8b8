/* Instructions that are joined with those behind them (cpu/fast_pairs.c) do what they do one by one: all
 * sequences of three from what is joined and what only looks like it. */
#include <check.h>
#include <string.h>

#include "cpu/insn.h"
#include "tests/differential/interpreter.h"

struct code {
    uint8_t length, bytes[6];
};
#define CODE(...)                                                                                            \
    {                                                                                                        \
        sizeof((uint8_t[]){__VA_ARGS__}),                                                                    \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }

/* Between EAX, ECX and ESP; ESI points to data. */
static const struct code firsts[] = {
    CODE(0x89, 0xC0),             /* MOV EAX,EAX */
    CODE(0x89, 0xC8),             /* MOV EAX,ECX */
    CODE(0x8B, 0xC1),             /* the same */
    CODE(0x89, 0xC1),             /* MOV ECX,EAX */
    CODE(0x89, 0xE0),             /* MOV EAX,ESP */
    CODE(0x89, 0xC4),             /* MOV ESP,EAX */
    CODE(0x8B, 0x06),             /* MOV EAX,[ESI] */
    CODE(0x8B, 0x04, 0x24),       /* MOV EAX,[ESP] */
    CODE(0xB8, 0x44, 3, 2, 1),    /* MOV EAX,imm */
    CODE(0xBC, 0x44, 0, 2, 0x10), /* MOV ESP,imm */
    CODE(0x50),                   /* PUSH EAX */
    CODE(0x54),                   /* PUSH ESP */
    CODE(0x58),                   /* POP EAX */
    CODE(0x5C),                   /* POP ESP */
};
static const struct code others[] = {
    CODE(0xC1, 0xE0, 5),          /* SHL EAX,5 */
    CODE(0xC1, 0xE0, 32),         /* SHL EAX,0, as the processor takes it */
    CODE(0xC1, 0xE8, 5),          /* SHR EAX,5 */
    CODE(0xC1, 0xF8, 5),          /* SAR EAX,5 */
    CODE(0xC1, 0x26, 5),          /* SHL DWORD [ESI],5 */
    CODE(0x83, 0xC0, 0x81),       /* ADD EAX,imm */
    CODE(0x83, 0xE9, 0x81),       /* SUB ECX,imm */
    CODE(0x83, 0x06, 0x81),       /* ADD DWORD [ESI],imm */
    CODE(0x01, 0xC0),             /* ADD EAX,EAX */
    CODE(0x01, 0xC8),             /* ADD EAX,ECX */
    CODE(0x01, 0xC1),             /* ADD ECX,EAX */
    CODE(0x29, 0xC8),             /* SUB EAX,ECX */
    CODE(0x31, 0xC1),             /* XOR ECX,EAX */
    CODE(0x01, 0x06),             /* ADD [ESI],EAX */
    CODE(0x31, 0x0E),             /* XOR [ESI],ECX */
    CODE(0x11, 0xC9),             /* ADC ECX,ECX */
    CODE(0x50),                   /* PUSH EAX */
    CODE(0x54),                   /* PUSH ESP */
    CODE(0x58),                   /* POP EAX */
    CODE(0x5C),                   /* POP ESP */
    CODE(0x8F, 0x06),             /* POP DWORD [ESI] */
    CODE(0xC3),                   /* RET */
    CODE(0xC2, 8, 0),             /* RET 8 */
    CODE(0xE8, 0, 0, 0, 0),       /* CALL, to the next instruction */
    CODE(0xE8, 0, 0, 2, 0),       /* CALL, past the segment's end where it has one */
    CODE(0x85, 0xC0),             /* TEST EAX,EAX */
    CODE(0x85, 0xC8),             /* TEST EAX,ECX */
    CODE(0x85, 0xC1),             /* TEST ECX,EAX */
    CODE(0x85, 0x06),             /* TEST [ESI],EAX */
    CODE(0x7F, 1),                /* JG */
    CODE(0x78, 1),                /* JS */
    CODE(0x0F, 0x85, 0, 0, 2, 0), /* JNZ, past the segment's end */
    CODE(0x0F, 0x8E, 0, 0, 2, 0), /* JLE, likewise */
};
enum { FIRSTS = sizeof firsts / sizeof *firsts, OTHERS = sizeof others / sizeof *others, DATA_BYTES = 64 };

/* The stack's pages end at both sides. */
static const struct {
    uint16_t code, esp;
} setups[] = {{FLAT_CODE, 256}, {FLAT_CODE, 4}, {FLAT_CODE, PAGE - 4}, {0, 256}}; /* 0: with a limit */

static void set_up(struct interpreter *in, unsigned setup, struct machine_state *s)
{
    uint16_t cs = setups[setup].code ? setups[setup].code : ldt_selector(LDT_CODE32);
    uint32_t base = setups[setup].code ? 0 : ldt_rows[LDT_CODE32].base;
    *s = (struct machine_state){.eip = areas[AREA_CODE].linear - base, .eflags = 0x202, .x87.control = 0x37F};
    for (unsigned i = 0; i < 6; i++)
        s->segment[i] = i == SEG_CS ? cs : FLAT_DATA;
    s->gpr[RAX] = 0x80000001;
    s->gpr[RCX] = 0x12345678;
    s->gpr[RSI] = areas[AREA_DATA].linear;
    s->gpr[RSP] = areas[AREA_STACK].linear + setups[setup].esp;
    memset(interpreter_area(in, AREA_DATA), 0x90, DATA_BYTES);
    uint32_t *stack = (uint32_t *)(void *)interpreter_area(in, AREA_STACK);
    for (unsigned i = 0; i < PAGE / 4; i++)
        stack[i] = s->eip + (i & 1 ? 0x20000 : 64); /* where a RET leads */
}

/* What SEQUENCE comes to, by steps or BLOCKS; MEMORY: stack and data. */
static void run(struct interpreter *in, const struct code *const sequence[3], unsigned setup, bool blocks,
                struct outcome *out, uint8_t memory[PAGE + DATA_BYTES])
{
    struct machine_state s;
    uint8_t *at = interpreter_area(in, AREA_CODE);
    memset(at, 0x0F, 128); /* 0F 0F: no instruction */
    for (unsigned i = 0; i < 3; at += sequence[i++]->length)
        memcpy(at, sequence[i]->bytes, sequence[i]->length);
    set_up(in, setup, &s);
    interpreter_code_changed(in);
    interpreter_load(in, &s, true);
    if (blocks)
        interpreter_run_blocks(in);
    else
        interpreter_run_steps(in, 50);
    interpreter_outcome(in, out);
    memcpy(memory, interpreter_area(in, AREA_STACK), PAGE);
    memcpy(memory + PAGE, interpreter_area(in, AREA_DATA), DATA_BYTES);
}

START_TEST(three_at_once_are_three_one_by_one)
{
    struct interpreter *in = interpreter_create(cpu_model_find("p6"));
    for (unsigned i = 0; i < FIRSTS * OTHERS * OTHERS; i++) {
        const struct code *sequence[3] = {&firsts[i % FIRSTS], &others[i / FIRSTS % OTHERS],
                                          &others[i / FIRSTS / OTHERS]};
        struct outcome steps, blocks;
        uint8_t memory[2][PAGE + DATA_BYTES];
        run(in, sequence, (unsigned)_i, false, &steps, memory[0]);
        run(in, sequence, (unsigned)_i, true, &blocks, memory[1]);
        ck_assert_msg(!memcmp(&steps, &blocks, sizeof steps) &&
                          !memcmp(memory[0], memory[1], sizeof memory[0]),
                      "first %u, others %u and %u: eax %08x and %08x, ecx %08x and %08x, esp %08x and %08x, "
                      "eip %08x and %08x, eflags %08x and %08x, vector %u and %u",
                      i % FIRSTS, i / FIRSTS % OTHERS, i / FIRSTS / OTHERS, steps.state.gpr[RAX],
                      blocks.state.gpr[RAX], steps.state.gpr[RCX], blocks.state.gpr[RCX],
                      steps.state.gpr[RSP], blocks.state.gpr[RSP], steps.state.eip, blocks.state.eip,
                      steps.state.eflags, blocks.state.eflags, steps.vector, blocks.vector);
    }
    interpreter_destroy(in);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("neighbours");
    TCase *tests = tcase_create("neighbours");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, three_at_once_are_three_one_by_one, 0, sizeof setups / sizeof *setups);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
