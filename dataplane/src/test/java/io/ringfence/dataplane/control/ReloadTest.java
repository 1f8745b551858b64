package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A running dataplane whose configuration changes while two of its guests exchange frames. */
@Timeout(120)
class ReloadTest {
    private static final String ALICE = "{ name: alice, network: blue, mac: '52:54:00:00:00:01' }";
    private static final String BOB = "{ name: bob, network: blue, mac: '52:54:00:00:00:02' }";
    private static final String CAROL = "{ name: carol, network: blue, mac: '52:54:00:00:00:03' }";

    @TempDir
    private Path folder;

    private final RecordedEvents events = new RecordedEvents();

    @SuppressWarnings("NullAway.Init") // every test starts one
    private Dataplane dataplane;

    @SuppressWarnings("NullAway.Init")
    private Conversation conversation;

    private Configuration on(String host, String... vms) throws Exception {
        StringBuilder text =
                new StringBuilder("host: " + host + "\nnetworks: [ { name: blue }, { name: red } ]\nvms:\n");
        for (String vm : vms) {
            String name = vm.replaceAll("\\{ name: (\\w+).*", "$1");
            String socket = vm.contains("socket:") ? "" : ", socket: " + socket(name);
            String entitlement = vm.contains("reservation:") ? "" : ", reservation: { runtime: 100us, period: 1ms }";
            text.append("  - ")
                    .append(vm.replaceAll(" }$", socket + entitlement + " }"))
                    .append('\n');
        }
        return Configuration.parse(text.toString(), "test.yaml");
    }

    private Path socket(String vm) {
        return folder.resolve(vm + ".sock");
    }

    private Configuration configuration(String... vms) throws Exception {
        return on("{ cpus: [1], scheduling: other }", vms);
    }

    private void start(String... vms) throws Exception {
        dataplane = Started.of(configuration(vms), events);
        conversation = new Conversation(socket("alice"), socket("bob"));
    }

    private void reload(String... vms) throws Exception {
        dataplane.reload(configuration(vms));
        conversation.goOn();
    }

    @AfterEach
    void end() {
        conversation.close();
        dataplane.close();
    }

    private void assertUndisturbed() throws Exception {
        conversation.finish();
        assertThat(events.of("alice")).containsExactly("alice: attached");
        assertThat(events.of("bob")).containsExactly("bob: attached");
    }

    private String lastHostEvent() {
        return events.of("host").getLast();
    }

    @Test
    void shouldCarryEveryFrameOfTheOthersWhileAThirdComesChangesAndGoes() throws Exception {
        start(ALICE, BOB);
        for (int round = 0; round < 5; round++) {
            reload(ALICE, BOB, CAROL);
            assertThat(lastHostEvent()).isEqualTo("host: reloaded: +carol, 2 unchanged");
            try (EmbeddedGuest carol = EmbeddedGuest.connect(socket("carol"), GuestOptions.ofPairs(1))) {
                conversation.includes(carol);
            }
            reload(ALICE, BOB, CAROL.replace(" }", ", limit: { rate: 1kpps } }"));
            assertThat(lastHostEvent()).isEqualTo("host: reloaded: ~carol (limit), 2 unchanged");
            reload(ALICE, BOB, CAROL.replace("00:03", "00:04"));
            assertThat(lastHostEvent()).isEqualTo("host: reloaded: ~carol (mac, limit: new session), 2 unchanged");
            reload(ALICE, BOB);
            assertThat(lastHostEvent()).isEqualTo("host: reloaded: -carol, 2 unchanged");
            assertThat(socket("carol")).doesNotExist();
            assertThat(counters()).noneMatch(label -> label.startsWith("carol/"));
        }
        assertUndisturbed();
    }

    private List<String> counters() throws IOException {
        return List.copyOf(Counters.read(dataplane.counters().file()).keySet());
    }

