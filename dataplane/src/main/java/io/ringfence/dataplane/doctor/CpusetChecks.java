package io.ringfence.dataplane.doctor;

import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.linux.CpuList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cpuset controller, which partitions are made of. */
final class CpusetChecks {
    private static final String MOUNTS = "/proc/self/mountinfo";
    private static final Pattern PARTITION = Pattern.compile("ringfence\\.(\\d{1,10})\\.\\d{1,19}\\.cpu\\d{1,5}");
    private static final String HOUSEKEEPING = "ringfence.housekeeping";

    private CpusetChecks() {}

    /** Where a hierarchy is mounted; version 2 has no controllers among its options. */
    private record Hierarchy(int version, String root, boolean readOnly) {}

    private static Optional<Hierarchy> find(Host host) {
        Optional<Hierarchy> version2 = Optional.empty();
        for (String line : host.files().read(MOUNTS).orElse("").lines().toList()) {
            List<String> fields = List.of(line.split(" ", -1));
            int separator = fields.indexOf("-");
            if (separator < 6 || fields.size() < separator + 4) {
                continue;
            }
            String type = fields.get(separator + 1);
            boolean readOnly = List.of(fields.get(5).split(",", -1)).contains("ro");
            List<String> options = List.of(fields.get(separator + 3).split(",", -1));
            if (type.equals("cgroup") && options.contains("cpuset")) {
                return Optional.of(new Hierarchy(1, fields.get(4), readOnly));
            }
            if (type.equals("cgroup2")) {
                version2 = Optional.of(new Hierarchy(2, fields.get(4), readOnly));
            }
        }
        return version2;
    }

    static Finding hierarchy(Host host) {
        Optional<Hierarchy> found = find(host);
        if (found.isEmpty()) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    "no cgroup file system is mounted",
                    "mount -t cgroup2 none /sys/fs/cgroup");
        }
        Hierarchy cpusets = found.get();
        String where = "version " + cpusets.version() + " at " + cpusets.root();
        if (cpusets.readOnly()) {
            return host.fault(
                    SchedulingRung.DEADLINE, where + " is read-only, as in a container", "run Ringfence on the host");
        }
        return cpusets.version() == 1 ? versionOne(host, cpusets, where) : versionTwo(host, cpusets, where);
    }

    private static Finding versionOne(Host host, Hierarchy cpusets, String where) {
        // Only the root of a hierarchy has this file.
        return host.files().exists(cpusets.root() + "/release_agent")
                ? Finding.ok(where)
                : host.fault(
                        SchedulingRung.DEADLINE,
                        where + " is not the host's root, as in a container",
                        "run Ringfence on the host");
    }

    private static Finding versionTwo(Host host, Hierarchy cpusets, String where) {
        String controllers =
                host.files().read(cpusets.root() + "/cgroup.controllers").orElse("");
        if (!List.of(controllers.split(" ", -1)).contains("cpuset")) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    where + " has no cpuset controller (it has: " + controllers + ")",
                    "boot a kernel with CONFIG_CPUSETS, without cgroup_disable=cpuset");
        }
        String own = own(host);
        if (!own.equals("/") && KernelChecks.version(host) < 6_007) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    where + ": before Linux 6.7 partitions must be children of the root group; this is " + own,
                    "echo $$ > " + cpusets.root() + "/cgroup.procs, and start Ringfence from that shell");
        }
        return Finding.ok(where + ", own group " + own);
    }

    private static String own(Host host) {
        return host.files()
                .read("/proc/self/cgroup")
                .orElse("")
                .lines()
                .filter(line -> line.startsWith("0::"))
                .map(line -> line.substring(3))
                .findFirst()
                .orElse("/");
    }

    /** A partition must be exclusive: nobody else may name its CPU. */
    static Finding owners(Host host) {
        Optional<Hierarchy> found = find(host);
        if (found.isEmpty()) {
            return Finding.ok("none, as there are no cpusets");
        }
        // Version 2 gives CPUs away by being exclusive, version 1 by being named at all.
        String root = found.get().root();
        String file = found.get().version() == 1 ? "/cpuset.cpus" : "/cpuset.cpus.exclusive";
        for (String child : host.files().folders(root)) {
            BitSet cpus = cpus(host, root + "/" + child + file);
            cpus.and(host.dataplaneCpus());
            if (!cpus.isEmpty() && !child.equals(HOUSEKEEPING)) {
                return foreign(host, root + "/" + child, cpus);
            }
        }
        return Finding.ok("no other cpuset has a dataplane CPU");
    }

    private static Finding foreign(Host host, String group, BitSet cpus) {
        Matcher own = PARTITION.matcher(group.substring(group.lastIndexOf('/') + 1));
        if (own.matches()) {
            return host.files().exists("/proc/" + own.group(1))
                    ? Finding.warning(
                            "another Ringfence, process " + own.group(1) + ", has " + Host.named(cpus),
                            "end it, or give this one other CPUs in host.cpus")
                    : Finding.ok("none but a dead Ringfence");
        }
        return host.fault(
                SchedulingRung.DEADLINE,
                "the cpuset " + group + " has " + Host.named(cpus),
                "choose other CPUs in host.cpus, or take them out of that cpuset");
    }

    static Finding leftovers(Host host) {
        Optional<Hierarchy> found = find(host);
        List<String> dead = new ArrayList<>();
        if (found.isPresent()) {
            for (String child : host.files().folders(found.get().root())) {
                Matcher name = PARTITION.matcher(child);
                if (name.matches() && !host.files().exists("/proc/" + name.group(1))) {
                    dead.add(child);
                }
            }
        }
        return dead.isEmpty()
                ? Finding.ok("none of an earlier run")
                : Finding.warning(
                        "partitions of a Ringfence that was killed: " + String.join(" ", dead),
                        "the next `ringfence run` removes them");
    }

    private static BitSet cpus(Host host, String path) {
        try {
            return CpuList.parse(host.files().read(path).orElse(""));
        } catch (IllegalArgumentException unknown) {
            return new BitSet();
        }
    }
}
