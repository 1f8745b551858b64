package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.journal.JournalReader;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.testing.Requirement;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel says of workers that came, changed and went while others ran under SCHED_DEADLINE. */
@RequiresDataplaneCpu
@Timeout(120)
class ReloadedReservationTest {
    private static final String ALICE = "{ name: alice, mac: '52:54:00:00:00:01', %s }";
    private static final String BOB =
            "{ name: bob, mac: '52:54:00:00:00:02', reservation: { runtime: 200us, period: 1ms } }";
    private static final String TENTH = "reservation: { runtime: 100us, period: 1ms }";

    @TempDir
    private Path folder;

    private final RecordedEvents events = new RecordedEvents();

    private Configuration configuration(String... vms) throws Exception {
        StringBuilder text = new StringBuilder("host: { cpus: [1] }\nnetworks: [ { name: blue } ]\n"
                + "journal: { directory: " + folder.resolve("journal") + ", retain: 16MiB }\nvms:\n");
        for (String vm : vms) {
            String name = vm.replaceAll("\\{ name: (\\w+).*", "$1");
            text.append("  - ")
                    .append(vm.replaceAll(" }$", ", network: blue, socket: " + socket(name) + " }"))
                    .append('\n');
        }
        return Configuration.parse(text.toString(), "test.yaml");
    }

    private Path socket(String vm) {
        return folder.resolve(vm + ".sock");
    }

    private Dataplane start(CpuLimit.Origin origin, String... vms) throws Exception {
        return Started.by(
                new AdmissionPlan(
                        configuration(vms),
                        Plans::costs,
                        cpu -> new CpuLimit(CpuLimit.read(cpu).bandwidth(), origin)),
                events);
    }

    private static long runtimeMicros(Dataplane dataplane, String vm) {
        SchedulingAttributes kernel = scheduling(dataplane, vm);
        assertThat(kernel.policy()).isEqualTo(SchedulingAttributes.Policy.DEADLINE);
        return kernel.runtimeNanos() / 1_000;
    }

    private static boolean reclaims(Dataplane dataplane, String vm) {
        return scheduling(dataplane, vm).reclaims();
    }

