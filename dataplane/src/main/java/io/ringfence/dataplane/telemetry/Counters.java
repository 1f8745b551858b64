package io.ringfence.dataplane.telemetry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;
import org.agrona.concurrent.status.CountersReader;

/**
 * The counters of all VMs, in a file that other processes map and read while the workers count.
 *
 * <p>Layout as in Agrona's {@code CountersReader}: first all values, then all labels; a label is {@code vm/counter}, and {@code
 * vm/worker/counter} of a VM with several workers, each of which is registered by itself. VMs come and go; what is there at
 * one time is for one control thread at a time to change.
 */
public final class Counters implements AutoCloseable {
    private static final int COUNTERS_PER_VM = Counter.values().length + IntervalCounter.values().length;

    /** Stands where the VM's name does. */
    private static final String HOST = "host";

    private static final int COUNTERS_OF_HOST = 3;
    private static final int ANNOUNCEMENTS = 1;

    private static final Set<StandardOpenOption> CREATE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    /**
     * QEMU may be of the group that the sockets are for: one that makes this file shorter would fault every worker, and what the
     * others' VMs send is none of its business.
     */
    private static final FileAttribute<?> FOR_OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;
    private final CountersManager manager;
    private final Map<String, VmCounters> byVm = new LinkedHashMap<>();

    private Counters(Path file, CountersManager manager) {
        this.file = file;
        this.manager = manager;
    }

    /**
     * Creates the file with room for so many VMs, replacing one that an earlier run left; none but root and the user of this
     * process may read it.
     *
     * @throws IOException if it cannot be created or mapped
     */
    public static Counters create(Path file, int vms) throws IOException {
        int count = vms * COUNTERS_PER_VM + ANNOUNCEMENTS + COUNTERS_OF_HOST;
        long valuesLength = (long) count * CountersReader.COUNTER_LENGTH;
        long labelsLength = (long) count * CountersReader.METADATA_LENGTH;
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(file, CREATE, FOR_OWNER_ONLY)) {
            MappedByteBuffer mapped =
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, Math.addExact(valuesLength, labelsLength));
            mapped.load();
            return new Counters(file, manager(mapped, valuesLength, labelsLength));
        }
    }

    /** Counters that no other process sees, of a VM that is none: one for each {@link Counter}. */
    public static AtomicCounter[] ofProcess() {
        return ofProcess(Counter.values().length);
    }

    /** So many such counters. */
    public static AtomicCounter[] ofProcess(int count) {
        UnsafeBuffer values = new UnsafeBuffer(ByteBuffer.allocateDirect(count * CountersReader.COUNTER_LENGTH));
        return IntStream.range(0, count)
                .mapToObj(i -> new AtomicCounter(values, i))
                .toArray(AtomicCounter[]::new);
    }

    private static CountersManager manager(MappedByteBuffer mapped, long valuesLength, long labelsLength) {
        UnsafeBuffer values = new UnsafeBuffer(mapped, 0, Math.toIntExact(valuesLength));
        UnsafeBuffer labels = new UnsafeBuffer(mapped, Math.toIntExact(valuesLength), Math.toIntExact(labelsLength));
        return new CountersManager(labels, values, StandardCharsets.US_ASCII);
    }

    /**
     * Adds the counters of a VM, all 0. A VM of the same name may be there already, on its way out.
     *
     * @throws IllegalStateException if there is no room
     */
    public VmCounters register(String vm) {
        if (manager.available() < COUNTERS_PER_VM) {
            throw new IllegalStateException("the counters file has no room for another VM");
        }
        VmCounters counters = new VmCounters(
                vm,
                Arrays.stream(Counter.values())
                        .map(counter -> manager.newCounter(vm + "/" + counter.label()))
                        .toList(),
                Arrays.stream(IntervalCounter.values())
                        .map(counter -> manager.newCounter(vm + "/" + counter.label()))
                        .toList());
        byVm.put(vm, counters);
        return counters;
    }

    /** Takes a VM's counters out of the file; nobody may count with them any more. */
    public void remove(VmCounters counters) {
        byVm.remove(counters.vm(), counters);
        counters.counts().forEach(counter -> manager.free(counter.id()));
        counters.intervals().forEach(counter -> manager.free(counter.id()));
    }

    /** How many more VMs there is room for. */
    public int room() {
        return manager.available() / COUNTERS_PER_VM;
    }

    /** The counters of a VM that was registered. */
    public VmCounters of(String vm) {
        VmCounters counters = byVm.get(vm);
        if (counters == null) {
            throw new IllegalArgumentException("no counters are registered for VM " + vm);
        }
        return counters;
    }

    /** Adds a counter that is 1 for good: its label says what is so. */
    public void announce(String label) {
        manager.newCounter(label).setRelease(1);
    }

    /** Adds a counter that is about no VM; there is room for three. */
    public AtomicCounter registerForHost(String label) {
        return manager.newCounter(HOST + "/" + label);
    }

    /** Where the file is. */
    public Path file() {
        return file;
    }

    /** Reads the values of a counters file of this or another process, by label, in the order of registration. */
    public static Map<String, Long> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            long unit = CountersReader.COUNTER_LENGTH + CountersReader.METADATA_LENGTH;
            int valuesLength = Math.toIntExact(channel.size() / unit * CountersReader.COUNTER_LENGTH);
            UnsafeBuffer values = new UnsafeBuffer(mapped, 0, valuesLength);
            UnsafeBuffer labels = new UnsafeBuffer(mapped, valuesLength, mapped.capacity() - valuesLength);
            Map<String, Long> result = new LinkedHashMap<>();
            CountersReader reader = new CountersReader(labels, values, StandardCharsets.US_ASCII);
            reader.forEach((id, label) -> result.put(label, reader.getCounterValue(id)));
            return result;
        }
    }

    /** Removes the file; readers that have it mapped keep the last values. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the counters file " + file, e);
        }
    }
}
