package io.ringfence.dataplane.doctor;

import java.util.List;

/** All checks of a host, in the order in which they are told: from what nothing goes without to what makes it better. */
public final class Doctor {
    private static final List<Check> CHECKS = List.of(
            new Check("kernel", KernelChecks::release),
            new Check("JVM", JvmChecks::release),
            new Check("JVM options", JvmChecks::options),
            new Check("capabilities", RightsChecks::capabilities),
            new Check("seccomp", RightsChecks::seccomp),
            new Check("CPUs", CpuChecks::present),
            new Check("cpusets", CpusetChecks::hierarchy),
            new Check("cpuset owners", CpusetChecks::owners),
            new Check("leftovers", CpusetChecks::leftovers),
            new Check("rt runtime", KernelChecks::realtimeRuntime),
            new Check("fair server", ServerChecks::fairServer),
            new Check("HRTICK_DL", KernelChecks::tick),
            new Check("lockdown", KernelChecks::lockdown),
            new Check("clock", KernelChecks::clock),
            new Check("governor", CpuChecks::governor),
            new Check("idle", CpuChecks::idle),
            new Check("SMT", CpuChecks::siblings),
            new Check("interrupts", CpuChecks::interrupts),
            new Check("THP", MemoryChecks::transparentHugepages),
            new Check("hugepages", MemoryChecks::hugepages));

    private Doctor() {}

    /** Looks at everything; one finding for each check. */
    public static List<Finding> examine(Host host) {
        return CHECKS.stream().map(check -> check.of(host)).toList();
    }
}
