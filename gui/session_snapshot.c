#include "gui/session_snapshot.h"

#include <string.h>

#include "base/memory.h"
#include "gui/demo.h"
#include "gui/host_ports.h"
#include "gui/session.h"
#include "gui/typist.h"
#include "gui/video.h"
#include "machine/machine.h"
#include "machine/snapshot.h"

/* u64 cycle at which inputs enter next, 0: at once; the typist; the ports; the media that are at hand; u8 how
 * the guest ended the run. */
#define FRONT     "front"
#define FRONT_MAX (1u << 30)

bool session_save_snapshot(struct session *session, const char *path, struct error *err)
{
    struct section_writer *out = section_writer_create(&snapshot_format);
    struct blob front = {0};
    bool ok = snapshot_write(session->machine, out, err);
    if (ok) {
        blob_u64(&front, session->in_slice ? session->slice_end : 0);
        typist_write(session->typist, &front);
        host_ports_write(session->ports, &front);
        media_write(&session->media, &front);
        blob_u8(&front, (uint8_t)session->guest_end);
        section_begin(out, FRONT);
        section_add(out, front.bytes, front.size);
        section_end(out);
        ok = section_writer_save(out, path, err);
    }
    blob_free(&front);
    section_writer_free(out);
    return ok;
}

static bool is_guest_end(uint8_t end)
{
    return end == SESSION_RUNNING || end == SESSION_POWERED_OFF || end == SESSION_EXITED ||
           end == SESSION_TRIPLE_FAULT;
}

static bool read_front(struct session *session, const struct machine *machine, const struct blob *bytes,
                       bool check)
{
    struct blob_reader in = {bytes->bytes, bytes->size, false};
    uint64_t slice_end = read_u64(&in);
    bool ok = typist_read(check ? NULL : session->typist, &in) &&
              host_ports_read(check ? NULL : session->ports, &in) &&
              media_read(check ? NULL : &session->media, &in);
    uint8_t end = read_u8(&in);
    ok = ok && !in.failed && !in.left && is_guest_end(end);
    if (ok && !check) {
        /* A triple fault that does not end this run resets the machine. */
        bool goes_on = end == SESSION_TRIPLE_FAULT && machine_configuration(machine)->reset_on_triple_fault;
        session->guest_end = goes_on ? SESSION_RUNNING : (enum session_end)end;
        session->ended_before = session->guest_end != SESSION_RUNNING;
        session->slice_end = slice_end;
        session->in_slice = slice_end != 0;
    }
    return ok;
}

typedef bool read_function(struct machine *machine, const struct section_file *file, struct error *err);

/* The front end's part is known to be good before the machine's is taken over. */
static bool read_all(struct session *session, struct machine *machine, const struct section_file *file,
                     read_function *read_machine, struct error *err)
{
    struct blob front = {0};
    bool ok = section_load(file, FRONT, FRONT_MAX, &front, err) &&
              (read_front(session, machine, &front, true) ||
               error_set(err, "its account of typed text and ports is damaged"));
    if (!ok)
        error_prefix(err, "%s", section_file_path(file));
    ok = ok && read_machine(machine, file, err);
    if (ok)
        read_front(session, machine, &front, false);
    blob_free(&front);
    return ok;
}

bool session_load_snapshot(struct session *session, const char *path, struct error *err)
{
    struct section_file *file = section_file_open(path, &snapshot_format, err);
    uint64_t before = machine_cycles(session->machine);
    bool ok = file && read_all(session, session->machine, file, snapshot_return, err);
    section_file_close(file);
    if (ok) {
        if (session->video)
            video_clock_set(session->video, before);
        typist_destroy(session->fingers); /* that time is over */
        session->fingers = typist_create();
        media_use_machine(&session->media, session->machine);
        session->end = session->guest_end ? session->guest_end : SESSION_BREAK;
        pace_restart(&session->pace, machine_cycles(session->machine));
    }
    return ok;
}

/* What was named for a drive is not passed over for what the file names. */
static bool uses_given_media(const struct session *session, const struct machine *machine,
                             const struct section_file *file, struct error *err)
{
    for (unsigned i = 0; i < MACHINE_DRIVES; i++) {
        enum machine_media_slot slot = (enum machine_media_slot)i;
        const struct string_list *given = &session->options->media[i];
        const char *medium = machine_medium(machine, slot);
        if (given->count && medium && !media_has(&session->media, slot, medium))
            return error_set(err, "%s: it was saved with %s in %s, not %s; name that or a copy of it",
                             section_file_path(file), medium, machine_drive_name(slot), given->items[0]);
    }
    return true;
}

static struct machine *make_machine(struct session *session, const struct machine_config *given,
                                    const struct section_file *file, struct error *err)
{
    struct machine_config config;
    if (!snapshot_configure(file, given, &config, err))
        return NULL;
    struct machine *machine = NULL;
    if (demo_use_if_saved(&config, err))
        machine = machine_create(&config, err);
    if (!machine)
        error_prefix(err, "%s", section_file_path(file));
    machine_config_free(&config);
    if (machine && (!read_all(session, machine, file, snapshot_read, err) ||
                    !uses_given_media(session, machine, file, err))) {
        machine_destroy(machine);
        machine = NULL;
    }
    return machine;
}

struct machine *session_load_machine(struct session *session, const struct machine_config *given,
                                     struct error *err)
{
    const struct run_options *options = session->options;
    if (options->start_time == START_TIME_HOST) {
        error_set(err, "--time host does not go with --load: the snapshot's clock goes on; leave it out");
        return NULL;
    }
    struct section_file *file = section_file_open(options->load_path, &snapshot_format, err);
    struct machine *machine = file ? make_machine(session, given, file, err) : NULL;
    section_file_close(file);
    return machine;
}
