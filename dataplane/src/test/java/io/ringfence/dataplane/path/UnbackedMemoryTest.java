package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.testing.Await;
import io.ringfence.testing.Requirement;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.linux.Libc;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A front-end has buffers in a file of huge pages that is as long as it ought to be, on a host that has none free: each access
 * faults. Its own session ends, and nobody's who brings it frames.
 */
@Timeout(60)
class UnbackedMemoryTest {
    private static final int VICTIM = 0;
    private static final int CULPRIT = 1;
    private static final int OTHER = 2;
    private static final int STRANGER = 7;
    private static final int THREE_RINGS = 3;
    /** Where the huge pages lie in the culprit's guest memory: right behind its ordinary memory. */
    private static final long UNBACKED = 64 << 20;

    private static final long UNBACKED_LENGTH = 4 << 20;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_HUGETLB = 4;

    private final RawGuest culprit = RawGuest.of(RawGuest.MERGEABLE);
    private MemoryRegion unbacked;

    @BeforeEach
    void share() throws IOException {
        List<String> pages = Files.readAllLines(Path.of("/proc/meminfo"));
        Requirement.ofKernel(
                pages.stream().anyMatch(line -> line.matches("HugePages_Free: +0"))
                        && Files.readString(Path.of("/proc/sys/vm/nr_overcommit_hugepages"))
                                .strip()
                                .equals("0"),
                "needs a host without free huge pages, where an access to one faults");
        int fd = Libc.check("memfd_create", Libc.memfd_create("unbacked", MFD_CLOEXEC | MFD_HUGETLB));
        Libc.check("ftruncate", Libc.ftruncate(fd, UNBACKED_LENGTH));
        unbacked = MemoryRegion.map(
                fd, culprit.memory.guestAddress(UNBACKED), UNBACKED_LENGTH, culprit.memory.userAddress(UNBACKED), 0);
    }

    @AfterEach
    void unmap() {
        culprit.close();
        if (unbacked != null) {
            unbacked.close();
        }
    }

