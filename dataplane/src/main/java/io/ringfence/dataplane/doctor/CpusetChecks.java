package io.ringfence.dataplane.doctor;

import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.linux.PartitionName;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The cpuset controller, which partitions are made of. */
final class CpusetChecks {
    private CpusetChecks() {}

    static Finding hierarchy(Host host) {
        Optional<Cpusets> found = Cpusets.of(host.files());
        if (found.isEmpty()) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    "no cgroup file system is mounted",
                    "mount -t cgroup2 none /sys/fs/cgroup");
        }
        Cpusets cpusets = found.get();
        String where = "version " + cpusets.version() + " at " + cpusets.root();
        if (cpusets.readOnly()) {
            return host.fault(
                    SchedulingRung.DEADLINE, where + " is read-only, as in a container", "run Ringfence on the host");
        }
        return cpusets.version() == 1 ? versionOne(host, cpusets, where) : versionTwo(host, cpusets, where);
    }

    private static Finding versionOne(Host host, Cpusets cpusets, String where) {
        // Only the root of a hierarchy has this file.
        return host.files().exists(cpusets.root() + "/release_agent")
                ? Finding.ok(where)
                : host.fault(
                        SchedulingRung.DEADLINE,
                        where + " is not the host's root, as in a container",
                        "run Ringfence on the host");
    }

    private static Finding versionTwo(Host host, Cpusets cpusets, String where) {
        String controllers =
                host.files().read(cpusets.root() + "/cgroup.controllers").orElse("");
        if (!List.of(controllers.split(" ", -1)).contains("cpuset")) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    where + " has no cpuset controller (it has: " + controllers + ")",
                    "boot a kernel with CONFIG_CPUSETS, without cgroup_disable=cpuset");
        }
        String own = cpusets.own();
        if (!own.equals("/") && KernelChecks.isBefore(host, 6, 7)) {
            return host.fault(
                    SchedulingRung.DEADLINE,
                    where + ": before Linux 6.7 partitions must be children of the root group; this is " + own,
                    "echo $$ > " + cpusets.root() + "/cgroup.procs, and start Ringfence from that shell");
        }
        return Finding.ok(where + ", own group " + own);
    }

    /** A partition must be exclusive: nobody else may have its CPU. */
    static Finding owners(Host host) {
        Optional<Cpusets> found = Cpusets.of(host.files());
        if (found.isEmpty()) {
            return Finding.ok("none, as there are no cpusets");
        }
        Cpusets cpusets = found.get();
        @Nullable PartitionName another = null;
        BitSet anothers = new BitSet();
        boolean dead = false;
        for (String group : cpusets.groups()) {
            BitSet cpus = cpusets.taken(group);
            cpus.and(host.dataplaneCpus());
            if (cpus.isEmpty()) {
                continue;
            }
            Optional<PartitionName> partition = Cpusets.partition(group);
            if (partition.isEmpty()) {
                return host.fault(
                        SchedulingRung.DEADLINE,
                        "the cpuset " + group + " has " + Host.named(cpus),
                        "choose other CPUs in host.cpus, or take them out of that cpuset");
            }
            if (!cpusets.inUse(group, partition.get())) {
                dead = true;
            } else if (another == null || another.processId() == partition.get().processId()) {
                another = partition.get();
                anothers.or(cpus);
            }
        }
        if (another != null) {
            String text = "another Ringfence, process " + another.processId() + ", has " + Host.named(anothers);
            String remedy = "end it, or give this one other CPUs in host.cpus";
            return host.configured()
                    ? host.fault(SchedulingRung.DEADLINE, text, remedy)
                    : Finding.warning(text, remedy);
        }
        return Finding.ok(dead ? "none but a dead Ringfence" : "no other cpuset has a dataplane CPU");
    }

    static Finding leftovers(Host host) {
        List<String> dead = new ArrayList<>();
        Cpusets.of(host.files())
                .ifPresent(cpusets -> cpusets.groups()
                        .forEach(group -> Cpusets.partition(group)
                                .filter(partition -> !cpusets.inUse(group, partition))
                                .ifPresent(partition -> dead.add(partition.toString()))));
        return dead.isEmpty()
                ? Finding.ok("none of an earlier run")
                : Finding.warning(
                        "partitions of a Ringfence that was killed: " + String.join(" ", dead),
                        "the next `ringfence run` removes them");
    }
}
