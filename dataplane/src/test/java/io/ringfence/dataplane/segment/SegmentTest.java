package io.ringfence.dataplane.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.warmup.SyntheticGuest;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members that come and go while frames are on their way; the test's thread does what the workers would. */
class SegmentTest {
    private static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.NET_MRG_RXBUF;
    private static final long UNKNOWN = 0x0102_0304_00f2L;

    private final Segment segment = new Segment("blue", 1500, 16);
    private final List<Station> stations = new ArrayList<>();

    /** A member with its guest. */
    private final class Station {
        private final long address;
        private final List<AtomicCounter> counters = List.of(Counters.ofProcess());
        private final SyntheticGuest guest;
        private final Member member;

        Station(int number) throws IOException {
            address = 0x0102_0304_0002L + ((long) number << 8);
            QueueOptions queue = QueueOptions.ofSize(256);
            guest = new SyntheticGuest(queue, queue, FEATURES);
            member = segment.add(List.of(new Segment.Newcomer(0, null, counters)))
                    .getFirst()
                    .getFirst();
            member.port().configure(guest.state());
            stations.add(this);
            announce();
        }

        int send(int frames, long destination) {
            return guest.offer(frames, 100, address, destination);
        }

        int send(int frames, Station to) {
            return send(frames, to.address);
        }

        int take() {
            return guest.take(Integer.MAX_VALUE);
        }

        long count(Counter counter) {
            return counters.get(counter.index()).get();
        }

        void leave() {
            member.port().configure(DeviceState.empty());
            stations.remove(this);
            segment.remove(member);
            announce();
            segment.free();
            close();
        }

        void close() {
            member.close();
            guest.close();
        }
    }

    private void announce() {
        stations.forEach(station -> assertThat(join(station)).isTrue());
    }

    private boolean join(Station station) {
        return station.member.port().join(segment.network(), segment.peers(station.member.index()));
    }

    private void visitAll() {
        for (int round = 0; round < 100; round++) {
            int found = GuestPort.DRY;
            for (Station station : stations) {
                long now = System.nanoTime();
                found |= station.member.port().visit(now, now + 1_000_000_000);
            }
            if (found == GuestPort.DRY) {
                return;
            }
        }
    }

    @AfterEach
    void end() {
        stations.forEach(station -> station.member.port().configure(DeviceState.empty()));
        stations.forEach(Station::close);
        segment.close();
    }

    private static long anonymousKibibytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldTakeNoMemoryForEachPairOfManyMembersUntilFramesWaitBetweenThem() throws IOException {
        List<Segment.Newcomer> newcomers = IntStream.range(0, 64)
                .mapToObj(i -> new Segment.Newcomer(0, null, List.of(Counters.ofProcess())))
                .toList();
        long before = anonymousKibibytes();
        List<List<Member>> members = segment.add(newcomers);
        long grown = anonymousKibibytes() - before;
        members.forEach(vm -> vm.forEach(Member::close));
        // 4032 handoffs of 64 KiB would be 252 MiB.
        assertThat(grown).as("KiB for 64 members").isLessThan(64 << 10);
    }

    @Test
    void shouldDeliverToAMemberThatCameLaterAndFromIt() throws Exception {
        Station first = new Station(1);
        Station second = new Station(2);
        first.send(10, UNKNOWN);
        visitAll();
        assertThat(second.take()).as("there is nobody else").isEqualTo(10);

        Station third = new Station(3);
        first.send(10, UNKNOWN);
        third.send(5, first);
        visitAll();
        assertThat(second.take()).isEqualTo(10);
        assertThat(third.take()).isEqualTo(10);
        assertThat(first.take()).isEqualTo(5);
        first.send(7, third);
        visitAll();
        assertThat(third.take()).isEqualTo(7);
        assertThat(second.take()).as("the third is known by now").isZero();
    }

    @Test
    void shouldDropAndCountWhatWaitsOfAMemberThatHasGone() throws Exception {
        Station first = new Station(1);
        Station second = new Station(2);
        Station third = new Station(3);
        for (Station station : List.of(first, second, third)) {
            station.send(1, UNKNOWN);
        }
        visitAll();
        stations.forEach(Station::take);

        Held.claim(first.member.receive(), second.member.index());
        third.send(20, first);
        second.send(3, third);
        visitAll();
        assertThat(third.count(Counter.HANDED_OFF_FRAMES)).isEqualTo(20);
        third.take();
        assertThat(join(first)).as("in the middle of a batch for it").isFalse();
        Held.release(first.member.receive());
        third.leave();
        assertThat(first.count(Counter.DROPPED_DETACHED))
                .as("shown at the next visit")
                .isZero();

        second.send(4, first);
        visitAll();
        assertThat(first.count(Counter.DROPPED_DETACHED)).isEqualTo(20);
        assertThat(first.take()).isEqualTo(4);
    }

