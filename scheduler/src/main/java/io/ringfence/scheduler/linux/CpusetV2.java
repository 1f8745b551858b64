package io.ringfence.scheduler.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Partitions in the version 2 hierarchy (cgroup-v2.rst, "Threads" and "Cpuset Interface Files").
 *
 * <p>The threads of one process may be in different groups only inside one threaded subtree, so a partition is a
 * threaded child of the process's own group. Below the root group it is a remote partition: the CPU must be in {@code
 * cpuset.cpus.exclusive} of every group above it (Linux 6.7).
 */
final class CpusetV2 implements CpusetHierarchy {
    private static final String THREADS = "cgroup.threads";
    private static final String SUBTREE_CONTROL = "cgroup.subtree_control";
    private static final String CPUS = "cpuset.cpus";
    private static final String EFFECTIVE = "cpuset.cpus.effective";
    private static final String EXCLUSIVE = "cpuset.cpus.exclusive";
    private static final String PARTITION = "cpuset.cpus.partition";

    /** At a partition: the groups above that had to be given its CPU. What others had made exclusive is left to them. */
    private static final String GIVEN = "ringfence.given";

    private final CgroupFiles files;
    private final Path root;
    private final Path own;

    /** {@code own} is the group of this process; partitions become its children. */
    CpusetV2(CgroupFiles files, Path own) {
        this.files = files;
        this.root = files.root();
        this.own = own;
    }

    @Override
    public Path create(PartitionName name) throws CpusetException {
        return DirectoryLock.holding(root, () -> {
            removeStaleLocked();
            requireFree(name.cpu());
            for (Path group : pathFromRoot(own)) {
                enableCpuset(group);
            }
            Path partition = own.resolve(name.toString());
            files.create(partition);
            try {
                createLocked(partition, name.cpu());
            } catch (CpusetException failure) {
                removeLocked(partition, name.cpu());
                throw failure;
            }
            return partition;
        });
    }

    private void createLocked(Path partition, int cpu) throws CpusetException {
        files.write(partition, "cgroup.type", "threaded");
        List<String> given = new ArrayList<>();
        for (Path group : pathFromRoot(own)) {
            Optional<String> before = files.readIfPresent(group, EXCLUSIVE);
            if (before.isPresent() && !CpuList.parse(before.get()).get(cpu)) {
                given.add(below(group));
            }
        }
        files.note(partition, GIVEN, String.join("\n", given));
        for (Path group : pathFromRoot(partition)) {
            changeExclusive(group, cpu, true);
        }
        files.write(partition, CPUS, Integer.toString(cpu));
        files.write(partition, PARTITION, "root");
        requireValid(partition, cpu);
    }

    @Override
    public Optional<Path> groupOf(int threadId) {
        return Proc.cgroup(threadId, "").map(group -> root.resolve(group.substring(1)));
    }

    @Override
    public BitSet cpusOf(Path group) {
        return CpuList.parse(files.readIfPresent(group, EFFECTIVE).orElse(""));
    }

    @Override
    public void move(int threadId, Path group) throws CpusetException {
        files.write(group, THREADS, Integer.toString(threadId));
    }

    @Override
    public List<Integer> threadsIn(Path group) {
        return files.threadIds(group, THREADS);
    }

    @Override
    public void remove(Path partition) throws CpusetException {
        DirectoryLock.holding(root, () -> {
            removeLocked(partition, nameOf(partition).orElseThrow().cpu());
            return partition;
        });
    }

    @Override
    public List<PartitionName> removeStale() throws CpusetException {
        return DirectoryLock.holding(root, this::removeStaleLocked);
    }

    private List<PartitionName> removeStaleLocked() throws CpusetException {
        List<PartitionName> stale = new ArrayList<>();
        // A dead process may have had another group than ours: look everywhere.
        for (Path partition : files.groups(path -> nameOf(path).isPresent())) {
            PartitionName name = nameOf(partition).orElseThrow();
            if (!name.ownerLives(Proc::startTicks) && threadsIn(partition).isEmpty()) {
                removeLocked(partition, name.cpu());
                stale.add(name);
            }
        }
        return stale;
    }

