package io.ringfence.dataplane.path;

import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.vhostuser.protocol.Features;
import java.util.List;

/** What a receiver has negotiated. */
enum GuestOffloads {
    NOTHING(0),
    CHECKSUMS(Features.NET_GUEST_CSUM),
    TSO4(CHECKSUMS.features | Features.NET_GUEST_TSO4),
    TSO6_WITH_ECN(CHECKSUMS.features | Features.NET_GUEST_TSO6 | Features.NET_GUEST_ECN),
    USO(CHECKSUMS.features | Features.NET_GUEST_USO4 | Features.NET_GUEST_USO6),
    TSO_WITHOUT_CHECKSUMS(Features.NET_GUEST_TSO4 | Features.NET_GUEST_TSO6),
    EVERYTHING(Features.NET_OFFLOADS);

    final long features;

    GuestOffloads(long features) {
        this.features = features;
    }

    /** What it then gets of a frame, by the book. */
    List<Received> of(OffloadFrame frame) {
        int taken = Offloads.ofReceiver(features);
        if ((frame.needs() & ~taken) == 0) {
            return List.of(new Received(frame.header(), frame.bytes()));
        }
        if (frame.segments() == 1) {
            return List.of(new Received(new byte[10], frame.completed()));
        }
        boolean checksums = (taken & Offloads.CHECKSUM) != 0;
        return frame.cut(!checksums).stream()
                .map(packet -> new Received(checksums ? frame.checksumHeader() : new byte[10], packet))
                .toList();
    }
}
