#include "tests/fuzz/fuzz.h"

#include <execinfo.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* --- random numbers: splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators") ---
 */

uint64_t fuzz_u64(struct fuzz_random *r)
{
    uint64_t z = r->state += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

uint32_t fuzz_u32(struct fuzz_random *r)
{
    return (uint32_t)(fuzz_u64(r) >> 32);
}

uint32_t fuzz_below(struct fuzz_random *r, uint32_t n)
{
    return (uint32_t)((uint64_t)fuzz_u32(r) * n >> 32);
}

bool fuzz_chance(struct fuzz_random *r, uint32_t n)
{
    return fuzz_below(r, n) == 0;
}

void fuzz_bytes(struct fuzz_random *r, void *bytes, size_t count)
{
    uint8_t *at = bytes;
    for (size_t i = 0; i < count; i++)
        at[i] = (uint8_t)fuzz_u32(r);
}

uint32_t fuzz_value(struct fuzz_random *r)
{
    uint32_t power = 1u << fuzz_below(r, 32);
    switch (fuzz_below(r, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT32_MAX;
    case 2:
        return power;
    case 3:
        return power - 1;
    case 4:
        return 0 - power;
    case 5:
        return fuzz_below(r, 16);
    case 6:
        return fuzz_below(r, 256);
    default:
        return fuzz_u32(r);
    }
}

/* --- what to say when the program dies: the only state here that outlives a call --- */

static struct {
    const char *name;
    uint64_t seed;
    bool running;
    char note[512];
} now_running;

void fuzz_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(now_running.note, sizeof now_running.note, format, args);
    va_end(args);
}

const char *fuzz_last_note(void)
{
    return now_running.note;
}

static void say_where(const char *what)
{
    if (!now_running.running)
        return;
    char line[1024];
    int length = snprintf(line, sizeof line,
                          "%s: %s in the case of seed %" PRIu64 "%s%s; again: --seed %" PRIu64 " --count 1\n",
                          now_running.name, what, now_running.seed, now_running.note[0] ? ", " : "",
                          now_running.note, now_running.seed);
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
        return;
}

/* AddressSanitizer calls this before it ends the program; without it the name is not there. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void sanitizer_dies(void)
{
    say_where("a sanitizer's finding");
    now_running.running = false;
}

static void signal_caught(int number)
{
    bool hang = number == SIGPROF || number == SIGALRM;
    say_where(hang ? "a hang" : "a crash");
    void *frames[48];
    backtrace_symbols_fd(frames, backtrace(frames, 48), STDERR_FILENO);
    _exit(hang ? 3 : 4);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPROF, SIGALRM};
    void *frames[1];
    backtrace(frames, 1); /* loads its library now, not in the handler */
    bool sanitized = __sanitizer_set_death_callback;
    if (sanitized)
        __sanitizer_set_death_callback(sanitizer_dies);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!sanitized || numbers[i] == SIGPROF || numbers[i] == SIGALRM)
            signal(numbers[i], signal_caught);
}

/* Both processor time and, for a case that sleeps, six times as much real time. */
static void watch_for_hang(unsigned seconds)
{
    struct itimerval timer = {.it_value.tv_sec = (time_t)seconds};
    setitimer(ITIMER_PROF, &timer, NULL);
    alarm(6 * seconds);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- the command line --- */

struct choices {
    uint64_t seed, count;
    double seconds;
    bool verbose;
};

static bool take_arguments(int argc, char **argv, struct choices *out)
{
    *out = (struct choices){.seed = 1, .count = UINT64_MAX, .seconds = 10};
    for (int i = 1; i < argc; i++) {
        char *end = NULL;
        if (!strcmp(argv[i], "--verbose")) {
            out->verbose = true;
            continue;
        }
        if (i + 1 == argc)
            return false;
        if (!strcmp(argv[i], "--seed")) {
            out->seed = strtoull(argv[++i], &end, 0);
        } else if (!strcmp(argv[i], "--count")) {
            out->count = strtoull(argv[++i], &end, 0);
            out->seconds = 1e9;
        } else if (!strcmp(argv[i], "--seconds")) {
            out->seconds = strtod(argv[++i], &end);
        }
        if (!end || *end)
            return false;
    }
    return true;
}

int fuzz_main(int argc, char **argv, const char *name, unsigned hang_seconds, fuzz_case_fn *run)
{
    struct choices choices;
    if (!take_arguments(argc, argv, &choices)) {
        fprintf(stderr, "usage: %s [--seed N] [--seconds S | --count N] [--verbose]\n", name);
        return 2;
    }
    catch_signals();
    double start = seconds_now();
    uint64_t done = 0;
    now_running.name = name;
    while (done < choices.count && (!done || seconds_now() - start < choices.seconds)) {
        now_running.seed = choices.seed + done;
        now_running.note[0] = 0;
        now_running.running = true;
        watch_for_hang(hang_seconds);
        bool fine = run(now_running.seed, choices.verbose);
        watch_for_hang(0);
        now_running.running = false;
        if (!fine) {
            fprintf(stderr, "%s: failed; again: --seed %" PRIu64 " --count 1\n", name, now_running.seed);
            return 1;
        }
        done++;
    }
    printf("%s: %" PRIu64 " cases from seed %" PRIu64 ", %.1f s\n", name, done, choices.seed,
           seconds_now() - start);
    return 0;
}
