package io.ringfence.dataplane.doctor;

import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Mount;
import io.ringfence.scheduler.linux.PartitionName;
import io.ringfence.scheduler.linux.ProcFormat;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The hierarchy of a host that has the cpuset controller, as the scheduler would find it.
 *
 * @param version of control groups, 1 or 2
 * @param root where it is mounted
 */
record Cpusets(HostFiles files, int version, String root, boolean readOnly) {
    static Optional<Cpusets> of(HostFiles files) {
        List<Mount> mounts = Mount.parse(files.read("/proc/self/mountinfo").orElse(""));
        return Mount.ofController("cpuset", mounts)
                .map(mount -> new Cpusets(
                        files, mount.holds("cpuset") ? 1 : 2, mount.point().toString(), mount.readOnly()));
    }

    /** The group of this process, below the root. */
    String own() {
        return files.read("/proc/self/cgroup")
                .flatMap(text -> ProcFormat.cgroup(text, version == 1 ? "cpuset" : ""))
                .orElse("/");
    }

    /** The CPUs that the group of this process has, or else the next one above it that says; empty if none does. */
    Optional<BitSet> ownCpus() {
        List<String> names =
                version == 1 ? List.of("cpuset.effective_cpus", "cpuset.cpus") : List.of("cpuset.cpus.effective");
        for (String group = own(); ; group = group.substring(0, group.lastIndexOf('/'))) {
            String folder = root + (group.equals("/") ? "" : group) + "/";
            Optional<String> cpus = names.stream()
                    .flatMap(name -> files.read(folder + name).stream())
                    .filter(text -> !text.isEmpty())
                    .findFirst();
            if (cpus.isPresent() || group.lastIndexOf('/') < 0) {
                return cpus.map(CpuList::parse);
            }
        }
    }

    /** All groups that may be in a partition's way: of version 1, where it becomes a child of the root, the root's children. */
    List<String> groups() {
        return version == 1
                ? files.folders(root).stream().map(name -> root + "/" + name).toList()
                : files.foldersBelow(root);
    }

    /** The CPUs that a group keeps from others, for itself: not for a group in it, and not for one that is to become a partition. */
    BitSet taken(String group) {
        if (version == 1) {
            return group.endsWith("/" + PartitionName.HOUSEKEEPING) ? new BitSet() : claimed(group);
        }
        if ((root + own() + "/").startsWith(group + "/")) {
            return new BitSet(); // what a group above has, a partition of this process may have
        }
        BitSet cpus = claimed(group);
        files.folders(group).forEach(child -> cpus.andNot(claimed(group + "/" + child)));
        return cpus;
    }

    /** Version 2 gives CPUs away by being exclusive, version 1 by being named at all. */
    private BitSet claimed(String group) {
        Optional<PartitionName> partition = partition(group);
        if (partition.isPresent()) {
            return CpuList.of(partition.get().cpu());
        }
        try {
            return CpuList.parse(files.read(group + (version == 1 ? "/cpuset.cpus" : "/cpuset.cpus.exclusive"))
                    .orElse(""));
        } catch (IllegalArgumentException unknown) {
            return new BitSet();
        }
    }

    /** What a group's name says, if it is a partition of Ringfence's. */
    static Optional<PartitionName> partition(String group) {
        return PartitionName.parse(group.substring(group.lastIndexOf('/') + 1));
    }

    /** Whether a partition is in use: its owner runs, or a thread in it belongs to somebody in another pid namespace. */
    boolean inUse(String group, PartitionName partition) {
        return partition.ownerLives(id -> files.read("/proc/" + id + "/stat").flatMap(ProcFormat::startTicks))
                || !files.read(group + (version == 1 ? "/tasks" : "/cgroup.threads"))
                        .orElse("")
                        .isEmpty();
    }
}
