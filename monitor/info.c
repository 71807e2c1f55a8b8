/* "info WHAT": the table of what it shows. */
#include <string.h>

#include "bus/device.h"
#include "machine/machine.h"
#include "monitor/arguments.h"
#include "monitor/foreign.h"
#include "monitor/monitor_private.h"

/* clang-format off */
const struct monitor_command monitor_infos[] = {
    {"registers", "r reg regs", "[NAME ...|all]", "the processor's registers, or some by name", command_registers, false},
    {"all-registers", "all", "", "all registers, x87 included", info_all_registers, false},
    {"eflags", "flags", "", "the flags by name", command_flags, false},
    {"segments", "sreg", "", "segment registers with their hidden parts, descriptor table registers", command_segments, false},
    {"control", "creg cr", "", "control registers with their bits", command_control_registers, false},
    {"debug", "dreg dr", "", "debug registers with their bits", command_debug_registers, false},
    {"fpu", "fp float", "", "the x87 unit", command_fpu, false},
    {"mmx", "vector", "", "the MMX registers", command_mmx, false},
    {"msr", "", "[NUMBER|NAME|all]", "model-specific registers", command_msr, false},
    {"cpu", "", "", "the processor's model, mode, activity and pins", info_cpu, false},
    {"pages", "tab", "", "all that is mapped: linear to physical, with rights", info_pages, false},
    {"mem", "rights", "", "all that is mapped, by rights", info_rights, false},
    {"gdt", "", "[FROM [TO]]", "the global descriptor table, or some of its entries", info_gdt, false},
    {"ldt", "", "[FROM [TO]]", "the local descriptor table", info_ldt, false},
    {"idt", "", "[FROM [TO]]", "the interrupt descriptor table; in real mode the vectors", info_idt, false},
    {"ivt", "", "[FROM [TO]]", "the interrupt vectors of real mode", info_ivt, false},
    {"tss", "", "[SELECTOR]", "the task-state segment and its I/O map", info_tss, false},
    {"stack", "", "[WORDS]", "words on the stack, with guesses at return addresses", command_stack, false},
    {"frame", "", "", "the calls that led here, by BP", command_backtrace, false},
    {"bda", "", "", "the BIOS data area", info_bda, false},
    {"ebda", "", "", "the extended BIOS data area", info_ebda, false},
    {"e820", "", "", "the BIOS's map of memory", info_e820, false},
    {"boot", "mbr bpb disk", "[ADDRESS|fda|hda ... [SECTOR]]", "a boot sector: its BPB or partition table; 7c00 if nothing is said", info_boot, false},
    {"tlb", "", "", "the translations that the processor remembers", info_tlb, false},
    {"media", "", "", "the drives, what is in them and what is at hand", command_media, false},
    {"display", "", "", "what is shown at each stop", info_display, false},
    {"breakpoints", "b break watchpoints wat", "[N ...]", "breakpoints and watchpoints, or some of them", info_breakpoints, false},
    {"devices", "devs", "", "the devices of this board", info_devices, false},
    {"device", "dev", "[NAME|all]", "all registers of a device, its ports and its events", info_device, false},
    {"state", "", "DEVICE [FIELD]", "all that a snapshot saves of a device, by name", info_state, false},
    {"ports", "io", "[DEVICE|FROM [TO]]", "I/O ports: who has them and what they would read", info_ports, false},
    {"pci", "", "", "devices on the PCI bus", info_pci, false},
    {"map", "mtree", "", "the physical memory map", info_map, false},
    {"events", "event", "", "the queue of events", info_events, false},
    {"log", "", "", "which categories of the log are on", info_log, false},
    {NULL, NULL, NULL, NULL, NULL, false},
};
/* clang-format on */

enum monitor_result info_all_registers(struct monitor *monitor, const char *format, const char *arguments,
                                       struct error *err)
{
    (void)arguments;
    return command_registers(monitor, format, "all", err);
}

/* What ARGUMENTS ask for: a row, or NULL and a device's name. *REST: what follows. False with ERR. */
static bool find_info(struct monitor *monitor, const char *arguments, const struct monitor_command **row,
                      char device[32], const char **rest, struct error *err)
{
    size_t length = strcspn(arguments, " \t");
    *rest = arguments + length + strspn(arguments + length, " \t");
    *row = find_command(monitor_infos, arguments, length);
    if (*row)
        return arguments_fit(*row, "info ", "", *rest, err);
    snprintf(device, 32, "%.*s", (int)length, arguments);
    if (!monitor->machine || device_find(machine_devices(monitor->machine), device))
        return !**rest ||
               error_set(err, "nothing follows info %s; leave '%s' out, or say info state %s FIELD", device,
                         *rest, device);
    const char *answer = foreign_info(arguments, length);
    if (answer)
        return error_set(err, "info %.*s: %s", (int)length, arguments, answer);
    return error_set(err, "info cannot show '%.*s'; info alone lists what it can", (int)length, arguments);
}

bool info_check(struct monitor *monitor, const char *arguments, struct error *err)
{
    const struct monitor_command *row;
    const char *rest;
    char device[32];
    return !*arguments || (find_info(monitor, arguments, &row, device, &rest, err) &&
                           (!row || arguments_check_words(row, rest, err)));
}

enum monitor_result command_info(struct monitor *monitor, const char *format, const char *arguments,
                                 struct error *err)
{
    const struct monitor_command *row;
    const char *rest;
    char device[32];
    if (!*arguments) {
        print_commands(monitor, monitor_infos, "info ");
        return MONITOR_DONE;
    }
    if (!find_info(monitor, arguments, &row, device, &rest, err))
        return MONITOR_FAILED;
    return row ? row->run(monitor, format, rest, err) : info_device(monitor, format, device, err);
}