    private void removeLocked(Path partition, int cpu) throws CpusetException {
        List<Path> given = given(partition);
        // For the same reason as CpusetV1.removeCpuset: what is a partition no more takes no rebuild in the background.
        files.writeIfTaken(partition, PARTITION, "member");
        files.remove(partition);
        for (Path group : given) {
            changeExclusive(group, cpu, false);
        }
    }

    /** The groups above a partition that were given its CPU for it; all of them where that was not noted. */
    private List<Path> given(Path partition) {
        List<Path> path = pathFromRoot(partition);
        return files.noted(partition, GIVEN)
                .map(text -> text.lines().toList())
                .map(noted -> path.stream()
                        .filter(group -> noted.contains(below(group)))
                        .toList())
                .orElse(path);
    }

    private String below(Path group) {
        return root.relativize(group).toString();
    }

    private void enableCpuset(Path group) throws CpusetException {
        String enabled = files.read(group, SUBTREE_CONTROL);
        if (!List.of(enabled.split(" ", -1)).contains("cpuset")) {
            files.write(group, SUBTREE_CONTROL, "+cpuset");
        }
    }

    private void changeExclusive(Path group, int cpu, boolean exclusive) throws CpusetException {
        if (group.equals(root)) {
            return;
        }
        Optional<String> before = files.readIfPresent(group, EXCLUSIVE);
        if (before.isEmpty()) {
            if (exclusive && !own.equals(root)) {
                throw new CpusetException(group + " has no " + EXCLUSIVE + ": before Linux 6.7 only a child of the root"
                        + " group can be a partition; start Ringfence in the root group (echo $$ > " + root
                        + "/cgroup.procs) or use a newer kernel");
            }
            return;
        }
        BitSet cpus = CpuList.parse(before.get());
        if (cpus.get(cpu) != exclusive) {
            cpus.set(cpu, exclusive);
            files.write(group, EXCLUSIVE, CpuList.format(cpus));
        }
    }

    /** The kernel says of each partition only that it is invalid. */
    private void requireFree(int cpu) throws CpusetException {
        String left = files.read(root, EFFECTIVE);
        BitSet cpus = CpuList.parse(left);
        if (!cpus.get(cpu)) {
            List<Path> holders =
                    files.groups(path -> isPartition(path) && cpusOf(path).get(cpu));
            if (holders.isEmpty()) {
                throw CpuTakenException.absent(cpu, root, left);
            }
            Path holder = holders.getFirst();
            if (own.startsWith(holder)) {
                return; // a partition within that one: the kernel decides
            }
            throw CpuTakenException.by(holder, cpu, CpuList.format(cpusOf(holder)), threadsIn(holder));
        }
        if (cpus.cardinality() == 1) {
            throw CpusetException.lastCpu(cpu);
        }
    }

    private boolean isPartition(Path group) {
        return files.readIfPresent(group, PARTITION)
                .filter(state -> state.equals("root") || state.equals("isolated"))
                .isPresent();
    }

    private void requireValid(Path partition, int cpu) throws CpusetException {
        String state = files.read(partition, PARTITION);
        if (!state.equals("root")) {
            throw new CpuTakenException("the kernel does not make " + partition + " a partition of CPU " + cpu + ": "
                    + PARTITION + " reads '" + state + "', expected 'root'; the CPU must not be in cpuset.cpus of a"
                    + " sibling group, and must be among those of every group above");
        }
    }

    /** The groups from the root down to {@code group}, both included. */
    private List<Path> pathFromRoot(Path group) {
        List<Path> path = new ArrayList<>();
        path.add(root);
        if (!group.equals(root)) {
            Path walked = root;
            for (Path part : root.relativize(group)) {
                walked = walked.resolve(part);
                path.add(walked);
            }
        }
        return path;
    }

    private static Optional<PartitionName> nameOf(Path group) {
        return PartitionName.parse(String.valueOf(group.getFileName()));
    }
}
