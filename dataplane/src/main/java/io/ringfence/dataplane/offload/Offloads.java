package io.ringfence.dataplane.offload;

import io.ringfence.vhostuser.protocol.Features;

/**
 * What a guest may leave to whoever gets its frames, as bits of a set: of what a sender has negotiated, of what one frame
 * needs, of what a receiver takes (VIRTIO 1.3, section 5.1.3).
 */
public final class Offloads {
    /** Nothing. */
    public static final int NONE = 0;
    /** The transport checksum covers only the pseudo header yet. */
    public static final int CHECKSUM = 1;
    /** TCP over IPv4, to be cut into segments. */
    public static final int TSO4 = 1 << 1;
    /** TCP over IPv6, to be cut into segments. */
    public static final int TSO6 = 1 << 2;
    /** TCP to be cut into segments of which only the first has the CWR flag. */
    public static final int ECN = 1 << 3;
    /** UDP over IPv4, to be cut into datagrams. */
    public static final int USO4 = 1 << 4;
    /** UDP over IPv6, to be cut into datagrams. */
    public static final int USO6 = 1 << 5;
    /** All that need the frame to be cut. */
    public static final int SEGMENTATION = TSO4 | TSO6 | USO4 | USO6;

    /** Everything. */
    public static final int ALL = CHECKSUM | ECN | SEGMENTATION;

    private Offloads() {}

    /** What a guest with these virtio features may ask for in frames that it sends. */
    public static int ofSender(long features) {
        // "Feature bit requirements" (5.1.3.1): each of the others requires CSUM.
        return (features & Features.NET_CSUM) == 0
                ? NONE
                : CHECKSUM
                        | when(features, Features.NET_HOST_TSO4, TSO4)
                        | when(features, Features.NET_HOST_TSO6, TSO6)
                        | when(features, Features.NET_HOST_ECN, ECN)
                        | when(features, Features.NET_HOST_USO, USO4 | USO6);
    }

    /** What a guest with these virtio features takes in frames that it receives. */
    public static int ofReceiver(long features) {
        return (features & Features.NET_GUEST_CSUM) == 0
                ? NONE
                : CHECKSUM
                        | when(features, Features.NET_GUEST_TSO4, TSO4)
                        | when(features, Features.NET_GUEST_TSO6, TSO6)
                        | when(features, Features.NET_GUEST_ECN, ECN)
                        | when(features, Features.NET_GUEST_USO4, USO4)
                        | when(features, Features.NET_GUEST_USO6, USO6);
    }

    private static int when(long features, long feature, int offload) {
        return (features & feature) != 0 ? offload : NONE;
    }
}
