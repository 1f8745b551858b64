package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.scheduler.ThreadStatistics;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** A dataplane on CPU 1 with one network, whose guests are all played by the test's thread, on CPU 0. */
final class PlayedNetwork implements AutoCloseable {
    private static final Set<Counter> DROPS = EnumSet.range(Counter.DROPPED_RUNT, Counter.DROPPED_MEMORY_LOST);
    private static final Duration TIME_LIMIT = Duration.ofSeconds(20);

    /**
     * A VM of the network.
     *
     * @param reservation as in the configuration
     */
    record Vm(String name, String reservation, GuestOptions options) {
        Vm(String name, String reservation) {
            this(name, reservation, GuestOptions.ofPairs(1));
        }
    }

    private final List<Vm> vms;
    private final Dataplane dataplane;
    private final List<NumberedGuest> guests = new ArrayList<>();
    private final PromptThread self;

    PlayedNetwork(Path folder, Vm... vms) throws Exception {
        this(folder, "", vms);
    }

    /** @param more lines of the configuration, each with its end */
    PlayedNetwork(Path folder, String more, Vm... vms) throws Exception {
        this.vms = List.of(vms);
        StringBuilder text = new StringBuilder("host: { cpus: [1] }\nnetworks: [ { name: blue } ]\n" + more + "vms:\n");
        for (int i = 0; i < vms.length; i++) {
            text.append("  - { name: %s, socket: %s, network: blue, mac: '52:54:00:00:00:%02x', reservation: { %s } }%n"
                    .formatted(vms[i].name, socket(folder, vms[i]), i + 1, vms[i].reservation));
        }
        dataplane = Dataplane.start(Configuration.parse(text.toString(), "test.yaml"), new RecordedEvents());
        try {
            for (Vm vm : vms) {
                guests.add(new NumberedGuest(guests.size(), EmbeddedGuest.connect(socket(folder, vm), vm.options)));
            }
        } catch (IOException | RuntimeException e) {
            dataplane.close();
            throw e;
        }
        self = new PromptThread();
    }

    private static Path socket(Path folder, Vm vm) {
        return folder.resolve(vm.name + ".sock");
    }

    NumberedGuest guest(int member) {
        return guests.get(member);
    }

    /** Has the guests do something again and again for so long. */
    void play(Duration duration, Runnable step) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - end < 0) {
            step.run();
            self.nap();
        }
    }

    /** Has them do it until something is so. */
    void playUntil(String what, BooleanSupplier condition, Runnable step) {
        long end = System.nanoTime() + TIME_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within %s: %s%n%s".formatted(TIME_LIMIT, what, this));
            }
            step.run();
            self.nap();
        }
    }

    /** A counter of a VM. */
    long count(int member, Counter counter) {
        return dataplane
                .counters()
                .of(vms.get(member).name)
                .counts()
                .get(counter.index())
                .get();
    }

    /** The drops of a VM by cause; those above 0. */
    Map<Counter, Long> drops(int member) {
        Map<Counter, Long> drops = new EnumMap<>(Counter.class);
        for (Counter counter : DROPS) {
            if (count(member, counter) > 0) {
                drops.put(counter, count(member, counter));
            }
        }
        return drops;
    }

    /** CPU time that a VM's worker has used. */
    long cpuNanos(int member) {
        String name = vms.get(member).name;
        int threadId = dataplane.workerThreads().stream()
                .filter(worker -> worker.vm().equals(name))
                .findFirst()
                .orElseThrow()
                .threadId();
        return ThreadStatistics.read(threadId).orElseThrow().cpuNanos();
    }

    /** What was counted, for messages. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < vms.size(); i++) {
            text.append(vms.get(i).name).append(':');
            for (Counter counter : Counter.values()) {
                if (count(i, counter) != 0) {
                    text.append(' ').append(counter.label()).append('=').append(count(i, counter));
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    @Override
    public void close() {
        self.close();
        guests.forEach(guest -> guest.guest().close());
        dataplane.close();
    }
}
