/* Two 8259A programmable interrupt controllers in cascade, with ELCR.
 * Intel 8259A datasheet (231468-003); 82371SB datasheet, sections 2.5.3 and 2.5.4. */
#include "devices/pic.h"

#define CASCADE_IR 2

enum { ICW1_IC4 = 0x01, ICW1_SNGL = 0x02, ICW1_ADI = 0x04, ICW1_INIT = 0x10 };
enum { ICW4_UPM = 0x01, ICW4_AEOI = 0x02, ICW4_SFNM = 0x10 };
enum {
    OCW3_RIS = 0x01,
    OCW3_RR = 0x02,
    OCW3_POLL = 0x04,
    OCW3_SELECT = 0x08,
    OCW3_SMM = 0x20,
    OCW3_ESMM = 0x40
};

/* Inputs whose trigger mode ELCR can change: not the timer, keyboard, cascade, clock and coprocessor. */
static const uint8_t elcr_writable[2] = {0xF8, 0xDE};

static uint8_t icw(const struct pic_chip *chip, unsigned number)
{
    return chip->icw[number - 1];
}

/* ICW4 counts as zero where ICW1 said that there is none. */
static uint8_t icw4(const struct pic_chip *chip)
{
    return icw(chip, 1) & ICW1_IC4 ? icw(chip, 4) : 0;
}

static bool is_master(const struct pic *pic, const struct pic_chip *chip)
{
    return chip == &pic->chip[0];
}

/* The member of SET (a mask of inputs) with the highest priority, -1 if SET is empty. */
static int highest(const struct pic_chip *chip, uint8_t set)
{
    for (unsigned i = 1; i <= 8; i++) {
        unsigned ir = (chip->lowest + i) & 7;
        if (set & 1u << ir)
            return (int)ir;
    }
    return -1;
}

/* The input that the chip asks to be served, -1 if none: the best request that is not masked, if nothing of
 * its own or a higher priority is in service. */
static int requested(const struct pic *pic, const struct pic_chip *chip)
{
    uint8_t requests = chip->irr & (uint8_t)~chip->imr;
    if (!requests || chip->expected)
        return -1;
    /* In special mask mode, what is in service but masked blocks nobody. */
    uint8_t blocking = chip->special_mask ? chip->isr & (uint8_t)~chip->imr : chip->isr;
    /* In special fully nested mode, a slave in service may interrupt again. */
    uint8_t nesting = is_master(pic, chip) && icw4(chip) & ICW4_SFNM ? icw(chip, 3) : 0;
    for (unsigned i = 1; i <= 8; i++) {
        unsigned ir = (chip->lowest + i) & 7;
        uint8_t bit = (uint8_t)(1u << ir);
        if (requests & bit && !(blocking & bit & ~nesting))
            return (int)ir;
        if (blocking & bit)
            return -1;
    }
    return -1;
}

static void set_line(struct pic *pic, unsigned which, unsigned ir, bool level);

/* Works out INT anew and passes it on if it changed. */
static void update_output(struct pic *pic, unsigned which)
{
    struct pic_chip *chip = &pic->chip[which];
    bool output = requested(pic, chip) >= 0;
    if (output == chip->output)
        return;
    chip->output = output;
    if (which == 0)
        wire_set(&pic->intr, output);
    else
        set_line(pic, 0, CASCADE_IR, output);
}

/* In edge mode a request needs a rising edge and lasts while the line stays high; in level mode it is the
 * line. In both, a line that falls before INTA takes its request with it. */
static void set_line(struct pic *pic, unsigned which, unsigned ir, bool level)
{
    struct pic_chip *chip = &pic->chip[which];
    uint8_t bit = (uint8_t)(1u << ir);
    bool rising = level && !(chip->lines & bit);
    if (level)
        chip->lines |= bit;
    else
        chip->lines &= (uint8_t)~bit;
    if (!level)
        chip->irr &= (uint8_t)~bit;
    else if (rising || chip->elcr & bit)
        chip->irr |= bit;
    update_output(pic, which);
}

void pic_set_irq(void *state, unsigned pin, bool level)
{
    struct pic *pic = state;
    unsigned irq = pin & 15;
    uint16_t source = (uint16_t)(1u << (pin >> 4 & 15));
    if (irq == CASCADE_IR)
        return;
    if (level)
        pic->sources[irq] |= source;
    else
        pic->sources[irq] &= (uint16_t)~source;
    set_line(pic, irq >> 3, irq & 7, pic->sources[irq] != 0);
}

static void auto_eoi(struct pic *pic, unsigned which, unsigned ir)
{
    struct pic_chip *chip = &pic->chip[which];
    chip->isr &= (uint8_t) ~(1u << ir);
    if (chip->rotate_on_aeoi)
        chip->lowest = (uint8_t)ir;
    update_output(pic, which);
}

