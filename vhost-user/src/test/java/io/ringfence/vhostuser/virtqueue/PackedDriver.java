package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_NEXT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_WRITE;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.advance;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.slot;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A driver that keeps to the rules: it makes chains available, and takes back what is used. */
final class PackedDriver {
    /** What the driver must find used: in this order, with this length. */
    record Used(int id, int lengthBytes) {}

    private final RawPackedRing ring;
    private final boolean receives;
    private final boolean inOrder;
    private final Deque<Integer> freeIds = new ArrayDeque<>();
    final Deque<Integer> posted = new ArrayDeque<>();
    private final int[] descriptors;
    final List<Used> found = new ArrayList<>();
    private int free;
    private int usedPosition;

    PackedDriver(RawPackedRing ring, boolean receives, boolean inOrder) {
        this.ring = ring;
        this.receives = receives;
        this.inOrder = inOrder;
        descriptors = new int[ring.size];
        free = ring.size;
        for (int id = 0; id < ring.size; id++) {
            freeIds.add(id);
        }
    }

    /** Makes a chain available if there is room; ids come back at once, as Linux has it. */
    void post(int length) {
        if (length > free) {
            return;
        }
        int id = freeIds.pop();
        for (int i = 1; i <= length; i++) {
            ring.offer(id, (receives ? DESCRIPTOR_F_WRITE : 0) | (i < length ? DESCRIPTOR_F_NEXT : 0));
        }
        descriptors[id] = length;
        free -= length;
        posted.add(id);
    }

    /** The position behind all that is used, which it need not have taken back. */
    int usedUntil() {
        int at = usedPosition;
        for (int id : posted) {
            if (!ring.used(at)) {
                break;
            }
            at = advance(at, descriptors[id], ring.size);
        }
        return at;
    }

    void takeBack() {
        while (!posted.isEmpty() && ring.used(usedPosition)) {
            int slot = slot(usedPosition, ring.size);
            int id = ring.id(slot);
            int length = ring.length(slot);
            boolean last;
            do {
                int next = posted.remove();
                last = !inOrder || next == id;
                found.add(new Used(next, length));
                usedPosition = advance(usedPosition, descriptors[next], ring.size);
                free += descriptors[next];
                freeIds.push(next);
                if (!inOrder) {
                    assertThat(next).as("used in order").isEqualTo(id);
                }
            } while (!last);
        }
    }
}
