package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.network.Network;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.segment.Segment;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.event.EventSet;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersReader;
import org.jspecify.annotations.Nullable;

/** A network whose ports a test visits itself: no workers, no sessions, no sockets. */
public final class Lan implements AutoCloseable {
    /** Largest packet of the network. */
    public static final int MTU = 1500;
    /** The longest frame it carries. */
    public static final int MAX_FRAME_LENGTH = MTU + 22;

    private static final Duration SETTLES_WITHIN = Duration.ofSeconds(10);
    private static final Set<Counter> DROPS = EnumSet.range(Counter.DROPPED_RUNT, Counter.DROPPED_MEMORY_LOST);

    private final List<List<AtomicCounter>> counters = new ArrayList<>();
    private final Segment segment;
    private final List<Member> members;

    private final CounterMaker maker;

    /** Makes the counter with this index among these values. */
    public interface CounterMaker {
        AtomicCounter make(UnsafeBuffer values, int id);
    }

    private Lan(int macLimit, long... assigned) {
        this(AtomicCounter::new, ignored -> null, MTU, macLimit, assigned);
    }

    private Lan(CounterMaker maker, IntFunction<@Nullable SendLimit> limits, int mtu, int macLimit, long... assigned) {
        this.maker = maker;
        segment = new Segment("lan", mtu, macLimit);
        members = flat(segment.add(IntStream.range(0, assigned.length)
                .mapToObj(i -> new Segment.Newcomer(assigned[i], limits.apply(i), counters()))
                .toList()));
        for (int i = 0; i < assigned.length; i++) {
            if (assigned[i] != 0) {
                segment.assign(assigned[i], members.get(i));
            }
        }
    }

    private Lan(int[] workers) {
        maker = AtomicCounter::new;
        segment = new Segment("lan", MTU, 1024);
        members = flat(segment.add(Arrays.stream(workers)
                .mapToObj(count -> new Segment.Newcomer(
                        0,
                        Stream.generate(() -> new Segment.Part(null, counters()))
                                .limit(count)
                                .toList()))
                .toList()));
    }

    private static List<Member> flat(List<List<Member>> members) {
        return members.stream().flatMap(List::stream).toList();
    }

    /** A network of VMs with so many workers each; a VM's workers are members that follow each other. */
    public static Lan ofWorkers(int... workers) {
        return new Lan(workers);
    }

    /** A network of so many members, of which none has a configured address. */
    public static Lan of(int members) {
        return new Lan(1024, new long[members]);
    }

    /** The same, whose frames may be longer. */
    public static Lan withMtu(int members, int mtu) {
        return new Lan(AtomicCounter::new, ignored -> null, mtu, 1024, new long[members]);
    }

    /** The same, which counts with counters of the test. */
    public static Lan withCounters(int members, CounterMaker maker) {
        return new Lan(maker, ignored -> null, MTU, 1024, new long[members]);
    }

    /** A network whose members have these addresses; 0 for none. */
    public static Lan withAddresses(long... assigned) {
        return new Lan(1024, assigned);
    }

    /** A network that learns at most so many addresses behind each member. */
    public static Lan withMacLimit(int members, int limit) {
        return new Lan(limit, new long[members]);
    }

    /** A network in which one member may send no more than this. */
    public static Lan withLimit(int members, int limited, SendLimit limit) {
        return new Lan(AtomicCounter::new, member -> member == limited ? limit : null, MTU, 1024, new long[members]);
    }

    private List<AtomicCounter> counters() {
        UnsafeBuffer values =
                new UnsafeBuffer(ByteBuffer.allocateDirect(CountersReader.COUNTER_LENGTH * Counter.values().length));
        List<AtomicCounter> result = IntStream.range(0, Counter.values().length)
                .mapToObj(i -> maker.make(values, i))
                .toList();
        counters.add(result);
        return result;
    }

    /** How many members there are. */
    public int members() {
        return counters.size();
    }

    /** The packet work of a member. */
    public GuestPort port(int member) {
        return members.get(member).port();
    }

    /** Gives the members of a VM their parts of a state, as its session would. */
    public void configure(DeviceState state, int first, int workers) {
        for (int worker = 0; worker < workers; worker++) {
            port(first + worker).configure(GuestDevice.part(state, worker, workers));
        }
    }

    /** What the others see of a member. */
    public ReceiveSide receive(int member) {
        return members.get(member).receive();
    }

    /** Wakes a member's worker. */
    public Doorbell doorbell(int member) {
        return members.get(member).doorbell();
    }

    /** What a member's worker blocks on. */
    public EventSet events(int member) {
        return members.get(member).events();
    }

    /** A member's own counts. */
    public Tally tally(int member) {
        return members.get(member).tally();
    }

    /** The network itself. */
    public Network network() {
        return segment.network();
    }

    /** One visit without a time limit that matters. */
    public int visit(int member) {
        long now = System.nanoTime();
        return port(member).visit(now, now + 1_000_000_000);
    }

    /** Visits all members until none finds anything to do: for some time, for a frame waits a while for buffers that do not come. */
    public void settle() {
        long limitNanos = System.nanoTime() + SETTLES_WITHIN.toNanos();
        boolean dry;
        do {
            dry = true;
            for (int i = 0; i < members(); i++) {
                dry &= visit(i) == GuestPort.DRY;
            }
        } while (!dry && System.nanoTime() - limitNanos < 0);
        assertThat(dry)
                .as("the network has come to rest within %s", SETTLES_WITHIN)
                .isTrue();
    }

    /** A counter of a member. */
    public long count(int member, Counter counter) {
        return counters.get(member).get(counter.index()).get();
    }

    /** A counter, summed over all members. */
    public long total(Counter counter) {
        return IntStream.range(0, members()).mapToLong(i -> count(i, counter)).sum();
    }

    /** All drops of all members. */
    public long drops() {
        return DROPS.stream().mapToLong(this::total).sum();
    }

    /** What was counted for a member, for messages. */
    public String describe(int member) {
        StringBuilder text = new StringBuilder("member " + member + ":");
        for (Counter counter : Counter.values()) {
            if (count(member, counter) != 0) {
                text.append(' ').append(counter.label()).append('=').append(count(member, counter));
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        members.forEach(member -> {
            member.port().configure(DeviceState.empty());
            member.close();
        });
        segment.close();
    }
}
