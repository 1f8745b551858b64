package io.ringfence.bench.claiming;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** A number that several CPUs change, on a cache line of its own. Any thread. */
final class SharedLong {
    private static final int CACHE_LINE_BYTES = 64;
    private static final VarHandle VALUE = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment line = Arena.ofAuto().allocate(CACHE_LINE_BYTES, CACHE_LINE_BYTES);

    /** Starts with this value. */
    SharedLong(long value) {
        VALUE.setVolatile(line, 0L, value);
    }

    long get() {
        return (long) VALUE.getVolatile(line, 0L);
    }

    boolean compareAndSet(long expected, long next) {
        return VALUE.compareAndSet(line, 0L, expected, next);
    }

    /** Sets bits; a full barrier even if they are set already. */
    void setBits(long bits) {
        long ignored = (long) VALUE.getAndBitwiseOr(line, 0L, bits);
    }

    /** Replaces the value by 0 and returns it. */
    long take() {
        return (long) VALUE.getAndSet(line, 0L, 0L);
    }
}
