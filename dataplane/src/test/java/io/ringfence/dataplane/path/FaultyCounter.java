package io.ringfence.dataplane.path;

import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/** A counter whose update throws once, in whatever worker makes it: stands for a bug anywhere near. */
final class FaultyCounter extends AtomicCounter {
    private final Fuse fuse;

    private FaultyCounter(UnsafeBuffer values, int id, Fuse fuse) {
        super(values, id);
        this.fuse = fuse;
    }

    @Override
    public long getAndAdd(long increment) {
        if (fuse.updatesLeft.get() > 0 && fuse.updatesLeft.decrementAndGet() == 0) {
            throw new IllegalStateException("a bug");
        }
        return super.getAndAdd(increment);
    }

    /** Shared by the counters of a network. */
    static final class Fuse {
        private final AtomicInteger updatesLeft = new AtomicInteger();

        AtomicCounter counter(UnsafeBuffer values, int id) {
            return new FaultyCounter(values, id, this);
        }

        /** The update that comes after so many throws. */
        void light(int updates) {
            updatesLeft.set(updates);
        }
    }
}