/* The first INTA pulse, or a poll: takes the best request into service. INT falls here, so that the next
 * request makes an edge. Returns -1 if there is none. */
static int take_request(struct pic *pic, unsigned which)
{
    struct pic_chip *chip = &pic->chip[which];
    int ir = requested(pic, chip);
    if (ir < 0)
        return -1;
    uint8_t bit = (uint8_t)(1u << ir);
    chip->isr |= bit;
    if (!(chip->elcr & bit))
        chip->irr &= (uint8_t)~bit;
    if (chip->output) {
        chip->output = false;
        if (which == 0)
            wire_set(&pic->intr, false);
        else
            set_line(pic, 0, CASCADE_IR, false);
    }
    update_output(pic, which);
    return ir;
}

static uint8_t vector_of(const struct pic_chip *chip, unsigned ir)
{
    if (icw4(chip) & ICW4_UPM)
        return (uint8_t)((icw(chip, 2) & 0xF8) | ir);
    /* MCS-80/85 mode: the second INTA reads the low byte of the CALL's address, which is all that an 80x86
     * sees. */
    if (icw(chip, 1) & ICW1_ADI)
        return (uint8_t)((icw(chip, 1) & 0xE0) | ir << 2);
    return (uint8_t)((icw(chip, 1) & 0xC0) | ir << 3);
}

static bool cascaded(const struct pic_chip *master, unsigned ir)
{
    return !(icw(master, 1) & ICW1_SNGL) && icw(master, 3) & 1u << ir;
}

static bool slave_answers(const struct pic_chip *slave, unsigned ir)
{
    return ir == CASCADE_IR && (icw(slave, 3) & 7) == ir && !(icw(slave, 1) & ICW1_SNGL);
}

/* INTA at one chip: service, vector, automatic end of interrupt. */
static uint8_t acknowledge_chip(struct pic *pic, unsigned which, int *served)
{
    struct pic_chip *chip = &pic->chip[which];
    *served = take_request(pic, which);
    return vector_of(chip, *served < 0 ? 7 : (unsigned)*served);
}

uint8_t pic_acknowledge(struct pic *pic)
{
    struct pic_chip *master = &pic->chip[0], *slave = &pic->chip[1];
    int ir, slave_ir;
    uint8_t vector = acknowledge_chip(pic, 0, &ir);
    if (ir < 0) {
        log_line(pic->dev.log, "pic", "spurious interrupt, vector %02Xh", vector);
        return vector;
    }
    if (cascaded(master, (unsigned)ir)) {
        vector = 0xFF; /* nobody drives the bus */
        if (slave_answers(slave, (unsigned)ir)) {
            vector = acknowledge_chip(pic, 1, &slave_ir);
            if (slave_ir >= 0 && icw4(slave) & ICW4_AEOI)
                auto_eoi(pic, 1, (unsigned)slave_ir);
        } else {
            log_line(pic->dev.log, "pic", "no slave answers INTA for IR%d: ICW3 of the slave is %02Xh", ir,
                     icw(slave, 3));
        }
    }
    if (icw4(master) & ICW4_AEOI)
        auto_eoi(pic, 0, (unsigned)ir);
    return vector;
}

int pic_pending_vector(const struct pic *pic)
{
    const struct pic_chip *master = &pic->chip[0], *slave = &pic->chip[1];
    int ir = requested(pic, master);
    if (ir < 0)
        return -1;
    if (!cascaded(master, (unsigned)ir))
        return vector_of(master, (unsigned)ir);
    if (!slave_answers(slave, (unsigned)ir))
        return 0xFF;
    int slave_ir = requested(pic, slave);
    return vector_of(slave, slave_ir < 0 ? 7 : (unsigned)slave_ir);
}

static void write_icw1(struct pic *pic, unsigned which, uint8_t value)
{
    struct pic_chip *chip = &pic->chip[which];
    chip->icw[0] = value;
    chip->icw[3] = 0;
    /* The edge sense circuit is reset: an input must go low and high again; level inputs ask at once. */
    chip->irr = chip->lines & chip->elcr;
    chip->imr = 0;
    chip->isr = 0;
    chip->lowest = 7;
    chip->rotate_on_aeoi = false;
    chip->special_mask = false;
    chip->read_isr = false;
    chip->poll = false;
    chip->expected = 2;
    update_output(pic, which);
}

