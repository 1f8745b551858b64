package io.ringfence.dataplane.doctor;

import static io.ringfence.dataplane.doctor.Symptom.removed;
import static io.ringfence.dataplane.doctor.Symptom.written;

import io.ringfence.dataplane.doctor.Finding.Level;
import java.io.IOException;
import java.util.stream.Stream;

/** What the doctor finds when the kernel is not as it should be, or is set up otherwise. */
final class KernelSymptoms {
    private KernelSymptoms() {}

    static Stream<Symptom> all() {
        String rt = "/proc/sys/kernel/sched_rt_runtime_us";
        String debug = "/sys/kernel/debug";
        String release = "/proc/sys/kernel/osrelease";
        return Stream.of(
                written(Level.ERROR, "kernel", "3.13.0 has no SCHED_DEADLINE", "install", release, "3.13.0"),
                written(Level.ERROR, "kernel", "5.7.19 cannot read eventfds", "install", release, "5.7.19"),
                written(Level.WARNING, "kernel", "5.8.0-1 has neither MADV", "install", release, "5.8.0-1"),
                written(Level.WARNING, "kernel", "FUTEX_LOCK_PI2", "install", release, "5.13.19"),
                written(Level.OK, "kernel", "Linux 5.14.0", "", release, "5.14.0"),
                written(Level.ERROR, "rt runtime", "is 0", "sysctl -w kernel.sched_rt_runtime_us=950000", rt, "0"),
                written(Level.WARNING, "rt runtime", "guarantees nothing", "=950000", rt, "-1\n"),
                written(Level.WARNING, "rt runtime", "0.300 of a CPU only", "=950000", rt, "300000"),
                written(Level.OK, "rt runtime", "0.800 of a CPU", "", rt, "800000"),
                removed(Level.WARNING, "rt runtime", "cannot be read", "CONFIG_SYSCTL", rt),
                removed(Level.OK, "fair server", "this kernel has none", "", debug + "/sched/fair_server"),
                new Symptom("fair server", Level.OK, "this kernel has none", "", host -> {
                    host.remove(debug);
                    host.write(release, "6.11.9");
                }),
                new Symptom(
                        "fair server",
                        Level.OK,
                        "takes 0.070 of CPU 2 (fair_server 0.050, ext_server 0.020)",
                        "",
                        host -> extServer(host, 2, "20000000")),
                new Symptom(
                        "fair server",
                        Level.WARNING,
                        "takes 0.250 of CPU 2 (fair_server 0.050, ext_server 0.200), which no reservation can have",
                        "echo 50000000 > /sys/kernel/debug/sched/ext_server/cpu2/runtime",
                        host -> extServer(host, 2, "200000000")),
                removed(Level.OK, "fair server", "0.05 of each CPU by default", "", debug),
                written(
                        Level.WARNING,
                        "fair server",
                        "takes 0.250 of CPU 2",
                        "echo 50000000 > /sys/kernel/debug/sched/fair_server/cpu2/runtime",
                        debug + "/sched/fair_server/cpu2/runtime",
                        "250000000"),
                new Symptom("fair server", Level.OK, "switched off", "", host -> {
                    host.write(debug + "/sched/fair_server/cpu2/runtime", "0");
                    host.write(debug + "/sched/fair_server/cpu3/runtime", "0");
                }),
                removed(Level.WARNING, "HRTICK_DL", "off by default", "mount -t debugfs", debug),
                written(
                        Level.WARNING,
                        "HRTICK_DL",
                        "at the next tick only",
                        "echo HRTICK_DL > /sys/kernel/debug/sched/features",
                        debug + "/sched/features",
                        "NO_HRTICK NO_HRTICK_DL"),
                written(Level.WARNING, "HRTICK_DL", "tick only", "kernel that has it", debug + "/sched/features", "X"),
                written(
                        Level.WARNING,
                        "lockdown",
                        "locked down",
                        "lockdown=",
                        "/sys/kernel/security/lockdown",
                        "none [integrity] confidentiality"),
                removed(Level.OK, "lockdown", "has none", "", "/sys/kernel/security/lockdown"),
                written(
                        Level.WARNING,
                        "clock",
                        "clocksource hpet",
                        "echo tsc >",
                        "/sys/devices/system/clocksource/clocksource0/current_clocksource",
                        "hpet"));
    }

    private static void extServer(RecordedHost host, int cpu, String runtimeNanos) throws IOException {
        String folder = "/sys/kernel/debug/sched/ext_server/cpu" + cpu;
        host.write(folder + "/runtime", runtimeNanos);
        host.write(folder + "/period", "1000000000");
    }
}
