package io.ringfence.vhostuser.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Driver and device, each asleep whenever it may be: with suppression both ways no wake-up gets lost. */
class WakeUpTest {
    private static final int FRAMES = 40_000;
    private static final int LOST_MILLIS = 5000;

    @ParameterizedTest
    @CsvSource({
        "false, false, 0",
        "false, false, 65500",
        "true, false, 0",
        "true, false, 65500",
        "false, true, 0",
        "false, true, 21",
        "true, true, 0",
        "true, true, 21"
    })
    void shouldFinishWhenBothSidesSleepWheneverTheyMay(boolean eventIndex, boolean packed, int base) throws Exception {
        long features = (eventIndex ? Features.EVENT_IDX : 0) | (packed ? Features.RING_PACKED : 0);
        try (SharedMemory memory = SharedMemory.create(1 << 20);
                DeviceSide mapped = new DeviceSide(memory);
                TransmitQueue transmit =
                        new TransmitQueue(memory, QueueOptions.ofSize(16).withBase(base), features);
                EventSet kicks = EventSet.create();
                EventSet calls = EventSet.create()) {
            EventFd call = Objects.requireNonNull(transmit.rings().call());
            calls.add(call);
            kicks.add(transmit.rings().kick());
            Virtqueue queue = mapped.queue(transmit.rings().setup(1), features);

            CompletableFuture<Integer> device = CompletableFuture.supplyAsync(
                    () -> consume(queue, kicks), task -> Thread.ofPlatform().start(task));
            int kicked = produce(transmit, calls);

            assertThat(device.get(1, TimeUnit.MINUTES))
                    .as("frames the device saw")
                    .isEqualTo(FRAMES);
            assertThat(kicked).as("times the driver slept").isPositive();
        }
    }

    private static int produce(TransmitQueue transmit, EventSet calls) {
        SplittableRandom random = new SplittableRandom(1);
        int sleeps = 0;
        for (int sent = 0; sent < FRAMES; ) {
            int burst = Math.min(FRAMES - sent, 1 + random.nextInt(16));
            while (burst > 0 && transmit.claim(60) >= 0) {
                transmit.commit();
                burst--;
                sent++;
            }
            transmit.flush();
            boolean full = burst > 0;
            // Sometimes until everything is back, so that the device runs dry and sleeps too.
            while (full || (random.nextInt(4) == 0 && transmit.inFlight() > 0)) {
                if (transmit.reclaim() > 0) {
                    full = false;
                } else if (!transmit.rings().arm()) {
                    sleeps++;
                    if (calls.await(LOST_MILLIS) == 0) {
                        throw new AssertionError("no call within %d ms, %d chains in flight"
                                .formatted(LOST_MILLIS, transmit.inFlight()));
                    }
                }
                transmit.rings().disarm();
            }
        }
        return sleeps;
    }

    private static int consume(Virtqueue queue, EventSet kicks) {
        SplittableRandom random = new SplittableRandom(2);
        BufferChain chain = new BufferChain();
        int seen = 0;
        while (seen < FRAMES) {
            int count = Math.min(queue.available(), 1 + random.nextInt(8));
            if (count == 0) {
                if (!queue.arm() && kicks.await(LOST_MILLIS) == 0) {
                    throw new AssertionError("no kick within %d ms after %d frames".formatted(LOST_MILLIS, seen));
                }
                if (random.nextBoolean()) {
                    queue.disarm();
                }
                continue;
            }
            for (int i = 0; i < count; i++) {
                if (!queue.peek(i, false, chain)) {
                    throw new AssertionError("fault " + queue.fault());
                }
                queue.stage(i, chain.head(), 0);
            }
            queue.commit(count);
            seen += count;
            if (queue.publish()) {
                queue.call();
            }
        }
        return seen;
    }
}
