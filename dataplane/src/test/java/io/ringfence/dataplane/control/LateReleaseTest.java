package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.reload.Difference;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.testing.Await;
import io.ringfence.testing.LostRight;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are to give up their reservations for a reload, and do not, or late. */
@RequiresDataplaneCpu
@Timeout(60)
class LateReleaseTest {
    private static final String BOB =
            "bob, socket: %1$s/b, network: blue, reservation: { runtime: 100us, period: 1ms }";
    private static final String ALICE =
            "alice, socket: %1$s/a, network: blue, reservation: { runtime: 200us, period: 1ms }";
    private static final String CAROL =
            "carol, socket: %1$s/c, network: blue, reservation: { runtime: 100us, period: 1ms }";

    @TempDir
    private Path folder;

    private final RecordedEvents events = new RecordedEvents();

    private Configuration configuration(String... vms) throws Exception {
        String text = "host: { cpus: [1] }\nnetworks: [ { name: blue } ]\nvms:\n  - { name: "
                + String.join(" }\n  - { name: ", vms) + " }\n";
        return Configuration.parse(text.formatted(folder), "test.yaml");
    }

    /** What is done with VMs that run, and with a reload of them. */
    private interface Step {
        void run(RunningVms vms, Reload reload) throws Exception;
    }

    private void change(Configuration from, Configuration to, Step step) throws Exception {
        AdmissionPlan plan = new AdmissionPlan(from, Plans::costs, CpuLimit::read);
        AdmissionPlan next = plan.revised(to, Difference.staying(plan, to));
        try (Ageing ageing = new Ageing();
                Counters counters =
                        Counters.create(folder.resolve("counters"), from.vms().size());
                WorkerScheduling scheduling = new WorkerScheduling(events, Rung.DEADLINE, true)) {
            RunningVms vms = new RunningVms(counters, ageing, events, null);
            vms.announce(vms.build(plan, plan.vms()));
            scheduling.apply(plan, vms.workers());
            try {
                step.run(vms, new Reload(vms, scheduling, events, next, Difference.between(plan, next)));
            } finally {
                scheduling.withdraw(vms.workers());
                vms.close();
            }
        }
    }

    private static VmWorker worker(RunningVms vms, String name) {
        return vms.of(name).workers().getFirst();
    }

    private static Policy policy(VmWorker worker) {
        return ThreadScheduling.read(worker.threadId()).policy();
    }

    @Test
    void shouldKeepItsReservationWhenTheReloadThatReleasedItWasTakenBackMeanwhile() throws Exception {
        change(configuration(ALICE, BOB), configuration(BOB), (vms, reload) -> {
            VmWorker alice = worker(vms, "alice");
            Busy.hold(alice, vms.networkOf(vms.of("alice")).segment());
            assertThatIllegalStateException()
                    .isThrownBy(reload::prepare)
                    .withMessageContaining("worker alice does not answer");
            Busy.letGo(alice);
            alice.awaitAnswer();

            assertThat(policy(alice)).isEqualTo(Policy.DEADLINE);
            assertThat(ThreadScheduling.read(alice.threadId()).runtimeNanos()).isEqualTo(200_000);
        });
    }

    @Test
    void shouldReleaseTheOthersMeanwhileWhenOneOfThemIsLate() throws Exception {
        String slowAlice = ALICE.replace("runtime: 200us, period: 1ms", "runtime: 200ms, period: 1s");
        change(configuration(slowAlice, BOB, CAROL), configuration(CAROL), (vms, reload) -> {
            VmWorker alice = worker(vms, "alice");
            VmWorker bob = worker(vms, "bob");
            Busy.hold(alice, vms.networkOf(vms.of("alice")).segment());
            CompletableFuture<Void> prepared = CompletableFuture.runAsync(() -> prepare(reload));
            Await.until("bob's reservation is released", () -> policy(bob) == Policy.OTHER);
            assertThat(policy(alice)).isEqualTo(Policy.DEADLINE);

            Busy.letGo(alice);
            assertThat(prepared).succeedsWithin(20, TimeUnit.SECONDS);
            assertThat(policy(alice)).isEqualTo(Policy.OTHER);
        });
    }

    private static void prepare(Reload reload) {
        try {
            reload.prepare();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldGoOnWithAllReservationsAndSayWhyWhenTheKernelDoesNotTakeOneBack() throws Exception {
        change(configuration(ALICE, BOB), configuration(BOB), (vms, reload) -> {
            VmWorker alice = worker(vms, "alice");
            alice.submit(new WorkerCommand.Release(
                    () -> {
                        LostRight.giveUpWhenNice();
                        return false;
                    },
                    () -> {},
                    refused -> {}));
            alice.awaitAnswer();

            assertThatIllegalStateException()
                    .isThrownBy(reload::prepare)
                    .withMessageStartingWith(
                            "worker alice: thread %d cannot have SCHED_OTHER: EPERM".formatted(alice.threadId()));
            alice.awaitAnswer();
            assertThat(policy(alice)).isEqualTo(Policy.DEADLINE);
            assertThat(policy(worker(vms, "bob"))).isEqualTo(Policy.DEADLINE);
            assertThat(events.of("alice")).isEmpty();
        });
    }
}
