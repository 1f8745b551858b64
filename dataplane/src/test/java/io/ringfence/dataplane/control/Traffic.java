package io.ringfence.dataplane.control;

import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Sends numbered frames from one embedded guest and counts them at another. */
final class Traffic {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int LENGTH = 64;
    private static final int NUMBER_OFFSET = 16;

    private Traffic() {}

    /** Puts a frame in the guest's transmit queue; false if that is full. Addresses have their first byte lowest. */
    static boolean send(EmbeddedGuest guest, long destination, long source, long number) {
        return send(guest, 0, destination, source, number);
    }

    /** The same by another queue pair. */
    static boolean send(EmbeddedGuest guest, int pair, long destination, long source, long number) {
        long at = guest.transmit(pair).claim(LENGTH);
        if (at < 0) {
            return false;
        }
        MemorySegment memory = guest.memory().segment();
        memory.set(LONG, at, destination | source << 48);
        memory.set(LONG, at + 8, source >>> 16 | 0xb588L << 32);
        memory.set(LONG, at + NUMBER_OFFSET, number);
        guest.transmit(pair).commit();
        guest.transmit(pair).flush();
        return true;
    }

    /** Takes what the guest received; returns how many frames. */
    static int take(EmbeddedGuest guest) {
        return guest.receive(0).poll((memory, offset, length) -> {}, Integer.MAX_VALUE);
    }

    /** Sends frames one by one, each when the last one has arrived; the number that arrived within the limit. */
    static int exchange(EmbeddedGuest from, long source, EmbeddedGuest to, long destination, int frames) {
        AtomicLong arrived = new AtomicLong();
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        take(to);
        for (int i = 0; i < frames; i++) {
            long number = i + 1L;
            if (!send(from, destination, source, number)) {
                return i;
            }
            while (arrived.get() != number) {
                to.receive(0)
                        .poll((memory, offset, length) -> arrived.set(memory.get(LONG, offset + NUMBER_OFFSET)), 16);
                if (System.nanoTime() - deadline > 0) {
                    return i;
                }
            }
        }
        return frames;
    }
}
