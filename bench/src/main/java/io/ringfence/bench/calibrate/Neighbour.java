package io.ringfence.bench.calibrate;

import java.io.IOException;

/**
 * Another VM's worker on the same CPU: between two visits it touches more memory than the CPU's own caches hold and
 * forwards frames of its own, so that every visit finds caches and branch predictors as a busy neighbour leaves them.
 */
final class Neighbour implements AutoCloseable {
    private static final int FRAMES = 16;
    private static final int LENGTH_BYTES = 1514;
    private static final int LONGS_PER_CACHE_LINE = 8;

    private final long[] memory;
    private final GuestPair guests;
    private final WorkerRound round;

    /** @param evictedBytes memory to touch each time */
    Neighbour(long evictedBytes) throws IOException {
        memory = new long[Math.toIntExact(evictedBytes / Long.BYTES)];
        guests = GuestPair.create(VisitShape.Layout.PLAIN, VisitShape.Layout.PLAIN);
        round = guests.senderRound();
    }

    /** Guests' CPU: its guests read what they got and send again. */
    void prepare() {
        guests.collect();
        guests.offer(FRAMES, LENGTH_BYTES);
    }

    /** Worker's CPU: writes to every cache line of its memory, so that the lines of others must leave. */
    void evict() {
        long[] lines = memory;
        for (int i = 0; i < lines.length; i += LONGS_PER_CACHE_LINE) {
            lines[i]++;
        }
    }

    /** Worker's CPU: forwards what its guests have sent. */
    void forward() {
        round.beginPeriod();
        round.run(System.nanoTime());
    }

    @Override
    public void close() {
        guests.close();
    }
}
