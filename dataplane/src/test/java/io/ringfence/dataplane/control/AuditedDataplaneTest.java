package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.journal.JournalException;
import io.ringfence.dataplane.journal.JournalReader;
import io.ringfence.dataplane.journal.JournalRecord;
import io.ringfence.dataplane.journal.JournalRecord.Interval;
import io.ringfence.dataplane.journal.Verdict;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the journal and the counters file say of a dataplane that ran. */
@RequiresDataplaneCpu
@Timeout(120)
class AuditedDataplaneTest {
    private static final long ALICE = 0x01_0000_005452L;
    private static final long BOB = 0x02_0000_005452L;

    @TempDir
    private Path folder;

    private final RecordedEvents events = new RecordedEvents();

    private Path journal() {
        return folder.resolve("journal");
    }

    private AdmissionPlan plan(String alice) throws Exception {
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                journal: { directory: %2$s, retain: 16MiB }
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, %3$s }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 100us, period: 1ms } }
                """.formatted(folder, journal(), alice), "test.yaml");
        return new AdmissionPlan(configuration, Plans::costs, CpuLimit::read);
    }

    private List<JournalRecord> recorded() {
        List<JournalRecord> entries = new ArrayList<>();
        JournalReader.read(journal(), Instant.EPOCH, entries::add);
        return entries;
    }

    private <T extends JournalRecord> List<T> recorded(Class<T> kind) {
        return recorded().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void shouldRecordARunFromAdmissionToTheEnd() throws Exception {
        String guarantee = "guarantee: { rate: 20kpps, burst: 32, latency: 5ms }";
        try (Dataplane dataplane = Started.by(plan(guarantee), events)) {
            assertThat(dataplane.workerThreads()).hasSize(2);
            try (EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                    EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
                assertThat(Traffic.exchange(alice, ALICE, bob, BOB, 200)).isEqualTo(200);
                Await.until("the journal says so while it is written", () -> framesOf("alice") == 200);
                Await.until(
                        "the counters file says what was guaranteed",
                        () -> counter(dataplane, "alice/guaranteed-rate") == 20_000);
            }
            Await.until("both sessions ended", () -> sessions("detached").size() == 2);
        }
        assertThat(recorded(JournalRecord.Started.class)).singleElement().satisfies(started -> {
            assertThat(started.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(started.cpus()).containsExactly(1);
            assertThat(started.vms()).isEqualTo(2);
        });
        assertThat(recorded().getLast()).isInstanceOf(JournalRecord.Stopped.class);
        assertThat(recorded(JournalRecord.Rung.class)).singleElement().satisfies(rung -> {
            assertThat(rung.rung()).isEqualTo("deadline");
            assertThat(rung.lowestAllowed()).isEqualTo("deadline");
        });
        assertThat(recorded(JournalRecord.Admission.class))
                .extracting(JournalRecord.Admission::vm, JournalRecord.Admission::admitted)
                .containsExactly(tuple("alice", true), tuple("bob", true));
        assertThat(sessions("attached")).containsExactlyInAnyOrder("alice", "bob");
        assertThat(framesOf("bob")).isZero();
        assertThat(recorded(Interval.class).stream()
                        .filter(interval -> interval.vm().equals("bob"))
                        .mapToLong(Interval::receivedFrames)
                        .sum())
                .isEqualTo(200);
        assertThat(ofAlice()).allSatisfy(interval -> {
            assertThat(interval.guaranteedFramesPerSecond()).isEqualTo(20_000);
            assertThat(interval.reservedNanos()).isPositive();
            assertThat(interval.verdict()).isNotEqualTo(Verdict.NO_GUARANTEE);
        });
        assertThat(ofAlice()).anySatisfy(interval -> {
            assertThat(interval.usedNanos()).isPositive();
            assertThat(interval.worstLatencyNanos()).isPositive();
        });
    }

    private List<Interval> ofAlice() {
        return recorded(Interval.class).stream()
                .filter(interval -> interval.vm().equals("alice"))
                .toList();
    }

    private long framesOf(String vm) {
        return recorded(Interval.class).stream()
                .filter(interval -> interval.vm().equals(vm))
                .mapToLong(Interval::carriedFrames)
                .sum();
    }

    private List<String> sessions(String state) {
        return recorded(JournalRecord.Session.class).stream()
                .filter(session -> session.state().equals(state))
                .map(JournalRecord.Session::vm)
                .toList();
    }

    private static long counter(Dataplane dataplane, String label) {
        try {
            return Counters.read(dataplane.counters().file()).getOrDefault(label, -1L);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldRecordThatNothingWasAdmittedAndWhy() throws Exception {
        AdmissionPlan tooMuch = plan("reservation: { runtime: 950us, period: 1ms }");
        assertThatThrownBy(() -> Started.by(tooMuch, events)).isInstanceOf(SchedulingRefusedException.class);
        assertThat(recorded(JournalRecord.Admission.class)).hasSize(2).allSatisfy(admission -> {
            assertThat(admission.admitted()).isFalse();
            assertThat(admission.reason()).contains("CPU 1");
        });
        assertThat(recorded(JournalRecord.Started.class)).isEmpty();
    }

    @Test
    void shouldStartNothingWhenTheJournalCannotBeKept() throws Exception {
        Files.writeString(journal(), "a file");
        AdmissionPlan plan = plan("reservation: { runtime: 100us, period: 1ms }");
        assertThatThrownBy(() -> Started.by(plan, events))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(journal().toString());
        assertThat(folder.resolve("alice.sock")).doesNotExist();
    }
}
