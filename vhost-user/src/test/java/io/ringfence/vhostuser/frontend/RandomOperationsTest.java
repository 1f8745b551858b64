package io.ringfence.vhostuser.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Random operations of driver and device on one queue, compared with plain Java queues after each of them. */
class RandomOperationsTest {
    private static final int OPERATIONS = 20_000;
    private static final int MAX_FRAME = 300;

    static Stream<Arguments> queues() {
        return LongStream.rangeClosed(1, 16)
                .boxed()
                .flatMap(seed -> Stream.of(Arguments.of(seed, false), Arguments.of(seed, true)));
    }

    @ParameterizedTest
    @MethodSource("queues")
    void shouldTransmitAsPlainQueueWould(long seed, boolean packed) {
        try (TransmitModel model = new TransmitModel(seed, packed)) {
            for (int i = 0; i < OPERATIONS; i++) {
                model.step();
            }
            assertThat(model.seen).as("frames that went through").isGreaterThan(OPERATIONS / 100);
            assertThat(model.kicksExpected).as("kicks that had to come").isPositive();
        }
    }

    @ParameterizedTest
    @MethodSource("queues")
    void shouldReceiveAsPlainQueueWould(long seed, boolean packed) {
        try (ReceiveModel model = new ReceiveModel(seed, packed)) {
            for (int i = 0; i < OPERATIONS; i++) {
                model.step();
            }
            assertThat(model.seen).as("frames that went through").isGreaterThan(OPERATIONS / 100);
            assertThat(model.callsExpected).as("calls that had to come").isPositive();
        }
    }

    private abstract static class Model implements AutoCloseable {
        final SplittableRandom random;
        final long features;
        final QueueOptions options;
        final SharedMemory memory = SharedMemory.create(8 << 20);
        final DeviceSide device = new DeviceSide(memory);
        int number;
        int seen;

        Model(long seed, boolean packed) {
            random = new SplittableRandom(seed);
            long chosen = Features.INDIRECT_DESC | Features.VERSION_1;
            chosen |= random.nextBoolean() ? Features.EVENT_IDX : 0;
            chosen |= random.nextBoolean() ? Features.IN_ORDER : 0;
            chosen |= random.nextBoolean() ? Features.NET_MRG_RXBUF : 0;
            chosen |= packed ? Features.RING_PACKED : 0;
            features = chosen;
            int size = packed ? 1 + random.nextInt(128) : 1 << random.nextInt(8);
            int chain = 1 + random.nextInt(Math.min(size, 6));
            int buffer = has(Features.NET_MRG_RXBUF) ? 12 + random.nextInt(MAX_FRAME) : 12 + MAX_FRAME;
            QueueOptions base = QueueOptions.ofSize(size)
                    .withBufferLength(receives() ? buffer : 12 + MAX_FRAME)
                    .withBase(random.nextBoolean() ? 65536 - random.nextInt(1, 100) : random.nextInt(65536));
            options = random.nextBoolean() ? base.withIndirectTables(chain) : base.withChains(chain);
        }

        abstract boolean receives();

        boolean has(long feature) {
            return (features & feature) != 0;
        }

        byte[] nextFrame() {
            return Frames.numbered(number++, random.nextInt(MAX_FRAME + 1));
        }

        @Override
        public void close() {
            device.close();
            memory.close();
        }
    }

    private static final class TransmitModel extends Model {
        final TransmitQueue transmit = new TransmitQueue(memory, options, features);
        Virtqueue queue = device.queue(transmit.rings().setup(1), features);
        final Deque<byte[]> committed = new ArrayDeque<>();
        final Deque<byte[]> visible = new ArrayDeque<>();
        int unpublished;
        int reclaimable;
        boolean kickDue;
        int kicksExpected;

        TransmitModel(long seed, boolean packed) {
            super(seed, packed);
        }

        @Override
        boolean receives() {
            return false;
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> offer();
                case 4, 5 -> flush();
                case 6, 7 -> take();
                case 8 -> publish();
                case 9 -> reclaim();
                case 10 -> armOrDisarm();
                default -> continueOrRestart();
            }
            assertThat(transmit.inFlight()).isEqualTo(committed.size() + visible.size() + unpublished + reclaimable);
        }

        private void offer() {
            boolean full = transmit.inFlight() == options.buffers();
            byte[] frame = nextFrame();
            boolean taken = Frames.offer(transmit, memory, frame);

            assertThat(taken).isEqualTo(!full || reclaimable > 0);
            if (full) {
                reclaimable = 0;
            }
            if (taken) {
                committed.add(frame);
            }
        }

