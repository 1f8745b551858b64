package io.ringfence.dataplane.control;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has the packet path compiled before the first guest comes: sends synthetic frames through the very code that the
 * workers run.
 *
 * <p>A worker that began under SCHED_DEADLINE in the interpreter would spend its budgets at a tenth of its speed while
 * the compiler starves.
 */
final class WarmUp {
    private static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.INDIRECT_DESC;
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final int[] LENGTHS = {60, 60, 60, 300, 1514};
    /** Of frames that leave work to their receivers. */
    private static final int[] OFFLOADED_LENGTHS = {66, 1514, 4_434, 1514, 16_114};

    private static final int OFFLOADED_BURST = 32;
    private static final int BURST = 256;
    private static final int PAUSES_PER_ROUND = 8;
    /** So much later a worker looks up again what it has learned. */
    private static final long LATER_NANOS = 60_000_000_000L;

    /** Nobody has the claim that is waited for. */
    private static final long LENT_NANOS = 1_000_000;

    /** No member, but one that holds a claim now and then. */
    private static final int STRANGER = 63;

    /** A network and its guests. */
    private record Lan(SyntheticLan network, List<SyntheticGuest> guests, boolean offloads) {}

    private WarmUp() {}

    /** Sends frames for about this long, after {@link Rehearsal}; returns the frames carried. */
    static long run(long millis) {
        QueueOptions plain = QueueOptions.ofSize(BURST);
        QueueOptions roomy = plain.withBufferLength(1 << 14);
        long mergeable = FEATURES | Features.NET_MRG_RXBUF;
        long packed = FEATURES | Features.RING_PACKED;
        try (NativeThread self = new NativeThread();
                SyntheticGuest first = new SyntheticGuest(plain, plain, FEATURES);
                SyntheticGuest second = new SyntheticGuest(plain, plain, mergeable);
                SyntheticGuest third = new SyntheticGuest(plain, plain, FEATURES);
                SyntheticLan learning = new SyntheticLan(List.of(first, second, third));
                SyntheticGuest fourth = new SyntheticGuest(plain, plain, mergeable);
                SyntheticGuest fifth = new SyntheticGuest(plain, plain, FEATURES);
                SyntheticLan assigned = new SyntheticLan(List.of(fourth, fifth), WarmUp::address);
                SyntheticGuest sixth = new SyntheticGuest(plain, plain, packed | Features.NET_MRG_RXBUF);
                SyntheticGuest seventh = new SyntheticGuest(plain, plain, packed | Features.IN_ORDER);
                SyntheticGuest eighth = new SyntheticGuest(plain, plain, FEATURES);
                SyntheticLan packing = new SyntheticLan(List.of(sixth, seventh, eighth));
                SyntheticGuest ninth = new SyntheticGuest(roomy, plain, mergeable | Features.NET_OFFLOADS);
                SyntheticGuest tenth =
                        new SyntheticGuest(roomy, plain, packed | Features.NET_MRG_RXBUF | Features.NET_OFFLOADS);
                SyntheticGuest eleventh = new SyntheticGuest(roomy, plain, FEATURES);
                SyntheticLan offloading = new SyntheticLan(List.of(ninth, tenth, eleventh))) {
            Lan learns = new Lan(learning, List.of(first, second, third), false);
            Lan assigns = new Lan(assigned, List.of(fourth, fifth), false);
            Lan packs = new Lan(packing, List.of(sixth, seventh, eighth), false);
            Lan offloads = new Lan(offloading, List.of(ninth, tenth, eleventh), true);
            List<Lan> lans = List.of(learns, assigns, packs, offloads);
            self.rehearseServer();
            Rehearsal.of(
                    self, first.kick(), learning.events(0), learning.receive(0).claim());
            long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            long frames = 0;
            for (int round = 0; System.nanoTime() - untilNanos < 0; round++) {
                frames += exchange(lans.get(round & 3), round >> 2, self);
            }
            return frames;
        } catch (IOException e) {
            throw new IllegalStateException("the warm-up has no shared memory: " + e.getMessage(), e);
        }
    }

    private static long exchange(Lan lan, int round, NativeThread self) {
        BudgetMeter meter = new BudgetMeter(new Reservation(500_000, 1_000_000, (round & 1) == 0), self);
        int members = lan.guests().size();
        int from = round % members;
        int to = (from + 1) % members;
        // A guest has more addresses than one now and then: learned in one network, refused in the other.
        long source = round % 8 == 0 ? address(8 + round / 8 % 16) : address(from);
        int[] lengths = lan.offloads() ? OFFLOADED_LENGTHS : LENGTHS;
        int burst = lan.offloads() ? OFFLOADED_BURST : BURST;
        int length = lengths[round % lengths.length];
        lan.guests().get(from).offer(burst, length, source, destinations(round, to));
        // Now and then the receiver reads late, so that frames take the way through the handoff too.
        boolean late = round % 16 < 2;
        Claim claim = lan.network().receive(to).claim();
        boolean contended = round % 16 == 5 && claim.tryAcquire(Claim.strangeHolder(STRANGER));
        if (round % 4 == 0) {
            lan.guests().get(from).arm();
            lan.guests().get(to).arm();
        }
        visit(lan.network().port(from), round % 32 == 0 ? LATER_NANOS : 0);
        long frames = late ? 0 : lan.guests().get(to).take(BURST);
        visit(lan.network().port(to), 0);
        if (contended) {
            claim.release();
            claim.rehearse();
            lan.network().port(from).lend(self, System.nanoTime() + LENT_NANOS);
        }
        self.runtimeLeftNanos();
        for (int i = 0; i < PAUSES_PER_ROUND; i++) {
            pause(self, meter, lan.network().events(from));
        }
        if (round % 64 == 0) {
            lan.guests().forEach(guest -> guest.take(Integer.MAX_VALUE));
        }
        return frames;
    }

    private static long[] destinations(int round, int to) {
        return switch (round % 7) {
            case 0 -> new long[] {BROADCAST};
            case 1 -> new long[] {address(to), BROADCAST};
            case 2 -> new long[] {address(40)}; // nobody's
            default -> new long[] {address(to)};
        };
    }

    /** An address of one station, its first byte on the wire lowest. */
    private static long address(int station) {
        return 0x02L | (long) station << 40;
    }

    private static void visit(GuestPort port, long laterNanos) {
        long now = System.nanoTime();
        port.visit(now + laterNanos, now + laterNanos + 100_000);
        if ((now & 15) == 0) {
            port.arm();
            port.disarm();
        }
    }

    /** What a worker does between visits, in no time: every wait is over when it begins. */
    private static void pause(NativeThread self, BudgetMeter meter, EventSet events) {
        long now = System.nanoTime();
        if (meter.spent(now)) {
            self.yieldUntilNextPeriod();
            meter.yielded(System.nanoTime());
        }
        if (meter.spentBySleeping(now)) {
            self.yieldUntilNextPeriod();
            meter.yielded(System.nanoTime());
        }
        meter.aboutToSleep(now);
        self.sleepUntil(now);
        meter.wokeUp(now, System.nanoTime());
        meter.aboutToSleep(now);
        events.await(0);
        events.awaitNanos(0);
        meter.wokeUp(System.nanoTime());
    }
}
