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

/**
 * A dataplane on CPU 1 with one network, whose guests are all played by the test's thread, on CPU 0. Each queue pair of a guest
 * counts as a member.
 */
final class PlayedNetwork implements AutoCloseable {
    private static final Set<Counter> DROPS = EnumSet.range(Counter.DROPPED_RUNT, Counter.DROPPED_MEMORY_LOST);
    private static final Duration TIME_LIMIT = Duration.ofSeconds(60);

    /**
     * A VM of the network.
     *
     * @param reservation as in the configuration
     */
    record Vm(String name, String reservation, GuestOptions options, int workers) {
        Vm(String name, String reservation) {
            this(name, reservation, GuestOptions.ofPairs(1));
        }

        Vm(String name, String reservation, GuestOptions options) {
            this(name, reservation, options, 1);
        }

        private String entry(Path folder, int number) {
            // A guest with several pairs has an address for each.
            String mac = options.queuePairs() > 1 ? "" : "mac: '52:54:00:00:00:%02x', ".formatted(number);
            return "  - { name: %s, socket: %s, network: blue, %sworkers: %d, reservation: { %s } }%n"
                    .formatted(name, socket(folder, this), mac, workers, reservation);
        }

        private String workerOf(int pair) {
            return workers == 1 ? name : name + "/" + pair % workers;
        }
    }

    private final Dataplane dataplane;
    private final List<NumberedGuest> guests = new ArrayList<>();
    /** By member, as the counters know it. */
    private final List<String> workers = new ArrayList<>();

    private final PromptThread self;

    PlayedNetwork(Path folder, Vm... vms) throws Exception {
        this(folder, "", vms);
    }

    /** @param more lines of the configuration, each with its end */
    PlayedNetwork(Path folder, String more, Vm... vms) throws Exception {
        StringBuilder text = new StringBuilder("host: { cpus: [1] }\nnetworks: [ { name: blue } ]\n" + more + "vms:\n");
        int members = 0;
        for (Vm vm : vms) {
            text.append(vm.entry(folder, members + 1));
            members += vm.options.queuePairs();
        }
        dataplane = Started.of(Configuration.parse(text.toString(), "test.yaml"), new RecordedEvents());
        try {
            for (Vm vm : vms) {
                EmbeddedGuest guest = EmbeddedGuest.connect(socket(folder, vm), vm.options);
                for (int pair = 0; pair < vm.options.queuePairs(); pair++) {
                    guests.add(new NumberedGuest(guests.size(), guest, pair));
                    workers.add(vm.workerOf(pair));
                }
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

    /** A counter of a member's worker. */
    long count(int member, Counter counter) {
        return dataplane
                .counters()
                .of(workers.get(member))
                .counts()
                .get(counter.index())
                .get();
    }

    /** The drops of a member's worker by cause; those above 0. */
    Map<Counter, Long> drops(int member) {
        Map<Counter, Long> drops = new EnumMap<>(Counter.class);
        for (Counter counter : DROPS) {
            if (count(member, counter) > 0) {
                drops.put(counter, count(member, counter));
            }
        }
        return drops;
    }

    /** CPU time that a member's worker has used. */
    long cpuNanos(int member) {
        String name = workers.get(member);
        int threadId = dataplane.workerThreads().stream()
                .filter(worker -> worker.name().equals(name))
                .findFirst()
                .orElseThrow()
                .threadId();
        return ThreadStatistics.read(threadId).orElseThrow().cpuNanos();
    }

    /** What was counted, for messages. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < workers.size(); i++) {
            text.append(workers.get(i)).append(':');
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
        guests.stream().map(NumberedGuest::guest).distinct().forEach(EmbeddedGuest::close);
        dataplane.close();
    }
}