        private void flush() {
            transmit.flush();
            boolean kicked = transmit.rings().kick().drain() > 0;
            if (kickDue && !committed.isEmpty()) {
                assertThat(kicked).as("kick that the device waits for").isTrue();
                kickDue = false;
                kicksExpected++;
            }
            visible.addAll(committed);
            committed.clear();
        }

        private void take() {
            assertThat(queue.available()).isEqualTo(visible.size());
            int count = random.nextInt(visible.size() + 1);
            List<Integer> slots = new ArrayList<>();
            boolean inOrder = has(Features.IN_ORDER) || has(Features.RING_PACKED);
            for (int i = 0; i < count; i++) {
                slots.add(inOrder ? i : random.nextInt(i + 1), i);
            }
            Map<Integer, Integer> slotOf = new HashMap<>();
            for (int i = 0; i < count; i++) {
                slotOf.put(slots.get(i), i);
            }
            for (int i = 0; i < count; i++) {
                assertThat(device.read(queue, i)).isEqualTo(visible.remove());
                queue.stage(slotOf.getOrDefault(i, -1), device.head(), 0);
            }
            queue.commit(count);
            seen += count;
            unpublished += count;
        }

        private void publish() {
            queue.publish();
            reclaimable += unpublished;
            unpublished = 0;
        }

        private void reclaim() {
            assertThat(transmit.reclaim()).isEqualTo(reclaimable);
            reclaimable = 0;
        }

        private void armOrDisarm() {
            queue.available();
            if (random.nextBoolean()) {
                kickDue = !queue.arm();
                assertThat(kickDue)
                        .as("nothing came between looking and arming")
                        .isTrue();
            } else {
                queue.disarm();
                kickDue = false;
            }
        }

        private void continueOrRestart() {
            Virtqueue next;
            if (random.nextBoolean()) {
                next = device.queue(transmit.rings().setup(1), features);
                next.continueFrom(queue);
            } else {
                publish();
                assertThat(transmit.rings().setup(1).base()).isEqualTo(queue.base());
                next = device.queue(transmit.rings().setup(1), features);
                kickDue = false;
            }
            queue = next;
        }

        @Override
        public void close() {
            transmit.close();
            super.close();
        }
    }

    private static final class ReceiveModel extends Model {
        final ReceiveQueue receive = new ReceiveQueue(memory, options, features);
        Virtqueue queue = device.queue(receive.rings().setup(0), features);
        final Deque<byte[]> unpublished = new ArrayDeque<>();
        final Deque<byte[]> visible = new ArrayDeque<>();
        boolean posting;
        boolean callDue;
        int callsExpected;

        ReceiveModel(long seed, boolean packed) {
            super(seed, packed);
        }

        @Override
        boolean receives() {
            return true;
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> put();
                case 4, 5 -> publish();
                case 6, 7 -> poll();
                case 8 -> armOrDisarm();
                default -> startOrStopPosting();
            }
        }

        private void put() {
            byte[] frame = nextFrame();
            int needed = Math.ceilDiv(QueueOptions.HEADER_LENGTH + frame.length, options.bufferLengthBytes());
            boolean room = queue.available() >= needed;

            assertThat(device.put(queue, frame)).isEqualTo(room);
            if (room) {
                unpublished.add(frame);
            }
        }

        private void publish() {
            boolean called = queue.publish();
            if (callDue && !unpublished.isEmpty()) {
                assertThat(called).as("call that the driver waits for").isTrue();
                callDue = false;
                callsExpected++;
            }
            visible.addAll(unpublished);
            unpublished.clear();
        }

        private void poll() {
            int limit = random.nextInt(1, 20);
            int expected = Math.min(limit, visible.size());

            List<byte[]> frames = Frames.poll(receive, limit);

            assertThat(frames).hasSize(expected);
            for (byte[] frame : frames) {
                assertThat(frame).isEqualTo(visible.remove());
            }
            seen += frames.size();
            if (expected > 0) {
                callDue = false;
            }
        }

        private void armOrDisarm() {
            if (random.nextBoolean()) {
                boolean ready = receive.rings().arm();
                assertThat(ready).isEqualTo(!visible.isEmpty());
                callDue = !ready;
            } else {
                receive.rings().disarm();
                callDue = false;
            }
        }

        private void startOrStopPosting() {
            posting = random.nextInt(4) != 0;
            if (posting) {
                receive.startPosting();
            } else {
                receive.stopPosting();
            }
        }

        @Override
        public void close() {
            receive.close();
            super.close();
        }
    }
}
