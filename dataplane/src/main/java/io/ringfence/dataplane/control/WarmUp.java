package io.ringfence.dataplane.control;

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
    private static final long ADDRESS = 0x0102_0304_0002L;
    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final int[] LENGTHS = {60, 60, 60, 300, 1514};
    private static final int BURST = 256;
    /** A call through a method handle is interpreted, slow and allocating, until it was made some thousand times. */
    private static final int CALLS_PER_ROUND = 8;

    private WarmUp() {}

    /** Runs for about this long; returns the frames carried. */
    static long run(long millis) {
        long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        QueueOptions plain = QueueOptions.ofSize(BURST);
        try (SyntheticGuest first = new SyntheticGuest(plain, plain, FEATURES);
                SyntheticGuest second = new SyntheticGuest(plain, plain, FEATURES | Features.NET_MRG_RXBUF);
                SyntheticLan lan = new SyntheticLan(List.of(first, second))) {
            return exchange(lan, List.of(first, second), untilNanos);
        } catch (IOException e) {
            throw new IllegalStateException("the warm-up has no shared memory: " + e.getMessage(), e);
        }
    }

    private static long exchange(SyntheticLan lan, List<SyntheticGuest> guests, long untilNanos) {
        NativeThread self = new NativeThread();
        BudgetMeter meter = new BudgetMeter(new Reservation(500_000, 1_000_000), self);
        long frames = 0;
        int round = 0;
        while (System.nanoTime() - untilNanos < 0) {
            round++;
            int from = round & 1;
            long destination = round % 7 == 0 ? BROADCAST : ADDRESS + (1 - from);
            guests.get(from).offer(BURST, LENGTHS[round % LENGTHS.length], ADDRESS + from, destination);
            // Now and then the receiver reads late, so that frames take the way through the handoff too.
            boolean late = round % 16 < 2;
            visit(lan.port(from));
            if (!late) {
                frames += guests.get(1 - from).take(BURST);
            }
            visit(lan.port(1 - from));
            for (int i = 0; i < CALLS_PER_ROUND; i++) {
                pause(self, meter, lan.events(from));
            }
        }
        guests.forEach(guest -> guest.take(Integer.MAX_VALUE));
        return frames;
    }

    private static void visit(GuestPort port) {
        long now = System.nanoTime();
        port.visit(now, now + 100_000);
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
        meter.aboutToSleep(now);
        self.sleepUntil(now);
        meter.wokeUp(now, System.nanoTime());
        meter.aboutToSleep(now);
        events.await(0);
        events.awaitNanos(0);
        meter.wokeUp(System.nanoTime());
    }
}