static void write_next_icw(struct pic *pic, unsigned which, uint8_t value)
{
    struct pic_chip *chip = &pic->chip[which];
    unsigned number = chip->expected;
    chip->icw[number - 1] = value;
    bool more3 = number == 2 && !(icw(chip, 1) & ICW1_SNGL);
    bool more4 = number != 4 && icw(chip, 1) & ICW1_IC4;
    chip->expected = more3 ? 3 : more4 ? 4 : 0;
    update_output(pic, which);
}

/* The in-service bit that a non-specific EOI ends. In special mask mode masked ones are passed over. */
static int ending(const struct pic_chip *chip)
{
    return highest(chip, chip->special_mask ? chip->isr & (uint8_t)~chip->imr : chip->isr);
}

static void end_interrupt(struct pic_chip *chip, int ir, bool rotate)
{
    if (ir < 0)
        return;
    chip->isr &= (uint8_t) ~(1u << ir);
    if (rotate)
        chip->lowest = (uint8_t)ir;
}

static void write_ocw2(struct pic *pic, unsigned which, uint8_t value)
{
    struct pic_chip *chip = &pic->chip[which];
    int level = value & 7;
    switch (value >> 5) {
    case 0: /* rotate in automatic EOI mode (clear) */
    case 4: /* ... (set) */
        chip->rotate_on_aeoi = value & 0x80;
        break;
    case 1:
        end_interrupt(chip, ending(chip), false);
        break;
    case 3:
        end_interrupt(chip, level, false);
        break;
    case 5:
        end_interrupt(chip, ending(chip), true);
        break;
    case 6: /* set priority */
        chip->lowest = (uint8_t)level;
        break;
    case 7:
        end_interrupt(chip, level, true);
        break;
    default: /* 2: no operation */
        break;
    }
    update_output(pic, which);
}

static void write_ocw3(struct pic *pic, unsigned which, uint8_t value)
{
    struct pic_chip *chip = &pic->chip[which];
    if (value & OCW3_ESMM)
        chip->special_mask = value & OCW3_SMM;
    chip->poll = value & OCW3_POLL;
    if (!chip->poll && value & OCW3_RR)
        chip->read_isr = value & OCW3_RIS;
    update_output(pic, which);
}

static unsigned chip_at(uint16_t port)
{
    return port & 0x80 ? 1 : 0;
}

static void write_command(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct pic *pic = state;
    (void)size;
    if (value & ICW1_INIT)
        write_icw1(pic, chip_at(port), (uint8_t)value);
    else if (value & OCW3_SELECT)
        write_ocw3(pic, chip_at(port), (uint8_t)value);
    else
        write_ocw2(pic, chip_at(port), (uint8_t)value);
}

static void write_data(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct pic *pic = state;
    struct pic_chip *chip = &pic->chip[chip_at(port)];
    (void)size;
    if (chip->expected) {
        write_next_icw(pic, chip_at(port), (uint8_t)value);
    } else {
        chip->imr = (uint8_t)value;
        update_output(pic, chip_at(port));
    }
}

/* A read after the poll command is an INTA that gives the input's number. */
static uint8_t read_poll(struct pic *pic, unsigned which)
{
    struct pic_chip *chip = &pic->chip[which];
    chip->poll = false;
    int ir = take_request(pic, which);
    if (ir < 0)
        return 0;
    if (icw4(chip) & ICW4_AEOI)
        auto_eoi(pic, which, (unsigned)ir);
    return (uint8_t)(0x80 | ir);
}

static uint32_t peek_register(void *state, uint16_t port, unsigned size)
{
    struct pic *pic = state;
    struct pic_chip *chip = &pic->chip[chip_at(port)];
    (void)size;
    if (chip->poll) {
        int ir = requested(pic, chip);
        return ir < 0 ? 0 : 0x80u | (unsigned)ir;
    }
    if (port & 1)
        return chip->imr;
    return chip->read_isr ? chip->isr : chip->irr;
}

static uint32_t read_register(void *state, uint16_t port, unsigned size)
{
    struct pic *pic = state;
    if (pic->chip[chip_at(port)].poll)
        return read_poll(pic, chip_at(port));
    return peek_register(state, port, size);
}

static uint32_t read_elcr(void *state, uint16_t port, unsigned size)
{
    struct pic *pic = state;
    (void)size;
    return pic->chip[port & 1].elcr;
}

static void write_elcr(void *state, uint16_t port, uint32_t value, unsigned size)
{
    struct pic *pic = state;
    unsigned which = port & 1;
    struct pic_chip *chip = &pic->chip[which];
    (void)size;
    uint8_t old = chip->elcr;
    chip->elcr = (uint8_t)value & elcr_writable[which];
    /* What became level triggered asks while it is high; what became edge triggered waits for an edge. */
    uint8_t changed = old ^ chip->elcr;
    chip->irr = (uint8_t)((chip->irr & ~changed) | (changed & chip->elcr & chip->lines));
    update_output(pic, which);
}

