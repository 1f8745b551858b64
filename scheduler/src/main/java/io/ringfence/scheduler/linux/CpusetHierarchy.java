package io.ringfence.scheduler.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The cgroup hierarchy that holds the cpuset controller: version 1 or version 2. Every method may be called by any
 * thread; creating and removing takes turns with other Ringfence processes through a lock on the hierarchy's root.
 */
public sealed interface CpusetHierarchy permits CpusetV1, CpusetV2 {
    /** Makes an exclusive one-CPU partition with a root domain of its own and returns its folder. */
    Path create(PartitionName name) throws CpusetException;

    /** The group a thread is in now, to {@link #move} it back later; empty if the thread is gone. */
    Optional<Path> groupOf(int threadId);

    /** The CPUs that threads in this group may have; empty if the hierarchy does not tell. */
    BitSet cpusOf(Path group) throws CpusetException;

    /** Moves one thread into a group. */
    void move(int threadId, Path group) throws CpusetException;

    /** The threads in a group now. */
    List<Integer> threadsIn(Path group);

    /** Removes an empty partition, and gives back what its creation took from the groups above it. */
    void remove(Path partition) throws CpusetException;

    /** Removes the partitions whose owner is dead and that hold no thread; returns the names of those removed. */
    List<PartitionName> removeStale() throws CpusetException;

    /** Finds the mounted cpuset controller of this host. */
    static CpusetHierarchy detect() throws CpusetException {
        return detect(Path.of("/proc/self/mountinfo"));
    }

    /** As {@link #detect()}, from a file in the format of {@code /proc/self/mountinfo} (proc(5)). */
    static CpusetHierarchy detect(Path mountInfo) throws CpusetException {
        List<Mount> mounts;
        try {
            mounts = Mount.parse(Files.readString(mountInfo));
        } catch (IOException failure) {
            throw new CpusetException("cannot read " + mountInfo + ": " + failure, failure);
        }
        Mount mount = Mount.ofController("cpuset", mounts)
                .orElseThrow(() -> new CpusetException(
                        "no cgroup file system is mounted; mount one: mount -t cgroup2 none /sys/fs/cgroup"));
        CgroupFiles files = new CgroupFiles(mount.point());
        if (mount.holds("cpuset")) {
            return new CpusetV1(files);
        }
        String controllers =
                files.readIfPresent(files.root(), "cgroup.controllers").orElse("");
        if (!List.of(controllers.split(" ", -1)).contains("cpuset")) {
            throw new CpusetException("the cpuset controller is not available: " + files.root()
                    + "/cgroup.controllers has '" + controllers + "' and no version 1 cpuset is mounted; use a kernel"
                    + " with CONFIG_CPUSETS, or mount it: mount -t cgroup -o cpuset none FOLDER");
        }
        Path own = Proc.cgroup((int) ProcessHandle.current().pid(), "")
                .map(group -> files.root().resolve(group.substring(1)))
                .orElse(files.root());
        return new CpusetV2(files, own);
    }
}
