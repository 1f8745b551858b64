package io.ringfence.dataplane.warmup;

import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.scheduler.NativeThread;
import java.util.concurrent.locks.LockSupport;

/**
 * A second thread of the warm-up that sends to the same guest as the first one: for what happens only where two workers meet, in the
 * middle of a step of the other.
 *
 * <p>The first thread has the first guest of the network and its port, the rival the others and theirs.
 */
final class Rival implements AutoCloseable {
    private static final int FRAMES = 64;
    private static final int LENGTH = 60;
    /** The guests, by their places. */
    private static final int FIRST = 0;

    private static final int RIVAL = 1;
    private static final int TARGET = 2;
    /** Between two turns, so that the compiler has the CPU most of the time. */
    private static final long REST_NANOS = 1_000_000;

    private static final long LENT_NANOS = 100_000;

    private final WarmUpLan lan;
    private final Thread thread =
            Thread.ofPlatform().name("ringfence-rival").daemon().unstarted(this::run);
    private volatile boolean ended;

    /** Begins at once; the network stays the caller's. */
    Rival(WarmUpLan lan) {
        this.lan = lan;
        // As if they were on two CPUs: only then is a claim worth a wait.
        lan.member(FIRST).receive().runsOn(0);
        lan.member(RIVAL).receive().runsOn(1);
        lan.member(TARGET).receive().runsOn(1);
        lan.member(FIRST).port().heldBy(NativeThread.currentId());
        // Else all would be flooded.
        send(1, TARGET, WarmUpLan.BROADCAST);
        lan.guest(FIRST).take(Integer.MAX_VALUE);
        lan.guest(RIVAL).take(Integer.MAX_VALUE);
        thread.start();
    }

    private void run() {
        int self = NativeThread.currentId();
        lan.member(RIVAL).port().heldBy(self);
        lan.member(TARGET).port().heldBy(self);
        while (!ended) {
            send(FRAMES, RIVAL, WarmUpLan.address(TARGET));
            lan.guest(TARGET).take(Integer.MAX_VALUE);
            visit(lan.member(TARGET).port());
            LockSupport.parkNanos(REST_NANOS);
        }
    }

    /** The first thread's turn. */
    void turn(NativeThread self) {
        send(FRAMES, FIRST, WarmUpLan.address(TARGET));
        GuestPort port = lan.member(FIRST).port();
        long now = System.nanoTime();
        if (port.waitsForClaimNanos(now) > 0) {
            port.lend(self, now + LENT_NANOS);
        }
    }

    private void send(int frames, int guest, long destination) {
        lan.guest(guest).offer(frames, LENGTH, WarmUpLan.address(guest), destination);
        visit(lan.member(guest).port());
    }

    private static void visit(GuestPort port) {
        long now = System.nanoTime();
        port.visit(now, now + LENT_NANOS);
    }

    /** Waits until its thread has ended, for the network may be unmapped next. */
    @Override
    public void close() {
        ended = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
