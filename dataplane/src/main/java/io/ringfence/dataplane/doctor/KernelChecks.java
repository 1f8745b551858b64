package io.ringfence.dataplane.doctor;

import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.linux.KernelVersion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The kernel and its scheduler. */
final class KernelChecks {
    private static final String RELEASE = "/proc/sys/kernel/osrelease";
    private static final String DEBUG = "/sys/kernel/debug/sched";
    private static final String MOUNT_DEBUGFS = "mount -t debugfs none /sys/kernel/debug";

    /** The first with partitions in any group of cgroup version 2. */
    private static final String NEWER = "install Linux 6.7 or later";

    private KernelChecks() {}

    /** Whether the kernel is older than this; not if its version cannot be told. */
    static boolean isBefore(Host host, int major, int minor) {
        return host.files()
                .read(RELEASE)
                .flatMap(KernelVersion::parse)
                .filter(version -> version.isBefore(major, minor))
                .isPresent();
    }

    static Finding release(Host host) {
        String release = "Linux " + host.files().read(RELEASE).orElse("of an unknown release");
        if (isBefore(host, 3, 14)) {
            return Finding.error(release + " has no SCHED_DEADLINE", NEWER);
        }
        if (isBefore(host, 5, 8)) {
            return Finding.error(
                    release
                            + " cannot read eventfds with RWF_NOWAIT (Linux 5.8): a front-end that fills its call eventfd"
                            + " could hold up the workers of other VMs for ever",
                    NEWER);
        }
        if (isBefore(host, 5, 14)) {
            return Finding.warning(
                    release + " has neither MADV_POPULATE_READ (Linux 5.14), so that of memory which vanishes it is not"
                            + " always known whose it is, nor FUTEX_LOCK_PI2, so that a worker which is throttled in the"
                            + " middle of a delivery holds up others until its next period",
                    NEWER);
        }
        return Finding.ok(release);
    }

    static Finding realtimeRuntime(Host host) {
        Optional<Long> runtime = host.files().number("/proc/sys/kernel/sched_rt_runtime_us");
        long period = host.files().number("/proc/sys/kernel/sched_rt_period_us").orElse(1_000_000L);
        String remedy = "sysctl -w kernel.sched_rt_runtime_us=" + period / 100 * 95;
        if (runtime.isEmpty()) {
            return Finding.warning(
                    "sched_rt_runtime_us cannot be read, so the limit of reservations is not known",
                    "look for a kernel with CONFIG_SYSCTL, outside containers");
        }
        long micros = runtime.get();
        if (micros == 0) {
            return host.fault(
                    SchedulingRung.DEADLINE_GLOBAL, "sched_rt_runtime_us is 0: no reservation at all", remedy);
        }
        if (micros < 0) {
            return Finding.warning(
                    "sched_rt_runtime_us is -1: the kernel admits everything and guarantees nothing", remedy);
        }
        String share = "reservations may add up to " + share(micros, period) + " of a CPU";
        return micros < period / 2 ? Finding.warning(share + " only", remedy) : Finding.ok(share);
    }

    /** Without it the kernel looks at budgets at the tick only; workers meter themselves more finely than that. */
    static Finding tick(Host host) {
        Optional<String> features = host.files().read(DEBUG + "/features");
        if (features.isEmpty()) {
            return Finding.warning("not shown without debugfs; off by default", MOUNT_DEBUGFS);
        }
        Set<String> names = Set.copyOf(List.of(features.get().split("\\s+", -1)));
        if (names.contains("HRTICK_DL")) {
            return Finding.ok("on: the kernel holds threads to their budgets to the microsecond");
        }
        return Finding.warning(
                "off: the kernel stops a thread that overruns its budget at the next tick only",
                names.contains("NO_HRTICK_DL")
                        ? "echo HRTICK_DL > " + DEBUG + "/features"
                        : "use a kernel that has it");
    }

    /** Only writes to debugfs are in its way, which Ringfence itself does not need. */
    static Finding lockdown(Host host) {
        String modes = host.files().read("/sys/kernel/security/lockdown").orElse("");
        if (modes.contains("[integrity]") || modes.contains("[confidentiality]")) {
            return Finding.warning(
                    "the kernel is locked down: remedies that write to debugfs are refused",
                    "boot without lockdown=, or without Secure Boot, where they are needed");
        }
        return Finding.ok(modes.isEmpty() ? "this kernel has none" : "none");
    }

    static Finding clock(Host host) {
        String folder = "/sys/devices/system/clocksource/clocksource0/";
        String current = host.files().read(folder + "current_clocksource").orElse("unknown");
        if (Set.of("tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter")
                .contains(current)) {
            return Finding.ok("clocksource " + current + ", read without a system call");
        }
        return Finding.warning(
                "clocksource " + current + ": each look at the clock may take a system call or microseconds",
                "echo tsc > " + folder + "current_clocksource (see available_clocksource there)");
    }

    private static String share(long part, long whole) {
        return String.format(Locale.ROOT, "%.3f", (double) part / whole);
    }
}
