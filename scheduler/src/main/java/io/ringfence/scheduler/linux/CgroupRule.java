package io.ringfence.scheduler.linux;

/** Which rule of the cgroup file system is behind the refusal to write a file of it (cgroup-v2.rst, cpusets.rst). */
final class CgroupRule {
    private CgroupRule() {}

    /**
     * Returns the rule and what to do, to go behind the error's own words; empty if none is known.
     *
     * @param file name of the file, such as {@code cpuset.cpus}
     * @param reason the words of strerror(3), as java.nio gives them
     */
    static String explain(String file, String reason) {
        boolean threads = file.equals("tasks") || file.equals("cgroup.threads");
        return switch (reason) {
            case "Read-only file system" ->
                "; the cgroup file system is mounted read-only, as in a container: run Ringfence on the host";
            case "Operation not permitted", "Permission denied" ->
                file.equals("cpuset.cpus")
                        ? "; a group has no CPU that the group above lacks, and changing it takes root"
                        : "; this takes root, or on version 2 a group that was delegated (Delegate=yes in a systemd"
                                + " unit)";
            case "Device or resource busy" ->
                threads
                        ? "; the reservation of a SCHED_DEADLINE thread does not move with it: move it first, give it"
                                + " the policy second"
                        : file.equals("cgroup.subtree_control")
                                ? "; the group has processes of its own, and a domain group with controllers may have"
                                        + " none: start Ringfence in a unit of its own"
                                : "; SCHED_DEADLINE threads outside would no longer fit on the CPUs that remain, or the"
                                        + " CPU is exclusive to another group";
            case "Invalid argument" ->
                threads
                        ? "; the kernel lets this thread not be moved"
                        : "; another group has some of these CPUs, and one of both is exclusive";
            case "No space left on device" -> "; the cpuset has no CPUs or no memory nodes";
            case "Operation not supported" ->
                "; threads of one process may be in different groups of a threaded subtree only";
            default -> "";
        };
    }
}
