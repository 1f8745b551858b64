package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Copies a frame into a receive queue, behind a virtio-net header (VIRTIO 1.3, 5.1.6.4): as it is if the guest takes it so,
 * else with its checksum computed, or cut into packets.
 *
 * <p>Owned by one worker; the queue's claim must be held.
 */
final class FrameWriter {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NUM_BUFFERS_OFFSET = 10;

    private final Tally tally;
    private final MemorySegment virtioHeader = Arena.ofAuto().allocate(16, 8);
    private final BufferChain buffers = new BufferChain();
    private final BufferChain furtherBuffers = new BufferChain();
    private int descriptors;
    private int chains;
    private int packets;
    private long bytes;
    /** What is being done in software for the frame at hand. */
    private @Nullable Counter work;

    /** @param tally counts what is done in software */
    FrameWriter(Tally tally) {
        this.tally = tally;
    }

    /**
     * Puts a frame into the queue; nothing is taken from the queue unless the frame is in.
     *
     * <p>Only a frame that is cut into more packets than the queue has entries, or than the driver gives buffers for, is put in
     * as far as it goes: the sender's TCP then goes on from there.
     *
     * @param descriptorLimit the most descriptors to spend on it, beyond one for each packet that it is cut into
     * @return one of {@link Delivered}
     */
    int write(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        int needed = queue.headerLength + frame.lengthBytes;
        if (queue.headerLength == FrameBatch.HEADER_LENGTH
                && frame.plain()
                && queue.readAhead(FrameBatch.HEADER_LENGTH)
                && queue.ahead.length(queue.aheadNext) >= needed) {
            descriptors = 1;
            packets = 1;
            bytes = frame.lengthBytes;
            writePlain(queue.ahead.segment(), queue.ahead.offset(queue.aheadNext), frame);
            queue.ahead.written(queue.aheadNext, needed);
            queue.useAhead(1);
            return Delivered.DONE;
        }
        return writeAny(queue, frame, descriptorLimit);
    }

    private static void writePlain(MemorySegment to, long at, Frame frame) {
        to.set(LONG, at, 0L);
        to.set(INT, at + 8, FrameBatch.ONE_BUFFER);
        frame.copyTo(to, at + FrameBatch.HEADER_LENGTH);
    }

    /** Whether an access to the buffers that were last written to would fault, if they are of this memory. For after a fault. */
    boolean faults(GuestMemory memory, MemoryProbe probe) {
        return buffers.faults(memory, probe, true) || furtherBuffers.faults(memory, probe, true);
    }

    /** Descriptors of the receiver that the last attempt read. */
    int descriptors() {
        return descriptors;
    }

    /** Packets that the last attempt put into the queue. */
    int packets() {
        return packets;
    }

    /** Bytes of these packets. */
    long bytes() {
        return bytes;
    }

    /** Buffers of several pieces, a frame over several chains, a very short one, or one that leaves work. */
    private int writeAny(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        descriptors = 0;
        chains = 0;
        packets = 0;
        bytes = 0;
        work = null;
        int outcome;
        if ((frame.needs & ~queue.offloads) == 0) {
            outcome = writeWhole(queue, frame, descriptorLimit);
        } else if (frame.needs == Offloads.CHECKSUM) {
            outcome = queue.lacks(1) ? queue.whyLacking() : completeAndWrite(queue, frame, descriptorLimit);
        } else {
            outcome = writeCut(queue, frame, descriptorLimit);
        }
        if (outcome != Delivered.DONE && outcome != Delivered.NO_ROOM) {
            packets = 0;
            bytes = 0;
        }
        if (packets > 0) {
            queue.take(chains);
            if (work != null) {
                tally.add(work, 1);
            }
        }
        return outcome;
    }

    private int completeAndWrite(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        frame.completeChecksum();
        work = Counter.SOFTWARE_CHECKSUMS;
        return writeWhole(queue, frame, descriptorLimit);
    }

    private int writeWhole(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        // Looked at before anything is copied: a large frame that finds too few buffers would be copied for nothing.
        return queue.lacksBytes(queue.headerLength + frame.lengthBytes)
                ? queue.whyLacking()
                : writeScattered(queue, frame.packet(), descriptorLimit);
    }

    private int writeCut(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        int limit = descriptorLimit + frame.segments() - 1;
        if (queue.lacks(frame.segments()) && queue.whyLacking() != Delivered.NO_ROOM) {
            return queue.whyLacking();
        }
        work = Counter.SOFTWARE_SEGMENTED_FRAMES;
        Segments segments = frame.cut((queue.offloads & Offloads.CHECKSUM) == 0);
        int outcome = Delivered.DONE;
        int whole = 0;
        while (outcome == Delivered.DONE && segments.next()) {
            whole = chains;
            outcome = writeScattered(queue, segments.packet(), limit);
        }
        if (outcome == Delivered.NO_ROOM) {
            chains = whole;
        }
        return outcome;
    }

    /** Writes one packet into the chains after those already filled. */
    private int writeScattered(ReceiveQueue queue, Packet packet, int descriptorLimit) {
        BufferChain chain = buffers;
        int header = queue.headerLength;
        int left = packet.lengthBytes;
        int first = chains;
        while (true) {
            int outcome = queue.fetch(chains, descriptorLimit - descriptors, chain);
            if (outcome != Delivered.DONE) {
                return outcome;
            }
            descriptors += chain.descriptors(); // also if there were too many to be read
            if (descriptors > descriptorLimit) {
                return Delivered.TOO_DEAR;
            }
            int room = chain.lengthBytes();
            if (room < header || (!queue.mergeable && room < header + left)) {
                return Delivered.NO_ROOM;
            }
            int written = Math.min(room, header + left);
            fill(chain, header, written, packet);
            queue.virtqueue.stage(chains, chain.head(), written);
            chains++;
            left -= written - header;
            header = 0;
            if (left == 0) {
                break;
            }
            chain = furtherBuffers;
        }
        if (queue.headerLength > NUM_BUFFERS_OFFSET) {
            int count = chains - first;
            setByte(buffers, NUM_BUFFERS_OFFSET, (byte) count);
            setByte(buffers, NUM_BUFFERS_OFFSET + 1, (byte) (count >>> 8));
        }
        packets++;
        bytes += packet.lengthBytes;
        return Delivered.DONE;
    }

    /** Fills a chain with the virtio-net header, if that is still to be written, and then the next bytes of the packet. */
    private void fill(BufferChain chain, int headerLength, int written, Packet packet) {
        int headerLeft = headerLength;
        if (headerLeft > 0) {
            virtioHeader.set(LONG, 0, packet.virtioHeader);
            virtioHeader.set(INT, 8, packet.checksumOffset);
        }
        int left = written;
        for (int i = 0; left > 0; i++) {
            MemorySegment to = chain.segment(i);
            long at = chain.offset(i);
            int room = Math.min(chain.length(i), left);
            int ofHeader = Math.min(headerLeft, room);
            if (ofHeader > 0) {
                MemorySegment.copy(virtioHeader, headerLength - headerLeft, to, at, ofHeader);
            }
            if (room > ofHeader) {
                packet.emit(to, at + ofHeader, room - ofHeader);
            }
            headerLeft -= ofHeader;
            left -= room;
        }
    }

    private static void setByte(BufferChain chain, int position, byte value) {
        int piece = 0;
        int offset = position;
        while (offset >= chain.length(piece)) {
            offset -= chain.length(piece);
            piece++;
        }
        chain.segment(piece).set(ValueLayout.JAVA_BYTE, chain.offset(piece) + offset, value);
    }
}
