package io.ringfence.dataplane.warmup;

import io.ringfence.dataplane.segment.Member;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;

/** A network of the warm-up, and what its guests send to each other. */
final class WarmUpLan implements AutoCloseable {
    /** The address of everybody. */
    static final long BROADCAST = 0xffff_ffff_ffffL;

    private static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.INDIRECT_DESC;
    private static final long MERGEABLE = Features.NET_MRG_RXBUF;
    private static final long PACKED = Features.RING_PACKED;
    private static final int SIZE = 256;
    private static final int FEWER = 32;
    private static final QueueOptions PLAIN = QueueOptions.ofSize(SIZE);
    private static final QueueOptions ROOMY = PLAIN.withBufferLength(1 << 14);
    /** Of two bytes a descriptor: more of them than senders spend on a frame. */
    private static final QueueOptions NARROW = PLAIN.withBufferLength(256).withIndirectTables(128);

    /** Of 16 bytes a descriptor, eight of them in a queue. */
    private static final QueueOptions LONG_CHAINS = QueueOptions.ofSize(1024).withChains(128);

    private static final int[] LENGTHS = {60, 60, 60, 300, 1514};
    /** Of frames that leave work to their receivers. */
    private static final int[] OFFLOADED_LENGTHS = {66, 1514, 4_434, 1514, 16_114};

    /**
     * How a guest is set up.
     *
     * @param features the virtio features negotiated
     */
    private record Kind(QueueOptions transmitting, QueueOptions receiving, long features) {}

    private final List<SyntheticGuest> guests = new ArrayList<>();
    private final SyntheticLan network;
    private final int burst;
    private final int[] lengths;

    private WarmUpLan(IntToLongFunction assignedAddress, int burst, int[] lengths, Kind... kinds) throws IOException {
        this.burst = burst;
        this.lengths = lengths;
        try {
            for (Kind kind : kinds) {
                // QEMU's guests have a region below that in which most of theirs lies; others have one.
                boolean lowMemory = guests.size() % 2 == 0;
                guests.add(new SyntheticGuest(kind.transmitting(), kind.receiving(), kind.features(), lowMemory));
            }
            network = new SyntheticLan(guests, assignedAddress);
        } catch (IOException | RuntimeException | Error e) {
            guests.forEach(SyntheticGuest::close);
            throw e;
        }
    }

    /** Guests as Linux has them, whose addresses are learned. */
    static WarmUpLan learning() throws IOException {
        return new WarmUpLan(WarmUpLan::any, SIZE, LENGTHS, plain(0), plain(MERGEABLE), plain(0));
    }

    /** Two guests that may use one address each; with two, unknown addresses are not flooded. */
    static WarmUpLan assigned() throws IOException {
        return new WarmUpLan(WarmUpLan::address, SIZE, LENGTHS, plain(MERGEABLE), plain(0));
    }

    /** Packed queues, and one guest with split ones. */
    static WarmUpLan packed() throws IOException {
        return new WarmUpLan(
                WarmUpLan::any, SIZE, LENGTHS, plain(PACKED | MERGEABLE), plain(PACKED | Features.IN_ORDER), plain(0));
    }

    /** Checksums and cutting are left to whoever receives, who takes them as they are or not. */
    static WarmUpLan offloading() throws IOException {
        long offloads = FEATURES | MERGEABLE | Features.NET_OFFLOADS;
        return new WarmUpLan(
                WarmUpLan::any,
                FEWER,
                OFFLOADED_LENGTHS,
                new Kind(ROOMY, PLAIN, offloads),
                new Kind(ROOMY, PLAIN, offloads | PACKED),
                new Kind(ROOMY, PLAIN, FEATURES));
    }

    /** Frames and buffers in many pieces. */
    static WarmUpLan scattered() throws IOException {
        return new WarmUpLan(
                WarmUpLan::any,
                FEWER,
                LENGTHS,
                new Kind(PLAIN.withChains(4), NARROW, FEATURES | MERGEABLE),
                new Kind(PLAIN.withIndirectTables(32), PLAIN.withBufferLength(256), FEATURES | PACKED | MERGEABLE),
                new Kind(PLAIN.withIndirectTables(250), PLAIN.withChains(4), FEATURES));
    }

    /** Receivers whose every buffer has more descriptors than senders read, in a table or in the ring itself. */
    static WarmUpLan dear() throws IOException {
        return new WarmUpLan(
                WarmUpLan::any,
                FEWER,
                LENGTHS,
                new Kind(PLAIN, NARROW, FEATURES | PACKED | MERGEABLE),
                new Kind(PLAIN, LONG_CHAINS, FEATURES | PACKED | MERGEABLE),
                new Kind(PLAIN, LONG_CHAINS, FEATURES));
    }

    /** Drivers that switch notifications on and off by a flag. */
    static WarmUpLan withoutEvents() throws IOException {
        return new WarmUpLan(
                WarmUpLan::any,
                FEWER,
                LENGTHS,
                new Kind(PLAIN, PLAIN, Features.VERSION_1),
                new Kind(PLAIN, PLAIN, Features.VERSION_1 | PACKED),
                new Kind(PLAIN, PLAIN, Features.VERSION_1 | MERGEABLE));
    }

    private static Kind plain(long features) {
        return new Kind(PLAIN, PLAIN, FEATURES | features);
    }

    private static long any(int guest) {
        return 0;
    }

    /** The address of a guest by its place, its first byte on the wire lowest. */
    static long address(int guest) {
        return 0x02L | (long) guest << 40;
    }

    /** What works for a guest, by the guest's place. */
    Member member(int guest) {
        return network.member(guest);
    }

    /** How many guests there are. */
    int guests() {
        return guests.size();
    }

    /** A guest by its place. */
    SyntheticGuest guest(int index) {
        return guests.get(index);
    }

    /** How many frames a guest sends at once. */
    int burst() {
        return burst;
    }

    /** Length in bytes of the frames of a round. */
    int lengthOf(int round) {
        return lengths[round % lengths.length];
    }

    @Override
    public void close() {
        network.close();
        guests.forEach(SyntheticGuest::close);
    }
}