    private static SchedulingAttributes scheduling(Dataplane dataplane, String vm) {
        return dataplane.workerThreads().stream()
                .filter(worker -> worker.name().equals(vm))
                .map(worker -> ThreadScheduling.read(worker.threadId()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldGiveTheBandwidthOfOneVmToAnotherWhileTheRestGoesOn() throws Exception {
        String carol = "{ name: carol, reservation: { runtime: 500us, period: 1ms } }";
        String dave = "{ name: dave, reservation: { runtime: 400us, period: 1ms } }";
        try (Dataplane dataplane = start(CpuLimit.Origin.READ, ALICE.formatted(TENTH), BOB);
                Conversation conversation = new Conversation(socket("alice"), socket("bob"))) {
            for (int round = 0; round < 3; round++) {
                dataplane.reload(configuration(ALICE.formatted(TENTH), BOB, carol));
                assertThat(runtimeMicros(dataplane, "carol")).isEqualTo(500);
                conversation.goOn();
                try (EmbeddedGuest guest = EmbeddedGuest.connect(socket("carol"), GuestOptions.ofPairs(1))) {
                    conversation.includes(guest);
                    // Dave fits only if the kernel has been given back what Carol had.
                    dataplane.reload(configuration(ALICE.formatted(TENTH), BOB, dave));
                }
                assertThat(runtimeMicros(dataplane, "dave")).isEqualTo(400);
                conversation.goOn();
                dataplane.reload(configuration(ALICE.formatted(TENTH), BOB));
                conversation.goOn();
            }
            conversation.finish();
            assertThat(runtimeMicros(dataplane, "alice")).isEqualTo(100);
        }
        assertThat(events.of("alice")).hasSize(2).last().asString().startsWith("alice: detached");
        assertThat(events.of("bob")).hasSize(2).last().asString().startsWith("bob: detached");
        assertThat(recorded(JournalRecord.Admission.class))
                .extracting(JournalRecord.Admission::vm)
                .containsExactly("alice", "bob", "carol", "dave", "carol", "dave", "carol", "dave");
    }

    @Test
    void shouldChangeReservationsOfRunningVmsWithoutANewSession() throws Exception {
        try (Dataplane dataplane = start(CpuLimit.Origin.READ, ALICE.formatted(TENTH), BOB);
                Conversation conversation = new Conversation(socket("alice"), socket("bob"))) {
            dataplane.reload(configuration(
                    ALICE.formatted("reservation: { runtime: 600us, period: 1ms }"), BOB.replace("200us", "150us")));
            assertThat(runtimeMicros(dataplane, "alice")).isEqualTo(600);
            assertThat(runtimeMicros(dataplane, "bob")).isEqualTo(150);
            conversation.goOn();
            dataplane.reload(
                    configuration(ALICE.formatted("guarantee: { rate: 50kpps, burst: 32, latency: 1ms }"), BOB));
            assertThat(events.of("host").getLast())
                    .isEqualTo("host: reloaded: ~alice (guarantee), ~bob (reservation), 0 unchanged");
            assertThat(runtimeMicros(dataplane, "bob")).isEqualTo(200);
            conversation.goOn();
            conversation.finish();
            assertThat(events.of("alice")).containsExactly("alice: attached");
            assertThat(events.of("bob")).containsExactly("bob: attached");
        }
        assertThat(recorded(JournalRecord.Admission.class))
                .extracting(JournalRecord.Admission::vm, JournalRecord.Admission::guaranteedFramesPerSecond)
                .containsExactly(
                        tuple("alice", 0L),
                        tuple("bob", 0L),
                        tuple("alice", 0L),
                        tuple("bob", 0L),
                        tuple("alice", 50_000L),
                        tuple("bob", 0L));
    }

    @Test
    void shouldUseWhatOthersLeaveFromTheReloadOnThatSaysSo() throws Exception {
        try (Dataplane dataplane = start(CpuLimit.Origin.READ, ALICE.formatted(TENTH), BOB);
                Conversation conversation = new Conversation(socket("alice"), socket("bob"))) {
            assertThat(reclaims(dataplane, "alice")).isFalse();
            dataplane.reload(configuration(ALICE.formatted(TENTH + ", reclaim: on"), BOB));
            assertThat(reclaims(dataplane, "alice")).isTrue();
            assertThat(reclaims(dataplane, "bob")).isFalse();
            conversation.goOn();
            dataplane.reload(configuration(ALICE.formatted(TENTH), BOB));
            assertThat(reclaims(dataplane, "alice")).isFalse();
            conversation.goOn();
            conversation.finish();
            assertThat(events.of("alice")).containsExactly("alice: attached");
        }
    }

    @Test
    void shouldTakeAllBackWhenTheKernelRefusesWhatTheArithmeticAdmits() throws Exception {
        String carol = "{ name: carol, reservation: { runtime: 100us, period: 1ms } }";
        String large = "{ name: dave, reservation: { runtime: 640us, period: 1ms } }";
        // An assumed limit refuses nothing that some kernel could admit; this one keeps a twentieth for its fair
        // server.
        try (Dataplane dataplane = start(CpuLimit.Origin.ASSUMED, ALICE.formatted(TENTH), BOB, carol);
                Conversation conversation = new Conversation(socket("alice"), socket("bob"))) {
            double limit = CpuLimit.read(1).share();
            Requirement.ofKernel(limit < 0.93, "needs a kernel that keeps something for a fair server");
            Configuration tooMuch = configuration(ALICE.formatted(TENTH), BOB.replace("200us", "199us"), large);
            assertThatThrownBy(() -> dataplane.reload(tooMuch))
                    .isInstanceOf(SchedulingRefusedException.class)
                    .hasMessageContaining("CPU 1 need 0.939 of it (alice 0.100, bob 0.199, dave 0.640)")
                    .hasMessageContaining("found by trying");
            conversation.goOn();
            assertThat(runtimeMicros(dataplane, "bob")).isEqualTo(200);
            assertThat(runtimeMicros(dataplane, "carol")).isEqualTo(100);
            assertThat(socket("dave")).doesNotExist();
            try (EmbeddedGuest guest = EmbeddedGuest.connect(socket("carol"), GuestOptions.ofPairs(1))) {
                conversation.includes(guest);
            }
            conversation.finish();
            assertThat(events.of("alice")).containsExactly("alice: attached");
        }
        assertThat(recorded(JournalRecord.Admission.class).stream().filter(admission -> !admission.admitted()))
                .extracting(
                        JournalRecord.Admission::vm,
                        admission -> String.valueOf(admission.reason()).contains("CPU 1"))
                .containsExactlyInAnyOrder(tuple("bob", true), tuple("dave", true));
    }

    private <T extends JournalRecord> List<T> recorded(Class<T> kind) {
        List<JournalRecord> entries = new ArrayList<>();
        JournalReader.read(folder.resolve("journal"), Instant.EPOCH, entries::add);
        return entries.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
