package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.segment.Member;
import io.ringfence.dataplane.segment.Segment;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.worker.ControlInbox;
import io.ringfence.dataplane.worker.Worker;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.backend.RedoLogs;
import io.ringfence.vhostuser.backend.VhostUserListener;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.frontend.FrontEnd;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.Request;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a session tells the VM's workers: when it may unmap memory that several use, and that no front-end can fill their rings. */
class GuestDeviceTest {
    private static final int WORKERS = 3;

    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** Of another member, as it were. */
    private static final int STRANGER = 7;

    private final Segment segment = new Segment("blue", 1500, 16);
    private final ControlInbox inbox = new ControlInbox();
    private final CountDownLatch departed = new CountDownLatch(1);
    private final RecordedEvents events = new RecordedEvents();
    private final GuestDevice device =
            new GuestDevice("alice", Offer.of(4, 1500, true), RedoLogs.NOWHERE, events, departed::countDown);
    private final List<Worker> workers = new ArrayList<>();
    private final List<List<AtomicCounter>> counters = new ArrayList<>();
    private List<Member> members = List.of();

    @BeforeEach
    void prepare() {
        inbox.start();
        members = segment.add(List.of(new Segment.Newcomer(
                        0,
                        Stream.generate(() -> new Segment.Part(null, counters()))
                                .limit(WORKERS)
                                .toList())))
                .getFirst();
        for (Member member : members) {
            Worker worker = new Worker(
                    "worker", member.port(), member.doorbell(), member.events(), member.tally(), inbox, device);
            device.attach(worker, member.events());
            workers.add(worker);
        }
    }

    private void start() {
        workers.forEach(Worker::start);
    }

    private List<AtomicCounter> counters() {
        List<AtomicCounter> made = List.of(Counters.ofProcess());
        counters.add(made);
        return made;
    }

    @AfterEach
    void stop() {
        workers.forEach(worker -> worker.submit(new WorkerCommand.Stop()));
        workers.forEach(worker -> assertThat(worker.join(10_000)).isTrue());
        inbox.close();
        members.forEach(Member::close);
        segment.close();
    }

    /** Waits until a worker has done all before, and what it had to say has been heard. */
    private void await(Worker worker) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        worker.submit(new WorkerCommand.Answer(() -> answered.complete(null)));
        answered.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void shouldSayThatAStateIsAppliedOnlyWhenTheLastWorkerHasAppliedIt() throws Exception {
        start();
        CompletableFuture<Void> applied = new CompletableFuture<>();
        try (Guest guest = new Guest()) {
            Held.claim(members.get(1).receive(), STRANGER);

            device.configure(guest.state(0, 2, 4), () -> applied.complete(null));
            await(workers.get(0));
            await(workers.get(2));
            assertThat(applied)
                    .as("while somebody delivers to the second worker")
                    .isNotDone();

            Held.release(members.get(1).receive());
            members.get(1).doorbell().event().signal();
            assertThat(applied).succeedsWithin(10, TimeUnit.SECONDS);
            configure(DeviceState.empty());
        }
    }

    @Test
    void shouldAskNobodyWhoseQueuesStayAsTheyAre() throws Exception {
        try (Guest guest = new Guest()) {
            configure(guest.state()); // before there are threads
            start();
            Held.claim(members.get(1).receive(), STRANGER);

            configure(guest.state(0));
            configure(guest.state(0, 4));
            configure(guest.state(4));
            configure(guest.state());

            Held.release(members.get(1).receive());
        }
    }

    @Test
    void shouldWatchNoneOfTheNewKicksWhenOneIsRefused() throws Exception {
        start();
        EventSet events = members.get(1).events();
        try (Guest guest = new Guest()) {
            DeviceState state = guest.state(0, 2);
            EventFd second = Objects.requireNonNull(guest.kicks.get(2));
            events.add(second); // so that it cannot be added again
            assertThatThrownBy(() -> device.configure(state, () -> {})).hasMessageContaining("epoll_ctl(ADD)");
            events.remove(second);

            configure(state); // would fail if the first one were still watched
            configure(DeviceState.empty());
        }
    }

