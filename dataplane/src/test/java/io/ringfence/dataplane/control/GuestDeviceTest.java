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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private final GuestDevice device = new GuestDevice(
            "alice", Offer.of(4, 1500, true), RedoLogs.NOWHERE, new RecordedEvents(), departed::countDown);
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
    void shouldSayThatAStateIsAppliedOnlyWhenTheLastWorkerHasAppliedIt() {
        start();
        CompletableFuture<Void> applied = new CompletableFuture<>();
        Held.claim(members.get(1).receive(), STRANGER);

        device.configure(
                new DeviceState(Features.VERSION_1, GuestMemory.empty(), List.of()), () -> applied.complete(null));
        await(workers.get(0));
        await(workers.get(2));
        assertThat(applied).as("while somebody delivers to the second worker").isNotDone();

        Held.release(members.get(1).receive());
        members.get(1).doorbell().event().signal();
        assertThat(applied).succeedsWithin(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldWatchNoneOfTheNewKicksWhenOneIsRefused() throws Exception {
        start();
        EventSet events = members.get(1).events();
        try (SharedMemory shared = SharedMemory.create(1 << 16);
                EventFd first = EventFd.create();
                EventFd second = EventFd.create()) {
            MemoryRegion region = MemoryRegion.map(
                    shared.duplicateFd(), shared.guestAddress(0), shared.lengthBytes(), shared.userAddress(0), 0);
            GuestMemory memory = new GuestMemory(List.of(region));
            DeviceState state = new DeviceState(
                    Features.VERSION_1,
                    memory,
                    List.of(queue(0, first, shared, memory), queue(2, second, shared, memory)));
            events.add(second); // so that it cannot be added again
            assertThatThrownBy(() -> device.configure(state, () -> {})).hasMessageContaining("epoll_ctl(ADD)");
            events.remove(second);

            configure(state); // would fail if the first one were still watched
            configure(DeviceState.empty());
            region.close();
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
}
