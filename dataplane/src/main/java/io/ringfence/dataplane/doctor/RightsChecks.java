package io.ringfence.dataplane.doctor;

import io.ringfence.config.SchedulingRung;

/** What this process may do; Ringfence, started in the same way, may do the same. */
final class RightsChecks {
    private static final int CAP_DAC_OVERRIDE = 1;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_SYS_NICE = 23;
    private static final String STATUS = "/proc/self/status";

    private RightsChecks() {}

    static Finding capabilities(Host host) {
        long held = Long.parseUnsignedLong(
                host.files()
                        .field(STATUS, "CapEff")
                        .filter(mask -> mask.matches("[0-9a-f]{1,16}"))
                        .orElse("0"),
                16);
        String mapping = host.files().read("/proc/self/uid_map").orElse("");
        if (!mapping.isEmpty() && !mapping.matches("0\\s+0\\s+4294967295")) {
            return host.fault(
                    SchedulingRung.FIFO,
                    "they count inside a user namespace only, where the kernel gives no scheduling",
                    "run outside the rootless container: sudo ringfence doctor");
        }
        if (lacks(held, CAP_SYS_NICE)) {
            return host.fault(
                    SchedulingRung.FIFO,
                    "CAP_SYS_NICE is missing: neither SCHED_DEADLINE nor SCHED_FIFO",
                    "sudo ringfence doctor, or AmbientCapabilities=CAP_SYS_NICE CAP_SYS_ADMIN in the unit");
        }
        if (lacks(held, CAP_SYS_ADMIN) && lacks(held, CAP_DAC_OVERRIDE)) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    "CAP_SYS_NICE, but not the rights to make partitions (root, or a delegated cgroup)",
                    "sudo ringfence doctor, or Delegate=yes in the unit");
        }
        return Finding.ok("CAP_SYS_NICE, and the rights to make partitions");
    }

    private static boolean lacks(long held, int capability) {
        return (held >>> capability & 1) == 0;
    }

    static Finding seccomp(Host host) {
        return host.files().field(STATUS, "Seccomp").orElse("0").equals("2")
                ? Finding.warning(
                        "a filter is in force, as in containers: it may refuse sched_setattr and cgroup calls",
                        "run on the host, or allow sched_setattr in the container's seccomp profile")
                : Finding.ok("no filter");
    }
}