    private DeviceState culpritState() {
        GuestMemory table = new GuestMemory(List.of(culprit.region, unbacked));
        List<Virtqueue> queues = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            queues.add(Virtqueue.of(culprit.queues.get(i).setup(i, 0, true), table, RawGuest.MERGEABLE));
        }
        return new DeviceState(RawGuest.MERGEABLE, table, queues);
    }

    /** Where of its receive buffers the culprit has memory that nobody can write to. */
    enum Shape {
        PLAIN {
            @Override
            void post(RawGuest guest) {
                guest.receiver().post(true, new Piece(UNBACKED, 2048));
            }
        },
        SECOND_PIECE {
            @Override
            void post(RawGuest guest) {
                guest.receiver().post(true, guest.pieces(100)[0], new Piece(UNBACKED, 2048));
            }
        },
        INDIRECT {
            @Override
            void post(RawGuest guest) {
                guest.receiver().postIndirect(true, guest.pieces(12)[0], new Piece(UNBACKED, 2048));
            }
        },
        THIRD_CHAIN {
            @Override
            void post(RawGuest guest) {
                guest.offer(2, 256);
                guest.receiver().post(true, new Piece(UNBACKED, 2048));
            }
        };

        abstract void post(RawGuest guest);
    }

    private interface Run {
        void with(Lan lan, RawGuest victim, RawGuest other);
    }

    private void play(Run run) {
        try (Lan lan = Lan.of(3);
                RawGuest victim = RawGuest.of(RawGuest.MODERN);
                RawGuest other = RawGuest.of(RawGuest.MODERN)) {
            lan.port(VICTIM).configure(victim.state());
            lan.port(CULPRIT).configure(culpritState());
            lan.port(OTHER).configure(other.state());
            for (int i = 0; i < 3; i++) {
                lan.network().addresses().learn(address(i), i, System.nanoTime());
            }
            other.offer(64, 2048);
            run.with(lan, victim, other);
        }
    }

    /** Visits as its worker does; whether the VM's own session must end. */
    private static boolean visit(Lan lan, int member) {
        boolean own = false;
        for (int i = 0; i < 8; i++) {
            try {
                lan.visit(member);
            } catch (InternalError fault) {
                own |= lan.port(member).recover(true);
            }
        }
        return own;
    }

    private static void sendToBoth(RawGuest victim, int frames) {
        for (int i = 0; i < frames; i++) {
            victim.send(frame(address(CULPRIT), address(VICTIM), 1000));
            victim.send(frame(address(OTHER), address(VICTIM), 1000));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndTheSessionOfTheReceiverWhoseBuffersHaveNoPages(Shape shape) {
        play((lan, victim, other) -> {
            shape.post(culprit);
            sendToBoth(victim, 8);

            assertThat(visit(lan, VICTIM)).as("the sender's session ends").isFalse();
            assertThat(lan.port(CULPRIT).takeMemoryLost())
                    .as("the receiver's session ends")
                    .isTrue();
            sendToBoth(victim, 8);
            visit(lan, VICTIM);
            visit(lan, CULPRIT);
            assertThat(other.received()).as("frames to others").hasSize(16);
            assertThat(lan.count(VICTIM, Counter.MEMORY_FAULTS)).isZero();
            assertThat(lan.count(CULPRIT, Counter.MEMORY_FAULTS)).isEqualTo(1);
            assertThat(lan.count(VICTIM, Counter.DROPPED_MEMORY_LOST)).isEqualTo(1);
            assertThat(lan.count(VICTIM, Counter.TRANSMITTED_FRAMES)).isEqualTo(32);
            assertThat(lan.drops()).as("all that were for the culprit").isEqualTo(16);
        });
    }

    @Test
    void shouldEndTheSessionOfTheReceiverWhenTheBufferWithoutPagesIsFarBehindOthers() {
        play((lan, victim, other) -> {
            culprit.offer(40, 2048);
            Shape.PLAIN.post(culprit);
            sendToBoth(victim, 48);

            assertThat(visit(lan, VICTIM)).as("the sender's session ends").isFalse();
            assertThat(lan.port(CULPRIT).takeMemoryLost())
                    .as("the receiver's session ends")
                    .isTrue();
            visit(lan, CULPRIT);
            assertThat(lan.count(CULPRIT, Counter.MEMORY_FAULTS)).isEqualTo(1);
            assertThat(lan.count(VICTIM, Counter.MEMORY_FAULTS)).isZero();
        });
    }

    @Test
    void shouldAskAboutTheBuffersInHandBeforeThoseThatAreFilled() {
        play((lan, victim, other) -> {
            culprit.offer(40, 2048);
            Shape.PLAIN.post(culprit);
            sendToBoth(victim, 40);
            assertThat(visit(lan, VICTIM)).isFalse();

            assertThat(Held.memoryFoundGone(lan.receive(CULPRIT), new MemoryProbe(THREE_RINGS + 1)))
                    .isTrue();
        });
    }

    @Test
    void shouldEndTheSessionOfTheReceiverWhenItsWaitingFramesAreTakenInByASender() {
        play((lan, victim, other) -> {
            Held.claim(lan.receive(CULPRIT), STRANGER);
            sendToBoth(victim, 2);
            assertThat(visit(lan, VICTIM)).isFalse();
            assertThat(lan.receive(CULPRIT).backlogged()).isTrue();
            Held.release(lan.receive(CULPRIT));
            Shape.SECOND_PIECE.post(culprit);
            sendToBoth(victim, 1);

            assertThat(visit(lan, VICTIM)).as("the sender's session ends").isFalse();
            assertThat(lan.port(CULPRIT).takeMemoryLost())
                    .as("the receiver's session ends")
                    .isTrue();
            assertThat(other.received()).hasSize(3);
        });
    }

    @Test
    void shouldEndTheSessionOfTheSenderWhoseFramesHaveNoPages() {
        play((lan, victim, other) -> {
            Piece[] head = culprit.pieces(12 + 60);
            culprit.write(head, frame(address(OTHER), address(CULPRIT), 60));
            culprit.transmitter().post(false, head[0], new Piece(UNBACKED, 1000));

            assertThat(visit(lan, CULPRIT)).as("the sender's session ends").isTrue();
            assertThat(lan.port(OTHER).takeMemoryLost()).isFalse();
            assertThat(lan.port(VICTIM).takeMemoryLost()).isFalse();
        });
    }

    @Test
    void shouldReportTheReceiverAndKeepTheSenderWhenWorkersMeetTheFault() {
        try (Workers workers = new Workers(3)) {
            workers.configure(CULPRIT, DeviceState.empty());
            workers.configure(CULPRIT, culpritState());
            FlowGuest victim = workers.guests.get(VICTIM);
            Shape.PLAIN.post(culprit);
            victim.send(CULPRIT, 200);
            victim.flush();

            Await.spinning(
                    "the culprit's session is reported",
                    () -> workers.failures(CULPRIT).stream().anyMatch(reason -> reason.contains("cannot be accessed")));
            workers.configure(CULPRIT, DeviceState.empty());
            victim.send(OTHER, 200);
            victim.flush();
            Await.spinning(
                    "the victim's next frame arrives: " + workers.lan.describe(VICTIM),
                    () -> workers.lan.count(OTHER, Counter.RECEIVED_FRAMES) == 1);
            assertThat(workers.failures(VICTIM)).isEmpty();
            assertThat(workers.lan.count(VICTIM, Counter.DROPPED_MEMORY_LOST)).isEqualTo(1);
        }
    }
}
