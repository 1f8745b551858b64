package io.ringfence.dataplane.control;

import io.ringfence.dataplane.network.MacTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Forgets addresses that were not seen for their network's time; one thread for all networks. */
final class Ageing implements AutoCloseable {
    private record Watched(MacTable addresses, long ageNanos) {}

    private final List<Watched> tables = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ringfence-ageing").daemon().factory());

    /** Before {@link #start}. */
    void watch(MacTable addresses, Duration age) {
        tables.add(new Watched(addresses, age.toNanos()));
    }

    void start() {
        var ignored = timer.scheduleWithFixedDelay(this::age, 1, 1, TimeUnit.SECONDS);
    }

    private void age() {
        long now = System.nanoTime();
        tables.forEach(table -> table.addresses().age(now - table.ageNanos()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
