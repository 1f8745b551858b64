package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The requests by which the front-end shares guest memory. */
final class MemoryRequests {
    /**
     * The most memory regions of a session. Each costs a descriptor and a mapping of this process, and a step of every
     * address translation; a QEMU guest has three or four, and one more per hot-plugged module.
     */
    static final int MAX_SLOTS = 64;

    private final SessionState state;
    /** Regions that were added again while they were there, so that they may be removed again when they are gone; how often. */
    private final Map<Region, Integer> repeated = new HashMap<>();

    private MemoryRequests(SessionState state) {
        this.state = state;
    }

    static void register(RequestTable table, SessionState state) {
        MemoryRequests requests = new MemoryRequests(state);
        table.on(Request.GET_MAX_MEM_SLOTS, ignored -> Answer.u64(MAX_SLOTS));
        table.onWithDescriptors(Request.SET_MEM_TABLE, requests::setTable);
        table.onWithDescriptors(Request.ADD_MEM_REG, requests::add);
        table.onWithDescriptors(Request.REM_MEM_REG, requests::remove);
    }

    private Answer setTable(Message message, FileDescriptors descriptors) throws ProtocolViolation {
        List<Region> wanted = ((MemoryTable) message.payload()).regions();
        RequestTable.requireDescriptors(message.request(), descriptors, wanted.size());
        List<MemoryRegion> mapped = new ArrayList<>();
        try {
            for (Region region : wanted) {
                mapped.add(map(message.request(), region, descriptors, mapped));
            }
        } catch (ProtocolViolation | RuntimeException e) {
            mapped.forEach(MemoryRegion::close);
            throw e;
        }
        repeated.clear();
        state.replaceMemory(new GuestMemory(mapped));
        return Answer.DONE;
    }

    /**
     * Before version 8.0, QEMU adds every region once for each queue pair, and likewise removes it: for a back-end there is one
     * memory. The second time there is nothing to be done.
     */
    private Answer add(Message message, FileDescriptors descriptors) throws ProtocolViolation {
        RequestTable.requireDescriptors(message.request(), descriptors, 1);
        List<MemoryRegion> regions = new ArrayList<>(state.memory.regions());
        Region wanted = ((SingleRegion) message.payload()).region();
        if (regions.stream()
                .anyMatch(region -> matches(region, wanted) && region.isOf(descriptors.first(), wanted.fileOffset()))) {
            repeated.merge(place(wanted), 1, Integer::sum);
            if (repeated.size() > MAX_SLOTS) {
                throw new ProtocolViolation("%s adds one more region twice, and has not removed %d such ones twice"
                        .formatted(message.request().describe(), MAX_SLOTS));
            }
            return Answer.DONE;
        }
        if (regions.size() >= MAX_SLOTS) {
            throw new ProtocolViolation("%s adds region %d, expected at most %d"
                    .formatted(message.request().describe(), regions.size() + 1, MAX_SLOTS));
        }
        regions.add(map(message.request(), wanted, descriptors, regions));
        state.replaceMemory(new GuestMemory(regions));
        return Answer.DONE;
    }

    /** Maps a region; takes the oldest descriptor if that succeeds. */
    private static MemoryRegion map(
            Request request, Region wanted, FileDescriptors descriptors, List<MemoryRegion> others)
            throws ProtocolViolation {
        long sharedBytes = others.stream().mapToLong(MemoryRegion::lengthBytes).sum();
        if (wanted.lengthBytes() > GuestMemory.MAX_BYTES - sharedBytes) {
            throw new ProtocolViolation(
                    "%s adds a region of 0x%x bytes to 0x%x, expected at most 0x%x together: give the guest less memory"
                            .formatted(request.describe(), wanted.lengthBytes(), sharedBytes, GuestMemory.MAX_BYTES));
        }
        MemoryRegion mapped;
        try {
            mapped = MemoryRegion.map(
                    descriptors.first(),
                    wanted.guestAddress(),
                    wanted.lengthBytes(),
                    wanted.userAddress(),
                    wanted.fileOffset());
        } catch (IOException e) {
            throw new ProtocolViolation(request.describe() + ": " + e.getMessage());
        }
        descriptors.takeFirst();
        for (MemoryRegion other : others) {
            if (mapped.overlaps(other)) {
                String reason = "%s: %s overlaps %s".formatted(request.describe(), mapped, other);
                mapped.close();
                throw new ProtocolViolation(reason);
            }
        }
        return mapped;
    }

    /**
     * "If a file descriptor is passed, the back-end MUST close it without using it otherwise."
     *
     * <p>QEMU removes and adds again what changes while rings run. Rings that lie in such a region are suspended until
     * they have a place again.
     */
    private Answer remove(Message message, FileDescriptors descriptors) throws ProtocolViolation {
        if (descriptors.count() > 1) {
            RequestTable.requireDescriptors(message.request(), descriptors, 0);
        }
        Region wanted = ((SingleRegion) message.payload()).region();
        List<MemoryRegion> rest = state.memory.regions().stream()
                .filter(region -> !matches(region, wanted))
                .toList();
        if (rest.size() == state.memory.regions().size()) {
            if (removesAgain(wanted)) {
                return Answer.DONE;
            }
            throw new ProtocolViolation("%s names guest=0x%x length=0x%x user=0x%x, expected one of %s"
                    .formatted(
                            message.request().describe(),
                            wanted.guestAddress(),
                            wanted.lengthBytes(),
                            wanted.userAddress(),
                            state.memory.regions()));
        }
        GuestMemory next = new GuestMemory(rest);
        List<Runnable> released = state.vrings.stream()
                .filter(vring -> vring.losesItsPlaceIn(next))
                .map(Vring::suspend)
                .toList();
        state.replaceMemory(next);
        return new Answer.Done(() -> released.forEach(Runnable::run));
    }

    private boolean removesAgain(Region wanted) {
        Integer times = repeated.remove(place(wanted));
        if (times != null && times > 1) {
            repeated.put(place(wanted), times - 1);
        }
        return times != null;
    }

    /** A region without its place in the file, which is not named when it is removed. */
    private static Region place(Region region) {
        return new Region(region.guestAddress(), region.lengthBytes(), region.userAddress(), 0);
    }

    /** "Identified by its guest address, user address and size. The mmap offset is ignored." */
    private static boolean matches(MemoryRegion region, Region wanted) {
        return region.guestAddress() == wanted.guestAddress()
                && region.userAddress() == wanted.userAddress()
                && region.lengthBytes() == wanted.lengthBytes();
    }
}
