package io.ringfence.dataplane.control;

import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersReader;
import org.jspecify.annotations.Nullable;

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
        try (SyntheticGuest first = new SyntheticGuest(plain, FEATURES);
                SyntheticGuest second = new SyntheticGuest(plain, FEATURES | Features.NET_MRG_RXBUF)) {
            return exchange(List.of(first, second), untilNanos);
        } catch (IOException e) {
            throw new IllegalStateException("the warm-up has no shared memory: " + e.getMessage(), e);
        }
    }

    private static long exchange(List<SyntheticGuest> guests, long untilNanos) {
        Member.Segment segment = Member.build(
                new Member.Plan("warm-up", 1500, 16, List.of(0L, 0L), WarmUp::sendLimit, ignored -> scratchCounters()));
        List<Member> members = segment.members();
        IntStream.range(0, 2)
                .forEach(i -> members.get(i).port().configure(guests.get(i).state()));
        NativeThread self = new NativeThread();
        BudgetMeter meter = new BudgetMeter(new Reservation(500_000, 1_000_000), self);
        long frames = 0;
        int round = 0;
        while (System.nanoTime() - untilNanos < 0) {
            round++;
            int from = round & 1;
            long destination = round % 7 == 0 ? BROADCAST : ADDRESS + (1 - from);
            guests.get(from).offer(BURST, destination, ADDRESS + from, LENGTHS[round % LENGTHS.length]);
            // Now and then the receiver reads late, so that frames take the way through the handoff too.
            boolean late = round % 16 < 2;
            visit(members.get(from));
            if (!late) {
                frames += guests.get(1 - from).take(BURST);
            }
            visit(members.get(1 - from));
            for (int i = 0; i < CALLS_PER_ROUND; i++) {
                pause(self, meter, members.get(from).events());
            }
        }
        guests.forEach(guest -> guest.take(Integer.MAX_VALUE));
        members.forEach(member -> {
            member.port().configure(DeviceState.empty());
            member.close();
        });
        return frames;
    }

    /** One of the two has a limit, though one that lets everything through, so that this way is compiled too. */
    private static @Nullable SendLimit sendLimit(int member) {
        return member == 0 ? new SendLimit(1_000_000_000, 1_000_000_000_000L, 0, 1522, System.nanoTime()) : null;
    }

    private static void visit(Member member) {
        long now = System.nanoTime();
        member.port().visit(now, now + 100_000);
        if ((now & 15) == 0) {
            member.port().arm();
            member.port().disarm();
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

    private static AtomicCounter[] scratchCounters() {
        UnsafeBuffer values =
                new UnsafeBuffer(ByteBuffer.allocateDirect(CountersReader.COUNTER_LENGTH * Counter.values().length));
        return IntStream.range(0, Counter.values().length)
                .mapToObj(i -> new AtomicCounter(values, i))
                .toArray(AtomicCounter[]::new);
    }
}