    /** Memory with a receive queue for each of some queue pairs. */
    private static final class Guest implements AutoCloseable {
        private final SharedMemory shared = SharedMemory.create(1 << 17);
        private final Map<Integer, EventFd> kicks = new HashMap<>();
        private final Map<Integer, Virtqueue> queues = new HashMap<>();
        private final GuestMemory memory;

        private Guest() throws IOException {
            memory = new GuestMemory(List.of(MemoryRegion.map(
                    shared.duplicateFd(), shared.guestAddress(0), shared.lengthBytes(), shared.userAddress(0), 0)));
        }

        /** One with these queues, which are the same each time. */
        private DeviceState state(int... indexes) {
            return new DeviceState(
                    Features.VERSION_1,
                    memory,
                    IntStream.of(indexes)
                            .mapToObj(index -> queues.computeIfAbsent(
                                    index,
                                    ignored -> queue(
                                            index,
                                            kicks.computeIfAbsent(index, any -> EventFd.create()),
                                            shared,
                                            memory)))
                            .toList());
        }

        @Override
        public void close() {
            memory.regions().forEach(MemoryRegion::close);
            kicks.values().forEach(EventFd::close);
            shared.close();
        }
    }

    private static Virtqueue queue(int index, EventFd kick, SharedMemory shared, GuestMemory memory) {
        long address = shared.userAddress(index * 0x4000L);
        return Virtqueue.of(
                new QueueSetup(index, 256, address, address + 0x1000, address + 0x2000, 0, 1, true, kick, null, null),
                memory,
                Features.VERSION_1);
    }

    private void configure(DeviceState state) {
        CompletableFuture<Void> applied = new CompletableFuture<>();
        device.configure(state, () -> applied.complete(null));
        assertThat(applied).succeedsWithin(10, TimeUnit.SECONDS);
    }

    @Test
    @Timeout(60)
    void shouldEndTheSessionWhenTheFrontEndAnnouncedMoreThanASleepingWorkerTakes(@TempDir Path folder)
            throws Exception {
        Path socket = folder.resolve("alice.sock");
        try (BackendEventLoop loop = BackendEventLoop.start(1)) {
            VhostUserListener listener = VhostUserListener.open(loop, socket, device);
            try (FrontEnd flooding = FrontEnd.connect(socket, LIMIT)) {
                flooding.tell(Request.SET_PROTOCOL_FEATURES, new U64(ProtocolFeatures.RARP));
                for (int i = 0; i < 500; i++) {
                    flooding.tell(Request.SEND_RARP, new U64(0x0605_0403_0200L + ((long) i << 8)));
                }
                // All is read once this is answered.
                assertThat(flooding.query(Request.GET_FEATURES)).isNotZero();
            }
            start();
            assertThat(departed.await(10, TimeUnit.SECONDS))
                    .as("the session ends with its front-end")
                    .isTrue();
            try (FrontEnd next = FrontEnd.connect(socket, LIMIT)) {
                next.negotiate(Features.PROTOCOL_FEATURES, ProtocolFeatures.REPLY_ACK);
                assertThat(next.peerClosed()).isFalse();
            }
            listener.close();
        }
        await(workers.getFirst());
        assertThat(counters.getFirst().get(Counter.FLOODED_FRAMES.index()).get())
                .as("announcements sent: only the newest had waited")
                .isEqualTo(1);
    }

    @Test
    @Timeout(60)
    void shouldTellTheOperatorOnceWhenTheFrontEndAsksWithoutEnd(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("alice.sock");
        try (BackendEventLoop loop = BackendEventLoop.start(1)) {
            VhostUserListener listener = VhostUserListener.open(loop, socket, device);
            try (FrontEnd flooding = FrontEnd.connect(socket, LIMIT)) {
                for (int i = 0; i < 4_600; i++) {
                    assertThat(flooding.query(Request.GET_FEATURES)).isNotZero();
                }
            }
            start();
            assertThat(departed.await(10, TimeUnit.SECONDS)).isTrue();
            listener.close();
        }
        assertThat(events.of("alice"))
                .filteredOn(event -> event.startsWith("alice: front-end made more than 4000 requests at once"))
                .hasSize(1);
    }
}
