package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.virtqueue.BufferChain;

/**
 * Goes through a VM's receive memory after a fault, as far as it is in hand or will be next: a few pieces at each look, for each is a call
 * to the kernel, and the worker is to look at its budget in between.
 *
 * <p>What is in hand may be other pieces at the next look. What cannot be accessed then faults again, and is looked for again. Belongs to
 * the VM's worker; its looks are under the claim.
 */
final class MemorySweep {
    /** Pieces of one look: some 50 us. */
    private static final int PIECES_PER_LOOK = 16;

    /** No more often, whoever meets faults: a look asks for the length of each file, too. */
    private static final long LOOK_AGAIN_NANOS = 1_000_000;

    /** Parts of a sweep: what was written to last, and then of each queue what was read last, and what comes next. */
    private static final int PARTS_PER_QUEUE = 2;

    private final MemoryProbe probe;
    private final BufferChain chain = new BufferChain();
    private long lookedNanos = System.nanoTime() - LOOK_AGAIN_NANOS;
    private int part;
    /** Pieces of that part that have been asked for. */
    private int pieces;
    /** With which queue it begins: the probe may not last for all. */
    private int firstQueue;

    private boolean goesOn;
    private boolean again;

    /** @param probe with which to ask */
    MemorySweep(MemoryProbe probe) {
        this.probe = probe;
    }

    /** A fault was met: begins, or begins once more after the sweep that goes on already. */
    void want() {
        if (goesOn) {
            again = true;
        } else {
            start();
        }
    }

    private void start() {
        goesOn = true;
        part = 0;
        pieces = 0;
        firstQueue++;
    }

    /** Ends it: the memory is another, or gone. */
    void forget() {
        goesOn = false;
        again = false;
    }

    /** Whether it is not through. */
    boolean goesOn() {
        return goesOn;
    }

    /** Whether it is time for another look. */
    boolean isDue() {
        return System.nanoTime() - lookedNanos >= LOOK_AGAIN_NANOS;
    }

    /**
     * A look: whether an access to one of the next pieces would fault.
     *
     * @param lastUsed what may have written to these queues last: that is little, and most likely
     */
    boolean faults(GuestMemory memory, ReceiveQueue[] queues, FrameWriter lastUsed) {
        lookedNanos = System.nanoTime();
        probe.begin(lookedNanos, PIECES_PER_LOOK);
        while (goesOn && !probe.usedUp()) {
            probe.skip(pieces);
            long before = probe.asked();
            if (partFaults(memory, queues, lastUsed)) {
                forget();
                return true;
            }
            if (probe.stopped()) {
                pieces += (int) (probe.asked() - before);
                return false;
            }
            pieces = 0;
            part++;
            if (part > PARTS_PER_QUEUE * queues.length) {
                end();
            }
        }
        forget(); // also if there is no more to ask with: it would keep the worker awake for that
        return false;
    }

    private void end() {
        goesOn = false;
        if (again) {
            again = false;
            start();
        }
    }

    private boolean partFaults(GuestMemory memory, ReceiveQueue[] queues, FrameWriter lastUsed) {
        if (part == 0) {
            return lastUsed.faults(memory, probe);
        }
        int turn = (part - 1) / PARTS_PER_QUEUE;
        ReceiveQueue queue = queues[Math.floorMod(firstQueue + turn, queues.length)];
        return (part - 1) % PARTS_PER_QUEUE == 0
                ? queue.lastFaults(memory, probe)
                : queue.nextFault(memory, probe, chain);
    }
}
