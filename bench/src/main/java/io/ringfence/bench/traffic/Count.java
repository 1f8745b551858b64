package io.ringfence.bench.traffic;

import java.util.concurrent.atomic.AtomicLong;

/** A number that one thread counts up and others read, without fences. */
final class Count {
    private final AtomicLong value = new AtomicLong();

    void add(long amount) {
        value.setOpaque(value.getPlain() + amount);
    }

    void reset() {
        value.setOpaque(0);
    }

    long read() {
        return value.getOpaque();
    }
}
