package io.ringfence.vhostuser.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory table of a session: translates guest physical and front-end addresses to mapped memory.
 *
 * <p>Immutable; any thread may translate. The regions belong to the session, which closes them when no thread uses any
 * table that holds them.
 */
public final class GuestMemory {
    /**
     * The most bytes that the regions of a session have together: 1 TiB. A sparse file costs the front-end nothing, but its
     * mapping takes from the 128 TiB of address space that all sessions and the JVM share: 64 sessions have half of it.
     */
    public static final long MAX_BYTES = 1L << 40;

    private static final GuestMemory EMPTY = new GuestMemory(List.of());

    private final List<MemoryRegion> regions;
    // Flat copies for the packet path: one array each, indexed by region.
    private final long[] guestAddresses;
    private final long[] lengths;
    private final MemorySegment[] segments;

    /** Creates a table of these regions; their guest addresses must not overlap. */
    public GuestMemory(List<MemoryRegion> regions) {
        this.regions = List.copyOf(regions);
        guestAddresses = regions.stream().mapToLong(MemoryRegion::guestAddress).toArray();
        lengths = regions.stream().mapToLong(MemoryRegion::lengthBytes).toArray();
        segments = regions.stream().map(MemoryRegion::segment).toArray(MemorySegment[]::new);
    }

    /** The table of a session that has shared nothing yet. */
    public static GuestMemory empty() {
        return EMPTY;
    }

    /** The regions, in the order in which the front-end named them. */
    public List<MemoryRegion> regions() {
        return regions;
    }

    /**
     * Finds the region in which a guest physical address lies.
     *
     * @return its index, or -1 if the address is not mapped
     */
    public int find(long guestAddress) {
        for (int i = 0; i < guestAddresses.length; i++) {
            if (Long.compareUnsigned(guestAddress - guestAddresses[i], lengths[i]) < 0) {
                return i;
            }
        }
        return -1;
    }

    /** Offset of a guest physical address in the region that {@link #find} returned for it. */
    public long offset(int region, long guestAddress) {
        return guestAddress - guestAddresses[region];
    }

    /** Guest physical address of a region's first byte. */
    public long guestAddress(int region) {
        return guestAddresses[region];
    }

    /** Bytes of a region. */
    public long lengthBytes(int region) {
        return lengths[region];
    }

    /** Memory of a region. */
    public MemorySegment segment(int region) {
        return segments[region];
    }

    /**
     * Translates a range of the front-end's own addresses, as virtqueue set-up uses them.
     *
     * @return the memory of exactly that range
     * @throws IllegalArgumentException if the range is not wholly inside one region
     */
    public MemorySegment translateUser(long userAddress, long lengthBytes) {
        MemoryRegion region = regionOf(userAddress, lengthBytes);
        return region.segment().asSlice(userAddress - region.userAddress(), lengthBytes);
    }

    /**
     * Which byte of which file lies at one of the front-end's own addresses.
     *
     * @throws IllegalArgumentException if it is not inside a region
     */
    public FilePlace placeOfUser(long userAddress) {
        MemoryRegion region = regionOf(userAddress, 1);
        return region.place(userAddress - region.userAddress());
    }

    /**
     * Reads 16 bits, little-endian, at one of the front-end's own addresses, without an access to the mapping.
     *
     * @throws IllegalArgumentException if they are not wholly inside one region, or no longer in its file
     */
    public int readUserShort(long userAddress) {
        MemoryRegion region = regionOf(userAddress, Short.BYTES);
        try {
            return region.readShort(userAddress - region.userAddress());
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private MemoryRegion regionOf(long userAddress, long lengthBytes) {
        for (MemoryRegion region : regions) {
            long offset = userAddress - region.userAddress();
            if (Long.compareUnsigned(offset, region.lengthBytes()) < 0
                    && lengthBytes <= region.lengthBytes() - offset) {
                return region;
            }
        }
        throw new IllegalArgumentException("user address 0x%x with 0x%x bytes is not wholly inside one of %d regions"
                .formatted(userAddress, lengthBytes, regions.size()));
    }

    /** Whether the front-end has truncated one of the files behind this table. For the control path and after a fault. */
    public boolean truncated() {
        return regions.stream().anyMatch(MemoryRegion::truncated);
    }

    /** Whether a place in a segment is of one of these regions. For after a fault. */
    boolean holds(MemorySegment segment, long offset) {
        return mappedAt(segment.address() + offset) != null;
    }

    /**
     * Whether an access to a range of this table's memory would fault, though no file is too short. For after a fault.
     *
     * @param segment a region's, or of one; what is of no region does not fault
     */
    public boolean faults(MemorySegment segment, long offset, long lengthBytes, boolean write) {
        long address = segment.address() + offset;
        MemoryRegion region = mappedAt(address);
        if (region == null) {
            return false;
        }
        long start = address - region.segment().address();
        return region.faults(start, Math.min(lengthBytes, region.lengthBytes() - start), write);
    }

    private @Nullable MemoryRegion mappedAt(long address) {
        for (MemoryRegion region : regions) {
            long start = address - region.segment().address();
            if (start >= 0 && start < region.lengthBytes()) {
                return region;
            }
        }
        return null;
    }
}
