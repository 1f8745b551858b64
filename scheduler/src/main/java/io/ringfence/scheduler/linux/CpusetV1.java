package io.ringfence.scheduler.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Partitions in a version 1 cpuset hierarchy (cgroup-v1/cpusets.rst, "sched_load_balance").
 *
 * <p>A cpuset gets a root domain of its own only while the root cpuset does not balance. Switching that off takes load
 * balancing from the housekeeping CPUs too; so a cpuset {@value PartitionName#HOUSEKEEPING} over all CPUs but the
 * partitions' keeps it among them, without any task moving there. It exists exactly while Ringfence has switched the root's
 * balancing off: made before, removed after balancing is on again. That survives a crash at any point: whoever finds it and
 * no partition left switches balancing on. If balancing was off before the first partition, it is never made and nothing is restored.
 */
final class CpusetV1 implements CpusetHierarchy {
    private static final String TASKS = "tasks";
    private static final String CPUS = "cpuset.cpus";
    private static final String MEMS = "cpuset.mems";
    private static final String LOAD_BALANCE = "cpuset.sched_load_balance";

    private final CgroupFiles files;
    private final Path root;
    private final Path housekeeping;

    CpusetV1(CgroupFiles files) {
        this.files = files;
        this.root = files.root();
        this.housekeeping = root.resolve(PartitionName.HOUSEKEEPING);
    }

    @Override
    public Path create(PartitionName name) throws CpusetException {
        return DirectoryLock.holding(root, () -> {
            removeStaleLocked();
            requireHostRoot();
            requireFree(name.cpu());
            Path partition = root.resolve(name.toString());
            try {
                createLocked(partition, name.cpu());
            } catch (CpusetException failure) {
                removeCpuset(partition);
                settle();
                throw failure;
            }
            return partition;
        });
    }

    private void createLocked(Path partition, int cpu) throws CpusetException {
        BitSet rest = cpusOutsidePartitions();
        rest.clear(cpu);
        if (rest.isEmpty()) {
            throw CpusetException.lastCpu(cpu);
        }
        if (files.read(root, LOAD_BALANCE).equals("1")) {
            createCpuset(housekeeping);
        }
        if (files.has(housekeeping, CPUS)) {
            files.write(housekeeping, CPUS, CpuList.format(rest));
        }
        createCpuset(partition);
        files.write(partition, CPUS, Integer.toString(cpu));
        files.write(partition, "cpuset.cpu_exclusive", "1");
        files.write(root, LOAD_BALANCE, "0");
    }

    @Override
    public Optional<Path> groupOf(int threadId) {
        return Proc.cgroup(threadId, "cpuset").map(group -> root.resolve(group.substring(1)));
    }

    @Override
    public BitSet cpusOf(Path group) throws CpusetException {
        Optional<String> effective = files.readIfPresent(group, "cpuset.effective_cpus");
        return CpuList.parse(effective.isPresent() ? effective.get() : files.read(group, CPUS));
    }

    @Override
    public void move(int threadId, Path group) throws CpusetException {
        files.write(group, TASKS, Integer.toString(threadId));
    }

    @Override
    public List<Integer> threadsIn(Path group) {
        return files.threadIds(group, TASKS);
    }

    @Override
    public void remove(Path partition) throws CpusetException {
        DirectoryLock.holding(root, () -> {
            removeCpuset(partition);
            settle();
            return partition;
        });
    }

    @Override
    public List<PartitionName> removeStale() throws CpusetException {
        return DirectoryLock.holding(root, this::removeStaleLocked);
    }

    private List<PartitionName> removeStaleLocked() throws CpusetException {
        List<PartitionName> stale = new ArrayList<>();
        for (PartitionName name : partitions()) {
            Path partition = root.resolve(name.toString());
            // A thread in it belongs to somebody alive, be it in another pid namespace than ours.
            if (!name.ownerLives(Proc::startTicks) && threadsIn(partition).isEmpty()) {
                removeCpuset(partition);
                stale.add(name);
            }
        }
        settle();
        return stale;
    }

    /** Balances what is outside partitions: the root again if there is none left, else the housekeeping cpuset. */
    private void settle() throws CpusetException {
        if (!files.has(housekeeping, CPUS)) {
            return;
        }
        if (partitions().isEmpty()) {
            files.write(root, LOAD_BALANCE, "1");
            removeCpuset(housekeeping);
        } else {
            files.write(housekeeping, CPUS, CpuList.format(cpusOutsidePartitions()));
        }
    }

    private void createCpuset(Path cpuset) throws CpusetException {
        if (!files.has(cpuset, CPUS)) {
            files.create(cpuset);
        }
        // A cpuset without memory nodes takes no tasks.
        String mems = files.readIfPresent(root, "cpuset.effective_mems").orElse("");
        files.write(cpuset, MEMS, mems.isEmpty() ? files.read(root, MEMS) : mems);
    }

    /**
     * Removes a cpuset that no longer balances: of one that does, the kernel rebuilds the root domains in the background, some
     * time after rmdir(2). The bandwidth of a DEADLINE thread that ends meanwhile is subtracted from a sum that it is no longer in, and
     * nothing is admitted until the next rebuild (Linux 6.18: 6 of 5,600 times on a busy machine, and never in 53,000 this way).
     */
    private void removeCpuset(Path cpuset) throws CpusetException {
        files.writeIfTaken(cpuset, LOAD_BALANCE, "0");
        files.remove(cpuset);
    }

    private List<PartitionName> partitions() throws CpusetException {
        return files.children(root).stream()
                .flatMap(child -> PartitionName.parse(child.getFileName().toString()).stream())
                .toList();
    }

    private BitSet cpusOutsidePartitions() throws CpusetException {
        BitSet cpus = CpuList.parse(files.read(root, CPUS));
        partitions().forEach(name -> cpus.clear(name.cpu()));
        return cpus;
    }

    private void requireHostRoot() throws CpusetException {
        if (!files.has(root, "release_agent")) {
            throw new CpusetException(root + " is not the root of the cpuset hierarchy (it has no release_agent), as in"
                    + " a container; a partition needs the root: run Ringfence on the host");
        }
    }

    private void requireFree(int cpu) throws CpusetException {
        String all = files.read(root, CPUS);
        if (!CpuList.parse(all).get(cpu)) {
            throw CpuTakenException.absent(cpu, root, all);
        }
        for (Path child : files.children(root)) {
            String cpus = files.readIfPresent(child, CPUS).orElse("");
            if (!child.equals(housekeeping) && CpuList.parse(cpus).get(cpu)) {
                throw CpuTakenException.by(child, cpu, cpus, threadsIn(child));
            }
        }
    }
}
