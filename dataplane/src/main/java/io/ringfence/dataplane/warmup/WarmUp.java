package io.ringfence.dataplane.warmup;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.vhostuser.backend.DeviceState;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has the packet path compiled before the first guest comes: sends synthetic frames through the very code that the
 * workers run.
 *
 * <p>A worker that began under SCHED_DEADLINE in the interpreter would spend its budgets at a tenth of its speed while
 * the compiler starves.
 */
public final class WarmUp {
    private static final int RARE_BURST = 8;
    private static final int ROUNDS_PER_RARE_BURST = 4;
    /** So much later a worker looks up again what it has learned. */
    private static final long LATER_NANOS = 60_000_000_000L;

    /** Nobody has the claim that is waited for. */
    private static final long LENT_NANOS = 1_000_000;

    /** No member, but one that holds a claim now and then. */
    private static final int STRANGER = 63;

    /** What a limit lets through at once: a part of a burst, or all of it. */
    private static final int[] LIMITED_BURSTS = {16, 1_024};

    private static final int LONGEST_FRAME = 1_522;

    private WarmUp() {}

    /**
     * Sends frames until {@link CompilationEnd} is reached, and completes {@link Rehearsal}; returns the frames carried.
     *
     * @param ending whether to end at once
     */
    public static long run(long longestMillis, BooleanSupplier ending) {
        try (NativeThread self = new NativeThread();
                WarmUpLan learning = WarmUpLan.learning();
                WarmUpLan assigned = WarmUpLan.assigned();
                WarmUpLan packed = WarmUpLan.packed();
                WarmUpLan offloading = WarmUpLan.offloading();
                WarmUpLan scattered = WarmUpLan.scattered();
                WarmUpLan dear = WarmUpLan.dear();
                WarmUpLan withoutEvents = WarmUpLan.withoutEvents();
                WarmUpLan contended = WarmUpLan.learning();
                Rival rival = new Rival(contended)) {
            List<WarmUpLan> lans = List.of(learning, assigned, packed, offloading, scattered, dear, withoutEvents);
            RareFrames rare = new RareFrames();
            self.rehearseServer();
            CompilationEnd compilation = new CompilationEnd(longestMillis);
            long frames = 0;
            int turn = 0;
            for (; !compilation.reached() && !ending.getAsBoolean(); turn++) {
                WarmUpLan lan = lans.get(turn % lans.size());
                int round = turn / lans.size();
                frames += exchange(lan, round, self);
                // Most of what is rare is about offloads.
                int roundsPerBurst = lan == offloading ? 1 : ROUNDS_PER_RARE_BURST;
                if (round % roundsPerBurst == 0) {
                    exchangeRare(lan, round / roundsPerBurst, rare);
                }
                rival.turn(self);
                rehearse(self, learning);
            }
            for (; turn < Rehearsal.TURNS && !ending.getAsBoolean(); turn++) {
                rehearse(self, learning);
            }
            return frames;
        } catch (IOException e) {
            throw new IllegalStateException("the warm-up has no shared memory: " + e.getMessage(), e);
        }
    }

    private static void rehearse(NativeThread self, WarmUpLan lan) {
        Member first = lan.member(0);
        Rehearsal.turn(
                self, lan.guest(0).kick(), first.events(), first.receive().claim());
    }

    private static long exchange(WarmUpLan lan, int round, NativeThread self) {
        BudgetMeter meter = new BudgetMeter(new Reservation(500_000, 1_000_000, (round & 1) == 0), self);
        int members = lan.guests();
        int from = round % members;
        int to = (from + 1) % members;
        // A guest has more addresses than one now and then: learned in one network, refused in the other.
        long source = round % 8 == 0 ? WarmUpLan.address(8 + round / 8 % 16) : WarmUpLan.address(from);
        lan.guest(from).offer(lan.burst(), lan.lengthOf(round), source, destinations(round, to));
        // Now and then the receiver reads late, so that frames take the way through the handoff too.
        boolean late = round % 16 == 1 || round % 16 == 2;
        GuestPort port = lan.member(from).port();
        Claim claim = lan.member(to).receive().claim();
        boolean contended = round % 16 == 5 && claim.tryAcquire(Claim.strangeHolder(STRANGER));
        if (round % 4 == 0) {
            lan.guest(from).arm();
            lan.guest(to).arm();
        } else {
            lan.guest(from).disarm();
        }
        port.limit(limit(round));
        visit(port, round % 32 == 0 ? LATER_NANOS : 0);
        if (late) {
            lan.member(to).receive().backlog().rehearse();
        }
        long frames = late ? 0 : lan.guest(to).take(lan.burst());
        visit(lan.member(to).port(), 0);
        port.waitsForClaimNanos(System.nanoTime());
        if (contended) {
            claim.release();
            port.lend(self, System.nanoTime() + LENT_NANOS);
        }
        self.runtimeLeftNanos();
        Pauses.rehearse(self, meter, lan.member(from).events());
        if (round % 64 == 0) {
            takeAll(lan);
        }
        if (round % 16 == 7) {
            Pauses.rehearseOverdrawn(self, lan.member(from).events());
        }
        return frames;
    }

    /**
     * What guests send seldom, or never if they are sound; to the next guest, to all, to the sender and to nobody. Now and then the next
     * one is away.
     */
    private static void exchangeRare(WarmUpLan lan, int round, RareFrames rare) {
        int from = round % lan.guests();
        int to = (from + 1) % lan.guests();
        GuestPort sender = lan.member(from).port();
        GuestPort receiver = lan.member(to).port();
        boolean away = round % 8 == 7 && receiver.configure(DeviceState.empty());
        long source = round % 16 == 5 ? WarmUpLan.BROADCAST : round % 16 == 9 ? 0 : WarmUpLan.address(from);
        long next = WarmUpLan.address(to);
        long own = WarmUpLan.address(from);
        lan.guest(from).offer(RARE_BURST, rare, source, next, WarmUpLan.BROADCAST, next, own, WarmUpLan.address(40));
        sender.limit(limit(round % 2 == 0 ? round : 0));
        visit(sender, 0);
        if (away) {
            receiver.configure(lan.guest(to).state());
        }
        takeAll(lan);
    }

    private static void takeAll(WarmUpLan lan) {
        for (int i = 0; i < lan.guests(); i++) {
            lan.guest(i).take(Integer.MAX_VALUE);
        }
    }

    private static long[] destinations(int round, int to) {
        return switch (round % 7) {
            case 0 -> new long[] {WarmUpLan.BROADCAST};
            case 1 -> new long[] {WarmUpLan.address(to), WarmUpLan.BROADCAST};
            case 2 -> new long[] {WarmUpLan.address(40)}; // nobody's
            default -> new long[] {WarmUpLan.address(to)};
        };
    }

    /** Now and then the sender has a limit: of frames, of bits, or of both. */
    private static @Nullable SendLimit limit(int round) {
        long framesPerSecond = round % 4 > 1 ? 100_000 : 0;
        long bitsPerSecond = round % 8 > 4 ? 100_000_000 : 0;
        int burst = LIMITED_BURSTS[round / 8 % LIMITED_BURSTS.length];
        return framesPerSecond + bitsPerSecond == 0
                ? null
                : new SendLimit(framesPerSecond, bitsPerSecond, burst, LONGEST_FRAME, System.nanoTime());
    }

    private static void visit(GuestPort port, long laterNanos) {
        long now = System.nanoTime();
        port.visit(now + laterNanos, now + laterNanos + 100_000);
        if ((now & 15) == 0) {
            port.arm();
            port.disarm();
        }
    }
}
