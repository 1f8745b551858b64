package io.ringfence.dataplane.warmup;

import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.segment.Segment;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A network of guests without sessions and without workers: whoever has made it visits the ports, through the very code
 * that workers run. It warms the packet path up and measures what it costs.
 */
public final class SyntheticLan implements AutoCloseable {
    private static final int MTU = 1500;
    private static final int MAC_LIMIT = 16;

    private final Segment segment = new Segment("synthetic", MTU, MAC_LIMIT);
    private final List<Member> members;

    /** Builds a network of these guests, whose queues are at work from then on; they stay the caller's. */
    public SyntheticLan(List<SyntheticGuest> guests) {
        this(guests, guest -> 0);
    }

    /** As above, with the only source address of each guest by its place in the list: first byte lowest, or 0 for any. */
    SyntheticLan(List<SyntheticGuest> guests, IntToLongFunction assignedAddress) {
        members = segment
                .add(IntStream.range(0, guests.size())
                        .mapToObj(i -> new Segment.Newcomer(
                                assignedAddress.applyAsLong(i), sendLimit(i), List.of(Counters.ofProcess())))
                        .toList())
                .stream()
                .map(List::getFirst)
                .toList();
        for (int i = 0; i < guests.size(); i++) {
            Member member = members.get(i);
            member.port().configure(guests.get(i).state());
            member.events().add(guests.get(i).kick());
        }
    }

    /** The first guest has a limit, though one that lets everything through, so that this way is taken too. */
    private static @Nullable SendLimit sendLimit(int guest) {
        return guest == 0
                ? new SendLimit(1_000_000_000, 1_000_000_000_000L, 0, MTU + Network.HEADERS_BYTES, System.nanoTime())
                : null;
    }

    /** What works for a guest, by its place in the list; its events hold the guest's kick, too. */
    public Member member(int guest) {
        return members.get(guest);
    }

    /** Takes the queues away and frees what the ports used. */
    @Override
    public void close() {
        members.forEach(member -> {
            member.port().configure(DeviceState.empty());
            member.close();
        });
        segment.close();
    }
}
