package io.ringfence.dataplane.diagnosis;

/** Allocates, so that the garbage collector has to work: in small pieces, some of which live for a while. */
final class Garbage implements Runnable {
    static final long EVERY_NANOS = 1_000_000;

    private static final int PIECE_BYTES = 1_000;
    private static final int PIECES = 400;
    private static final int ALIVE = 8_192;

    private final byte[][] alive = new byte[ALIVE][];
    private int next;

    @Override
    public void run() {
        for (int i = 0; i < PIECES; i++) {
            alive[next] = new byte[PIECE_BYTES];
            next = next + 1 == ALIVE ? 0 : next + 1;
        }
    }
}
