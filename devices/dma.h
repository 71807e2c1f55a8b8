/* The two 8237A DMA controllers of the AT and their page registers.
 * Intel 8237A datasheet; PIIX3 (82371SB) datasheet, section "DMA controller"; IBM AT Technical Reference.
 *
 * Channels 0-3 move bytes within 64 KB pages, channels 5-7 words within 128 KB pages; channel 4 cascades the
 * first controller into the second. Devices do not see bus cycles: when a device has data it calls
 * dma_to_memory() or dma_from_memory(), which moves as much as the channel is programmed for and says how far
 * it came. */
#ifndef TICK86_DEVICES_DMA_H
#define TICK86_DEVICES_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus/device.h"

#define DMA_CHANNELS 8

struct dma;

/* Created without config. */
extern const struct device_type dma_type;

/* A device's DREQ pin: seen in the status register. */
void dma_request(struct dma *dma, unsigned channel, bool level);

/* Would a request be served: controllers enabled, channel and cascade unmasked, channel not itself in cascade
 * mode? */
bool dma_ready(const struct dma *dma, unsigned channel);

/* Bytes up to and including terminal count. */
uint32_t dma_remaining(const struct dma *dma, unsigned channel);

/* The device drives LENGTH bytes (for channels 5-7 an even number) towards memory. Returns how many the
 * channel took: 0 if it is not ready, fewer than LENGTH where terminal count came first. *TERMINAL_COUNT (may
 * be NULL) tells whether it was reached; then the channel has masked itself, or in auto-initialize mode
 * starts again with the next call. In verify mode, and if the channel is programmed for the other direction,
 * bytes are counted but memory does not change. */
size_t dma_to_memory(struct dma *dma, unsigned channel, const void *bytes, size_t length,
                     bool *terminal_count);

/* Likewise from memory to the device. Bytes that memory does not drive (verify, other direction) read FFh. */
size_t dma_from_memory(struct dma *dma, unsigned channel, void *bytes, size_t length, bool *terminal_count);

#endif
