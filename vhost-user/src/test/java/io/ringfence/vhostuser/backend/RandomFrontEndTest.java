package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.PayloadForm;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Front-ends that say random things, mostly sensible ones, some of them mutated, to devices that apply states at once
 * or from another thread.
 */
final class RandomFrontEndTest {
    private static final int SESSIONS = 400;
    private static final int MAX_MESSAGES = 80;
    private static final Request[] REQUESTS = Request.values();

    @TempDir
    Path directory;

    @Test
    void shouldEndEverySessionOnceAndLeaveNothingBehind() throws Exception {
        try (BackendFixture backend = new BackendFixture(directory, BackendFixture.SHORT);
                ExecutorService worker = Executors.newSingleThreadExecutor()) {
            FakeDevice device = backend.device;
            int survived = 0;
            for (int seed = 0; seed < SESSIONS; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                device.appliedBy = random.nextBoolean() ? Runnable::run : worker;
                try (ScriptedFrontEnd frontEnd = backend.connect()) {
                    survived += play(frontEnd, random) ? 1 : 0;
                }
                int expected = seed + 1;
                Await.until("end of session with seed " + seed, () -> device.endReasons.size() >= expected);
                assertThat(device.endReasons).as("seed %d", seed).hasSize(expected);
                assertThat(device.state()).as("seed %d", seed).isEqualTo(DeviceState.empty());
                assertThat(device.endReasons.getLast())
                        .as("seed %d", seed)
                        .isNotBlank()
                        .doesNotContain("the session failed");
                if (seed % 20 == 0) {
                    backend.assertNothingLeft();
                    backend.assertNeighbourWorks();
                }
            }
            backend.assertNothingLeft();
            // Else the generator has become too wild or too tame to reach anything.
            assertThat(survived).isBetween(SESSIONS / 20, SESSIONS * 19 / 20);
            assertThat(device.states)
                    .anySatisfy(state -> assertThat(state.queues()).hasSizeGreaterThan(1));
        }
    }

    /** Returns whether the back-end took everything. */
    private static boolean play(ScriptedFrontEnd frontEnd, SplittableRandom random) throws Exception {
        try {
            if (random.nextInt(4) > 0) {
                frontEnd.start();
            }
            int messages = random.nextInt(MAX_MESSAGES);
            // Many sessions without a mutation, so that the long way through the state machine is walked, too.
            int oddsOfMutation = random.nextBoolean() ? Integer.MAX_VALUE : 20;
            for (int i = 0; i < messages; i++) {
                send(frontEnd, random, oddsOfMutation);
                drain(frontEnd.socket);
            }
            return !frontEnd.socket.peerClosed();
        } catch (IOException e) {
            return false; // the back-end has hung up
        }
    }

    private static void send(ScriptedFrontEnd frontEnd, SplittableRandom random, int oddsOfMutation)
            throws IOException {
        Request request;
        do {
            request = REQUESTS[random.nextInt(REQUESTS.length)];
        } while (request.payload() == PayloadForm.UNSUPPORTED);
        Payload payload = payload(request, random);
        Message message = Message.request(request, payload);
        if (random.nextInt(8) == 0) {
            message = message.withNeedReply();
        }
        int[] descriptors = descriptors(frontEnd, request, payload);
        ByteBuffer bytes = MessageCodec.encode(message);
        if (random.nextInt(oddsOfMutation) == 0) {
            switch (random.nextInt(5)) {
                case 0 -> descriptors = new int[] {frontEnd.kick.fd(), frontEnd.memory.fd};
                case 1 -> descriptors = new int[0];
                case 2 -> bytes.put(random.nextInt(12), (byte) random.nextInt());
                case 3 -> bytes.put(random.nextInt(bytes.limit()), (byte) random.nextInt());
                default -> bytes.limit(1 + random.nextInt(bytes.limit()));
            }
        }
        frontEnd.raw(bytes, descriptors);
    }

    private static Payload payload(Request request, SplittableRandom random) {
        int index = random.nextInt(4);
        return switch (request.payload()) {
            case NONE, UNSUPPORTED -> Payload.NONE;
            case U64 ->
                new U64(
                        switch (request) {
                            case SET_FEATURES -> ScriptedFrontEnd.offeredFeatures();
                            case SET_PROTOCOL_FEATURES -> DeviceOffer.SUPPORTED_PROTOCOL_FEATURES;
                            case SET_STATUS -> random.nextInt(16);
                            case NET_SET_MTU -> 1500;
                            case SEND_RARP -> random.nextLong();
                            default -> index | (random.nextBoolean() ? ScriptedFrontEnd.NO_DESCRIPTOR : 0);
                        });
            case VRING_STATE ->
                new VringState(
                        index,
                        switch (request) {
                            case SET_VRING_NUM -> 1 << random.nextInt(9);
                            case SET_VRING_BASE -> random.nextInt(0x10000);
                            default -> random.nextInt(2);
                        });
            case VRING_ADDRESS -> {
                VringAddress address = SharedMemory.ring(random.nextInt(4));
                yield new VringAddress(
                        index, 0, address.descriptors(), address.used(), address.available(), random.nextLong());
            }
            case MEMORY_TABLE ->
                new MemoryTable(
                        random.nextBoolean()
                                ? List.of(SharedMemory.region())
                                : List.of(
                                        SharedMemory.region(),
                                        new Region(0x1000L * random.nextInt(8), 0x1000, 0x1000, 0x2000)));
            case SINGLE_REGION ->
                new SingleRegion(
                        random.nextInt(8) == 0
                                ? SharedMemory.region()
                                : new Region(0x1000L * random.nextInt(64), 0x1000, 0x1000, 0));
        };
    }

    private static int[] descriptors(ScriptedFrontEnd frontEnd, Request request, Payload payload) {
        return switch (request) {
            case SET_VRING_KICK, SET_VRING_CALL, SET_VRING_ERR ->
                (((U64) payload).value() & ScriptedFrontEnd.NO_DESCRIPTOR) == 0
                        ? new int[] {frontEnd.kick.fd()}
                        : new int[0];
            case ADD_MEM_REG -> new int[] {frontEnd.memory.fd};
            case SET_MEM_TABLE -> {
                int[] one = new int[((MemoryTable) payload).regions().size()];
                Arrays.fill(one, frontEnd.memory.fd);
                yield one;
            }
            default -> new int[0];
        };
    }

    private static void drain(UnixSocket socket) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4096);
        try (FileDescriptors none = new FileDescriptors()) {
            int received = socket.receive(bytes, none);
            while (received > 0) {
                received = socket.receive(bytes.clear(), none);
            }
            assertThat(none.count()).isZero();
        }
    }
}
