package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.PackedLayout.DESCRIPTOR_OWNER_MASK;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.USED_ENTRY_LENGTH;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.USED_INDEX_OFFSET;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.USED_RING_OFFSET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A back-end that writes nonsense into the used ring is found out by the driver side, in the test that uses it. */
class DeviceFaultTest {
    private final SharedMemory memory = SharedMemory.create(1 << 20);

    @AfterEach
    void close() {
        memory.close();
    }

    private void use(DriverQueue rings, int slot, int id, int length) {
        long used = rings.setup(0).usedAddress() - memory.userAddress(0);
        memory.segment().set(ValueLayout.JAVA_INT, used + USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * slot, id);
        memory.segment()
                .set(ValueLayout.JAVA_INT, used + USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * slot + 4, length);
        memory.segment().set(ValueLayout.JAVA_SHORT, used + USED_INDEX_OFFSET, (short) (slot + 1));
    }

    private TransmitQueue transmitting(QueueOptions options, int frames, long features) {
        TransmitQueue queue = new TransmitQueue(memory, options, features);
        for (int i = 0; i < frames; i++) {
            Frames.offer(queue, memory, new byte[60]);
        }
        queue.flush();
        return queue;
    }

    private static void assertFault(Runnable action, String message) {
        assertThatExceptionOfType(DeviceFaultException.class)
                .isThrownBy(action::run)
                .withMessageContaining(message);
    }

    @Test
    void shouldThrowWhenUsedIndexRunsAhead() {
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(8), 1, 0)) {
            use(queue.rings(), 1, 0, 0);

            assertFault(queue::reclaim, "used index 0x0002 is 2 chains ahead");
        }
    }

    @Test
    void shouldThrowWhenUsedIdIsOutsideTable() {
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(8), 1, 0)) {
            use(queue.rings(), 0, 8, 0);
            assertFault(queue::reclaim, "used id 8 is not the head of a chain");
            use(queue.rings(), 0, -1, 0);
            assertFault(queue::reclaim, "used id 4294967295");
        }
    }

    @Test
    void shouldThrowWhenUsedIdIsInsideChain() {
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(8).withChains(4), 1, 0)) {
            use(queue.rings(), 0, 1, 0);

            assertFault(queue::reclaim, "heads are 0 to 4 in steps of 4");
        }
    }

    @Test
    void shouldThrowWhenSameChainIsUsedTwice() {
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(8), 2, 0)) {
            use(queue.rings(), 0, 0, 0);
            queue.reclaim();
            use(queue.rings(), 1, 0, 0);

            assertFault(queue::reclaim, "used id 0 names a chain that the device does not have");
        }
    }

    @Test
    void shouldThrowWhenOrderIsBrokenThoughInOrderIsNegotiated() {
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(8), 2, Features.IN_ORDER)) {
            use(queue.rings(), 0, 1, 0);

            assertFault(queue::reclaim, "used id 1, expected 0");
        }
    }

    @Test
    void shouldThrowWhenUsedLengthIsImpossible() {
        try (ReceiveQueue queue =
                new ReceiveQueue(memory, QueueOptions.ofSize(8).withBufferLength(100), 0)) {
            queue.startPosting();
            int[] lengths = {11, 101, -1};
            for (int length : lengths) {
                use(queue.rings(), 0, 0, length);
                numBuffers(queue, 1);
                assertFault(() -> Frames.poll(queue, 1), "used length is " + Integer.toUnsignedString(length));
            }
        }
    }

    @Test
    void shouldThrowWhenNumberOfBuffersIsImpossible() {
        try (ReceiveQueue queue = new ReceiveQueue(memory, QueueOptions.ofSize(8), Features.NET_MRG_RXBUF)) {
            queue.startPosting();
            use(queue.rings(), 0, 0, 72);
            numBuffers(queue, 0);
            assertFault(() -> Frames.poll(queue, 1), "num_buffers is 0, expected 1 to 8");
            numBuffers(queue, 9);
            assertFault(() -> Frames.poll(queue, 1), "num_buffers is 9");
        }
    }

    /** Marks the first descriptor of a packed ring used by this id. */
    private void usePacked(QueueSetup queue, int id) {
        long ring = queue.descriptorsAddress() - memory.userAddress(0);
        memory.segment().set(ValueLayout.JAVA_LONG, ring + 8, (long) DESCRIPTOR_OWNER_MASK << 48 | (long) id << 32);
    }

    @Test
    void shouldThrowWhenPackedRingNamesBufferThatDeviceDoesNotHave() {
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(7), 2, Features.RING_PACKED)) {
            QueueSetup setup = queue.rings().setup(0);
            usePacked(setup, 7);
            assertFault(queue::reclaim, "used id 7 is no buffer; ids are 0 to 6");
            usePacked(setup, 6);
            assertFault(queue::reclaim, "used id 6 names a chain that the device does not have");
        }
    }

    @Test
    void shouldTakeBackAllUpToTheNamedOneWhenPackedRingIsUsedInOrder() {
        long features = Features.RING_PACKED | Features.IN_ORDER;
        try (TransmitQueue queue = transmitting(QueueOptions.ofSize(7), 4, features)) {
            QueueSetup setup = queue.rings().setup(0);
            usePacked(setup, 5);
            assertFault(queue::reclaim, "used id 5 names a chain that the device does not have");
            usePacked(setup, 2);
            assertThat(queue.reclaim()).isEqualTo(3);
            assertThat(queue.inFlight()).isOne();
        }
    }

    private void numBuffers(ReceiveQueue queue, int value) {
        long table = queue.rings().setup(0).descriptorsAddress() - memory.userAddress(0);
        long header = memory.segment().get(ValueLayout.JAVA_LONG, table) - memory.guestAddress(0);
        memory.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, header + 10, (short) value);
    }
}