    @Test
    void shouldGiveAVmMoreAndFewerWorkersAndRemoveItWhileItSendsByAllOfThem() throws Exception {
        String dave = "{ name: dave, network: blue }";
        String several = "{ name: dave, network: blue, workers: 2 }";
        start(ALICE, BOB, dave);
        long number = 0;
        for (int round = 0; round < 5; round++) {
            reload(ALICE, BOB, several);
            assertThat(lastHostEvent())
                    .isEqualTo("host: reloaded: " + (round % 2 == 0 ? "~dave (workers: new session)" : "+dave")
                            + ", 2 unchanged");
            assertThat(counters())
                    .contains("dave/0/tx-frames", "dave/1/tx-frames")
                    .doesNotContain("dave/tx-frames");
            try (EmbeddedGuest guest = EmbeddedGuest.connect(socket("dave"), GuestOptions.ofPairs(2))) {
                number += fill(guest, number);
                if (round % 2 == 0) {
                    reload(ALICE, BOB);
                    assertThat(counters()).noneMatch(label -> label.startsWith("dave/"));
                    assertThat(socket("dave")).doesNotExist();
                } else {
                    reload(ALICE, BOB, dave);
                    assertThat(counters()).contains("dave/tx-frames").noneMatch(label -> label.startsWith("dave/0"));
                }
            }
        }
        assertUndisturbed();
    }

    /** Fills both transmit queues of a guest with frames to alice and to bob, from an address for each queue. */
    private static long fill(EmbeddedGuest guest, long first) {
        long number = first;
        for (int pair = 0; pair < 2; pair++) {
            while (Traffic.send(guest, pair, NumberedGuest.address(0), NumberedGuest.address(3 + pair), number)
                    && Traffic.send(guest, pair, NumberedGuest.address(1), NumberedGuest.address(3 + pair), number)) {
                number++;
            }
        }
        return number - first + 1;
    }

    @Test
    void shouldServeAVmOfANetworkThatIsNewAndThenRemoveBoth() throws Exception {
        start(ALICE, BOB);
        String dave = "{ name: dave, network: red }";
        String erin = "{ name: erin, network: red }";
        reload(ALICE, BOB, dave, erin);
        try (EmbeddedGuest first = EmbeddedGuest.connect(socket("dave"), GuestOptions.ofPairs(1));
                EmbeddedGuest second = EmbeddedGuest.connect(socket("erin"), GuestOptions.ofPairs(1))) {
            assertThat(Traffic.exchange(first, 0x0a_0000_005452L, second, 0x0b_0000_005452L, 100))
                    .isEqualTo(100);
        }
        reload(ALICE, BOB);
        assertThat(lastHostEvent()).isEqualTo("host: reloaded: -dave, -erin, 2 unchanged");
        assertUndisturbed();
    }

    @Test
    void shouldGiveSocketAndAddressToAnotherVmWhenOneIsRenamed() throws Exception {
        start(ALICE, BOB, CAROL);
        String renamed = CAROL.replace("carol", "caroline").replace(" }", ", socket: " + socket("carol") + " }");
        reload(ALICE, BOB, renamed);
        assertThat(lastHostEvent()).isEqualTo("host: reloaded: +caroline, -carol, 2 unchanged");
        try (EmbeddedGuest guest = EmbeddedGuest.connect(socket("carol"), GuestOptions.ofPairs(1))) {
            conversation.includes(guest);
        }
        assertThat(events.of("caroline")).contains("caroline: attached");
        assertUndisturbed();
    }

    @Test
    void shouldHoldARunningVmToANewLimitWithoutANewSession() throws Exception {
        start(ALICE, BOB);
        reload(ALICE.replace(" }", ", limit: { rate: 160pps, burst: 1 } }"), BOB);
        long before = conversation.rounds();
        long start = System.nanoTime();
        Thread.sleep(1_000); // what is measured
        long rounds = conversation.rounds() - before;
        // A round is 16 frames: ten in a second.
        assertThat(rounds).isLessThan(10 + 10 * (System.nanoTime() - start) / 1_000_000_000);
        assertThat(Counters.read(dataplane.counters().file()).get("alice/" + Counter.LIMITED_VISITS.label()))
                .isPositive();
        reload(ALICE, BOB);
        assertThat(lastHostEvent()).isEqualTo("host: reloaded: ~alice (limit), 1 unchanged");
        assertUndisturbed();
    }

