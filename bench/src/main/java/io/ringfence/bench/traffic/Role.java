package io.ringfence.bench.traffic;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a station does during a run. Whatever it is, it also takes in and checks what it is sent, unless it says otherwise. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "role")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Role.Stream.class, name = "stream"),
    @JsonSubTypes.Type(value = Role.Flood.class, name = "flood"),
    @JsonSubTypes.Type(value = Role.Sink.class, name = "sink"),
    @JsonSubTypes.Type(value = Role.Withhold.class, name = "withhold"),
    @JsonSubTypes.Type(value = Role.Odd.class, name = "odd"),
    @JsonSubTypes.Type(value = Role.Kicks.class, name = "kicks"),
    @JsonSubTypes.Type(value = Role.Reattach.class, name = "reattach"),
    @JsonSubTypes.Type(value = Role.Remap.class, name = "remap")
})
public sealed interface Role {
    /**
     * Sends frames at a fixed rate, open loop: one that leaves late, because the queue is full or the host is busy, counts
     * from when it should have left. The receiving station measures.
     */
    record Stream(int perSecond, int lengthBytes) implements Role {
        public Stream {
            requireRate(perSecond, 1);
            TestFrame.requireLength(lengthBytes);
        }
    }

    /**
     * Offers frames, and does not send later what its transmit queue has no room for.
     *
     * @param lengthBytes {@link LargeFrame#LENGTH_BYTES} for TCP frames to be cut, by stations with offloads
     * @param perSecond how many it offers; 0 for as many as the queue takes
     */
    record Flood(int lengthBytes, int perSecond) implements Role {
        public Flood {
            requireRate(perSecond, 0);
            if (lengthBytes != LargeFrame.LENGTH_BYTES) {
                TestFrame.requireLength(lengthBytes);
            }
        }

        /** As many as the queue takes. */
        public Flood(int lengthBytes) {
            this(lengthBytes, 0);
        }
    }

    /** Only receives. */
    record Sink() implements Role {}

    /** Reads what it was sent, but posts no buffer again: once those that it had posted are full, it can receive no more. */
    record Withhold() implements Role {}

    /** Sends {@link OddFrame}s, as many as its queue takes; nobody counts how many arrive. A station with offloads only. */
    record Odd() implements Role {}

    /**
     * Signals its transmit queue's kick descriptor although it has nothing to send.
     *
     * @param perSecond 0 for as often as it gets its turn
     */
    record Kicks(int perSecond) implements Role {
        public Kicks {
            requireRate(perSecond, 0);
        }
    }

    /** Stops its queues, closes its session and attaches again, at most so many times a second; carries no frames. */
    record Reattach(int perSecond) implements Role {
        public Reattach {
            requireRate(perSecond, 1);
        }
    }

    /** Adds a region to its memory table and removes it again, at most so many times a second; carries no frames. */
    record Remap(int perSecond) implements Role {
        public Remap {
            requireRate(perSecond, 1);
        }
    }

    private static void requireRate(int perSecond, int least) {
        if (perSecond < least || perSecond > 50_000_000) {
            throw new IllegalArgumentException(perSecond + " a second: expected " + least + " to 50000000");
        }
    }
}