    /** Which senders have handed something off is a word of 64 bits: beyond so many members, two have one bit. */
    @Test
    void shouldTakeInWhatWasHandedOffByAnyOfMoreThan64Members() throws Exception {
        for (int number = 1; number <= 70; number++) {
            new Station(number);
        }
        Station receiver = stations.getFirst();
        receiver.send(1, UNKNOWN);
        visitAll();
        stations.forEach(Station::take);

        for (int round = 1; round <= 3; round++) {
            Held.claim(receiver.member.receive(), 69);
            for (int sender : new int[] {1, 2, 65, 66, 68}) {
                assertThat(stations.get(sender).send(10, receiver)).isEqualTo(10);
            }
            visitAll();
            assertThat(stations.get(65).count(Counter.HANDED_OFF_FRAMES)).isEqualTo(10L * round);
            assertThat(receiver.take()).as("as long as another delivers").isZero();
            Held.release(receiver.member.receive());
            visitAll();
            assertThat(receiver.take()).isEqualTo(50);
            assertThat(receiver.member.receive().backlogged()).isFalse();
        }
    }

    @Test
    void shouldGiveTheIndexOfAMemberThatHasGoneToTheNextWithoutItsPast() throws Exception {
        Station first = new Station(1);
        Station second = new Station(2);
        Station third = new Station(3);
        third.send(1, UNKNOWN);
        visitAll();
        // Its guest takes nothing more: the sender gives it up.
        int index = third.member.index();
        Await.spinning("the sender gives it up", () -> {
            first.send(256, third);
            visitAll();
            return first.count(Counter.DROPPED_CONGESTED) > 0;
        });
        long before = first.count(Counter.DROPPED_CONGESTED);
        third.leave();
        visitAll();

        Station fourth = new Station(4);
        assertThat(fourth.member.index()).isEqualTo(index);
        fourth.send(1, UNKNOWN);
        visitAll();
        first.take();
        second.take();
        first.send(50, fourth);
        visitAll();
        assertThat(fourth.take()).isEqualTo(50);
        assertThat(first.count(Counter.DROPPED_CONGESTED)).isEqualTo(before);
        assertThat(second.take()).isZero();
    }

    @Test
    void shouldKnowAllAddressesAfterGrowingManyTimes() throws Exception {
        Station first = new Station(1);
        for (int i = 2; i <= 9; i++) {
            new Station(i).send(1, UNKNOWN);
            visitAll();
        }
        stations.forEach(Station::take);
        for (Station station : stations.subList(1, stations.size())) {
            first.send(3, station);
            visitAll();
            assertThat(station.take()).isEqualTo(3);
        }
        assertThat(first.count(Counter.FLOODED_FRAMES)).isZero();
    }

    @Test
    void shouldBeAsItWasWhenOneOfSeveralNewcomersCannotBeMade() throws Exception {
        Station first = new Station(1);
        Segment.Newcomer good = new Segment.Newcomer(0, null, List.of(Counters.ofProcess()));
        Segment.Newcomer withoutCounters = new Segment.Newcomer(0, null, List.of());
        long descriptors = descriptorsOfEvents();

        assertThatThrownBy(() -> segment.add(List.of(good, withoutCounters)))
                .isInstanceOf(IndexOutOfBoundsException.class);

        assertThat(descriptorsOfEvents()).isEqualTo(descriptors);
        Station second = new Station(2);
        assertThat(second.member.index()).isEqualTo(1);
        first.send(10, UNKNOWN);
        visitAll();
        assertThat(second.take()).isEqualTo(10);
        first.leave();
        second.leave();
        assertThat(segment.isEmpty()).isTrue();
    }

    /** Eventfds and what waits for them. */
    private static long descriptorsOfEvents() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(SegmentTest::isOfEvents).count();
        }
    }

    private static boolean isOfEvents(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("anon_inode:[event");
        } catch (IOException closed) {
            return false;
        }
    }
}
