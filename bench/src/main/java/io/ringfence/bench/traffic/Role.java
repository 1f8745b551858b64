package io.ringfence.bench.traffic;

/** What a station does during a run; written as one word. */
public sealed interface Role {
    /**
     * Sends requests at a fixed rate to its peer, which must echo them: open loop, so that a request that leaves late,
     * because the queue is full or the host is busy, counts from when it should have left.
     */
    record Requests(int perSecond, int lengthBytes) implements Role {
        public Requests {
            if (perSecond < 1 || perSecond > 10_000_000) {
                throw new IllegalArgumentException(perSecond + " requests/s: expected 1 to 10000000");
            }
            TestFrame.requireLength(lengthBytes);
        }

        @Override
        public String toString() {
            return "requests:" + perSecond + ":" + lengthBytes;
        }
    }

    /** Sends every frame back that it receives. */
    record Echo() implements Role {
        @Override
        public String toString() {
            return "echo";
        }
    }

    /** Sends frames to its peer as fast as its transmit queue takes them. */
    record Flood(int lengthBytes) implements Role {
        public Flood {
            TestFrame.requireLength(lengthBytes);
        }

        @Override
        public String toString() {
            return "flood:" + lengthBytes;
        }
    }

    /** Only receives. */
    record Sink() implements Role {
        @Override
        public String toString() {
            return "sink";
        }
    }

    /** Reads what {@code toString} has written. */
    static Role parse(String word) {
        String[] parts = word.split(":", -1);
        return switch (parts[0] + "/" + (parts.length - 1)) {
            case "requests/2" -> new Requests(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
            case "echo/0" -> new Echo();
            case "flood/1" -> new Flood(Integer.parseInt(parts[1]));
            case "sink/0" -> new Sink();
            default ->
                throw new IllegalArgumentException(
                        "role \"" + word + "\": expected requests:RATE:LENGTH, echo, flood:LENGTH or sink");
        };
    }
}
