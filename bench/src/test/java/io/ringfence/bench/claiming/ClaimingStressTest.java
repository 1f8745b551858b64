package io.ringfence.bench.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.claiming.PlayedGuest.Receiving;
import io.ringfence.bench.claiming.PlayedGuest.Transmitting;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Three senders and a guest, each a thread that runs when it can; rings that wrap every few batches. Every frame arrives once, whole,
 * behind the earlier ones of its sender, and the used ring names no buffer that the device does not have: {@link
 * io.ringfence.vhostuser.frontend.ReceiveQueue} ends the test if it does.
 */
@ParameterizedClass
@EnumSource
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClaimingStressTest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int SENDERS = 3;
    private static final int FRAMES = 60_000;
    private static final int SENDER_OFFSET = 16;
    private static final int NUMBER_OFFSET = 24;
    private static final int PAYLOAD_OFFSET = 32;
    private static final int MIN_LENGTH = 60;
    private static final int MAX_LENGTH = 1514;

    private final Way way;
    private final long[] next = new long[SENDERS];
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean over = new AtomicBoolean();

    ClaimingStressTest(Way way) {
        this.way = way;
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 256, 64})
    void shouldLoseDuplicateTearAndReorderNothingWhenSeveralSend(int bufferLengthBytes) throws Exception {
        List<AutoCloseable> open = new ArrayList<>();
        Receiving receiver = new Receiving(QueueOptions.ofSize(128).withBufferLength(bufferLengthBytes));
        open.add(receiver);
        List<Sender> senders = way.senders(SENDERS, true, receiver);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
            Transmitting guest = new Transmitting(QueueOptions.ofSize(64));
            open.add(guest);
            int number = i;
            Sender sender = senders.get(i);
            threads.add(Thread.ofPlatform().unstarted(() -> caught(() -> send(number, guest, sender))));
        }
        Thread reader = Thread.ofPlatform().unstarted(() -> caught(() -> read(receiver)));
        reader.start();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        // The receiver's worker would do this; the guest goes on reading meanwhile.
        while (failure.get() == null && !allArrived()) {
            senders.getFirst().settle();
            pause();
        }
        over.set(true);
        reader.join();
        for (AutoCloseable resource : open) {
            resource.close();
        }
        assertThat(failure.get()).isNull();
        assertThat(next).containsOnly(FRAMES);
    }

    private void caught(Runnable work) {
        try {
            work.run();
        } catch (Throwable thrown) {
            failure.compareAndSet(null, thrown);
        }
    }

    private synchronized boolean allArrived() {
        for (long count : next) {
            if (count < FRAMES) {
                return false;
            }
        }
        return true;
    }

    private void send(int number, Transmitting guest, Sender sender) {
        Random random = new Random(number);
        SplitVirtqueue device = guest.device();
        TransmitQueue queue = guest.queue();
        long offered = 0;
        long taken = 0;
        while (taken < FRAMES && failure.get() == null) {
            int wanted = 1 + random.nextInt(64);
            while (wanted-- > 0 && offered < FRAMES) {
                int length = MIN_LENGTH + random.nextInt(MAX_LENGTH - MIN_LENGTH + 1);
                long at = queue.claim(length);
                if (at < 0) {
                    break;
                }
                write(guest.memory.segment(), at, length, number, offered++);
                queue.commit();
            }
            queue.flush();
            int gone = sender.send(device);
            taken += gone;
            if (gone == 0) {
                pause();
            }
        }
        // Those of its frames that somebody else has still to be looked after for.
        while (!arrivedFrom(number) && failure.get() == null && !over.get()) {
            int ignored = sender.send(device);
            pause();
            if (ignored > 0) {
                throw new IllegalStateException("took " + ignored + " frames that were not offered");
            }
        }
    }

    /** Lets others run: there are more threads than CPUs. */
    private static void pause() {
        LockSupport.parkNanos(10_000);
    }

    private synchronized boolean arrivedFrom(int number) {
        return next[number] == FRAMES;
    }

    private static long pattern(int number, long frame, int position) {
        return (frame * 0x9e37_79b9_7f4a_7c15L + number) ^ position * 0xc2b2_ae3d_27d4_eb4fL;
    }

    private static void write(MemorySegment memory, long at, int length, int number, long frame) {
        memory.set(LONG, at, 0x0102_0304_0506_0708L);
        memory.set(LONG, at + 8, 0x0008_0102_0304L);
        memory.set(LONG, at + SENDER_OFFSET, number);
        memory.set(LONG, at + NUMBER_OFFSET, frame);
        for (int i = PAYLOAD_OFFSET; i + Long.BYTES <= length; i += Long.BYTES) {
            memory.set(LONG, at + i, pattern(number, frame, i));
        }
    }

    private void read(Receiving receiver) {
        while (!over.get()) {
            int frames = receiver.queue().poll(this::check, 64);
            if (frames == 0) {
                pause();
            }
        }
    }

    private synchronized void check(MemorySegment memory, long at, int length) {
        int number = Math.toIntExact(memory.get(LONG, at + SENDER_OFFSET));
        long frame = memory.get(LONG, at + NUMBER_OFFSET);
        if (frame != next[number]) {
            throw new IllegalStateException(
                    "frame %d of sender %d arrived, expected %d".formatted(frame, number, next[number]));
        }
        for (int i = PAYLOAD_OFFSET; i + Long.BYTES <= length; i += Long.BYTES) {
            if (memory.get(LONG, at + i) != pattern(number, frame, i)) {
                throw new IllegalStateException(
                        "frame %d of sender %d of %d bytes is torn at %d".formatted(frame, number, length, i));
            }
        }
        next[number]++;
    }
}