    @Test
    void shouldReloadAgainWhenThereWasNoThreadLeftTheFirstTime() throws Exception {
        start(ALICE, BOB);
        Configuration next = configuration(ALICE, BOB, CAROL);
        AtomicBoolean lacking = new AtomicBoolean(true);
        try (Reloader reloader = Reloader.start(dataplane, () -> {
            if (lacking.getAndSet(false)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return next;
        })) {
            reloader.request();
            Await.until("it is said", () -> lastHostEvent().contains("unable to create native thread"));
            reloader.request();
            Await.until("it reloads", () -> lastHostEvent().contains("reloaded: +carol"));
        }
        assertUndisturbed();
    }

    @Test
    void shouldSaySoWhenNothingHasChanged() throws Exception {
        start(ALICE, BOB);
        reload(ALICE, BOB);
        assertThat(lastHostEvent()).isEqualTo("host: reloaded: nothing has changed");
        assertUndisturbed();
    }

    @Test
    void shouldChangeNothingWhenARestartIsNeeded() throws Exception {
        start(ALICE, BOB);
        assertThatThrownBy(() -> dataplane.reload(on("{ cpus: [1], scheduling: fifo }", ALICE, BOB, CAROL)))
                .isInstanceOf(ReloadRefusedException.class)
                .hasMessageContaining("host.scheduling is fifo in the file and other in the run")
                .hasMessageContaining("needs a restart");
        assertThat(socket("carol")).doesNotExist();
        assertUndisturbed();
    }

    @Test
    void shouldSayHowManyMoreThereIsRoomForWhenTooManyCome() throws Exception {
        start(ALICE, BOB);
        int room = Dataplane.LEAST_ROOM - 2;
        assertThat(dataplane.counters().room()).isEqualTo(room);
        String[] tooMany = Stream.concat(
                        Stream.of(ALICE, BOB),
                        IntStream.rangeClosed(0, room).mapToObj(i -> "{ name: vm%d, network: red }".formatted(i)))
                .toArray(String[]::new);
        assertThatThrownBy(() -> dataplane.reload(configuration(tooMany)))
                .isInstanceOf(ReloadRefusedException.class)
                .hasMessageContaining("there is room for 254 more workers at once");
        assertThat(dataplane.workerThreads()).hasSize(2);
        assertUndisturbed();
    }

    @Test
    void shouldChangeNothingWhenTheCpuIsTooSmall() throws Exception {
        start(ALICE, BOB);
        String large = CAROL.replace(" }", ", reservation: { runtime: 900us, period: 1ms } }");
        assertThatThrownBy(() -> dataplane.reload(configuration(ALICE, BOB, large)))
                .isInstanceOf(SchedulingRefusedException.class)
                .hasMessageContaining("the VMs of CPU 1 need 1.100 of it (alice 0.100, bob 0.100, carol 0.900)")
                .hasMessageContaining("carol: `runtime: ");
        assertThat(socket("carol")).doesNotExist();
        assertThat(dataplane.workerThreads()).hasSize(2);
        assertUndisturbed();
    }

    @Test
    void shouldChangeNothingWhenASocketCannotBeOpened() throws Exception {
        start(ALICE, BOB, CAROL);
        Files.writeString(folder.resolve("file"), "not a folder");
        String misplaced = "{ name: dave, network: blue, socket: " + folder.resolve("file/dave.sock") + " }";
        assertThatThrownBy(() -> dataplane.reload(configuration(ALICE, BOB, misplaced)))
                .isInstanceOf(IOException.class);
        assertThat(dataplane.workerThreads())
                .extracting(Dataplane.WorkerThread::name)
                .containsExactly("alice", "bob", "carol");
        assertThat(counters()).noneMatch(label -> label.startsWith("dave/"));
        try (EmbeddedGuest carol = EmbeddedGuest.connect(socket("carol"), GuestOptions.ofPairs(1))) {
            conversation.includes(carol);
        }
        assertUndisturbed();
    }

    @Test
    void shouldTellAllMistakesOfAFileAndGoOn() throws Exception {
        start(ALICE, BOB);
        try (Reloader reloader = Reloader.start(
                dataplane, () -> Configuration.parse("host: { cpus: [0] }\nnetworks: []\nvmz: []\n", "test.yaml"))) {
            reloader.request();
            Await.until(
                    "both mistakes were told",
                    () -> events.of("host").stream()
                                    .filter(line -> line.startsWith("host: test.yaml:"))
                                    .count()
                            >= 2);
        }
        assertThat(events.of("host"))
                .anySatisfy(line -> assertThat(line).startsWith("host: not reloaded"))
                .anySatisfy(line -> assertThat(line).startsWith("host: test.yaml:3:"));
        assertUndisturbed();
    }
}