static void pic_reset(void *state, enum reset_kind kind)
{
    struct pic *pic = state;
    (void)kind;
    for (unsigned which = 2; which-- > 0;) {
        struct pic_chip *chip = &pic->chip[which];
        /* The inputs belong to others. Undefined after power-on by the datasheet; here all is masked. */
        *chip = (struct pic_chip){.lines = chip->lines, .output = chip->output, .imr = 0xFF, .lowest = 7};
        chip->icw[0] = ICW1_INIT | ICW1_IC4;
        chip->icw[2] = which ? CASCADE_IR : 1u << CASCADE_IR;
        chip->icw[3] = ICW4_UPM;
        update_output(pic, which);
    }
}

static void pic_print(const void *state, struct text *out)
{
    const struct pic *pic = state;
    static const char *const names[2] = {"master", "slave"};
    for (unsigned which = 0; which < 2; which++) {
        const struct pic_chip *chip = &pic->chip[which];
        text_add(out, "%s: irr %02X isr %02X imr %02X elcr %02X lines %02X int %d\n", names[which], chip->irr,
                 chip->isr, chip->imr, chip->elcr, chip->lines, chip->output);
        text_add(out,
                 "  icw1 %02X icw2 (vectors) %02X icw3 %02X icw4 %02X lowest priority IR%u%s%s%s%s%s%s\n",
                 icw(chip, 1), icw(chip, 2), icw(chip, 3), icw4(chip), chip->lowest,
                 icw4(chip) & ICW4_AEOI ? " aeoi" : "", icw4(chip) & ICW4_SFNM ? " sfnm" : "",
                 chip->rotate_on_aeoi ? " rotate-on-aeoi" : "", chip->special_mask ? " special-mask" : "",
                 chip->poll ? " poll" : "", chip->expected ? " initialising" : "");
    }
    int vector = pic_pending_vector(pic);
    if (vector >= 0)
        text_add(out, "pending vector %02Xh\n", (unsigned)vector);
}

static const struct field chip_fields[] = {
    FIELD(struct pic_chip, lines),
    FIELD(struct pic_chip, irr),
    FIELD(struct pic_chip, isr),
    FIELD(struct pic_chip, imr),
    FIELD(struct pic_chip, elcr),
    FIELD_BYTES(struct pic_chip, icw),
    FIELD_RANGE(struct pic_chip, expected, 0, 4),
    FIELD_RANGE(struct pic_chip, lowest, 0, 7),
    FIELD_RANGE(struct pic_chip, rotate_on_aeoi, 0, 1),
    FIELD_RANGE(struct pic_chip, special_mask, 0, 1),
    FIELD_RANGE(struct pic_chip, read_isr, 0, 1),
    FIELD_RANGE(struct pic_chip, poll, 0, 1),
    FIELD_RANGE(struct pic_chip, output, 0, 1),
    FIELD_END,
};

static const struct field pic_fields[] = {
    FIELD_STRUCTS(struct pic, chip, chip_fields),
    FIELD_ARRAY(struct pic, sources),
    FIELD_END,
};

static bool pic_post_load(void *state, struct error *err)
{
    struct pic *pic = state;
    for (unsigned which = 0; which < 2; which++)
        if (pic->chip[which].expected == 1)
            return error_set(err, "pic: expects ICW1 at the odd port, which cannot be");
    return true;
}

static const struct port_row pic_ports[] = {
    {.base = 0x20,
     .count = 1,
     .name = "master ICW1/OCW2/OCW3",
     .read = read_register,
     .write = write_command,
     .peek = peek_register},
    {.base = 0x21,
     .count = 1,
     .name = "master ICW2-4/OCW1",
     .read = read_register,
     .write = write_data,
     .peek = peek_register},
    {.base = 0xA0,
     .count = 1,
     .name = "slave ICW1/OCW2/OCW3",
     .read = read_register,
     .write = write_command,
     .peek = peek_register},
    {.base = 0xA1,
     .count = 1,
     .name = "slave ICW2-4/OCW1",
     .read = read_register,
     .write = write_data,
     .peek = peek_register},
    {.base = 0x4D0, .count = 2, .name = "ELCR", .read = read_elcr, .write = write_elcr},
    {0},
};

const struct device_type pic_type = {
    .name = "pic",
    .title = "8259A interrupt controllers",
    .state_size = sizeof(struct pic),
    .ports = pic_ports,
    .fields = pic_fields,
    .reset = pic_reset,
    .post_load = pic_post_load,
    .print = pic_print,
};
