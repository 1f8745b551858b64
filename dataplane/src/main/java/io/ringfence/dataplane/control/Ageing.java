package io.ringfence.dataplane.control;

import io.ringfence.dataplane.segment.Segment;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Forgets addresses that were not seen for their network's time; one thread for all networks. */
final class Ageing implements AutoCloseable {
    private final Map<Segment, Duration> ages = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ringfence-ageing").daemon().factory());

    /** From now on, or with another time from now on. */
    void watch(Segment segment, Duration age) {
        ages.put(segment, age);
    }

    /** No longer. */
    void ignore(Segment segment) {
        ages.remove(segment);
    }

    void start() {
        var ignored = timer.scheduleWithFixedDelay(this::age, 1, 1, TimeUnit.SECONDS);
    }

    private void age() {
        long now = System.nanoTime();
        ages.forEach((segment, age) -> segment.age(now - age.toNanos()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
