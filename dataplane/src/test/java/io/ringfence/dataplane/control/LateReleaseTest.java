package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.reload.Difference;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.ThreadScheduling;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker that answers a reload when that was taken back already. */
@RequiresDataplaneCpu
@Timeout(60)
class LateReleaseTest {
    private static final String BOB =
            "bob, socket: %1$s/b, network: blue, reservation: { runtime: 100us, period: 1ms }";
    private static final String ALICE =
            "alice, socket: %1$s/a, network: blue, reservation: { runtime: 200us, period: 1ms }";

    @TempDir
    private Path folder;

    private Configuration configuration(String... vms) throws Exception {
        String text = "host: { cpus: [1] }\nnetworks: [ { name: blue } ]\nvms:\n  - { name: "
                + String.join(" }\n  - { name: ", vms) + " }\n";
        return Configuration.parse(text.formatted(folder), "test.yaml");
    }

    @Test
    void shouldKeepItsReservationWhenTheReloadThatReleasedItWasTakenBackMeanwhile() throws Exception {
        RecordedEvents events = new RecordedEvents();
        AdmissionPlan plan = new AdmissionPlan(configuration(ALICE, BOB), Plans::costs, CpuLimit::read);
        Configuration without = configuration(BOB);
        AdmissionPlan next = plan.revised(without, Difference.staying(plan, without));
        try (Ageing ageing = new Ageing();
                Counters counters = Counters.create(folder.resolve("counters"), 2);
                WorkerScheduling scheduling = new WorkerScheduling(events, Rung.DEADLINE, true)) {
            RunningVms vms = new RunningVms(counters, ageing, events, null);
            vms.announce(vms.build(plan, plan.vms()));
            scheduling.apply(plan, vms.workers());
            VmWorker alice = vms.of("alice").workers().getFirst();

            Busy.hold(alice, vms.networkOf(vms.of("alice")).segment());
            Reload reload = new Reload(vms, scheduling, events, next, Difference.between(plan, next));
            assertThatIllegalStateException()
                    .isThrownBy(reload::prepare)
                    .withMessageContaining("worker alice does not answer");
            Busy.letGo(alice);
            alice.awaitAnswer();

            SchedulingAttributes kernel = ThreadScheduling.read(alice.threadId());
            assertThat(kernel.policy()).isEqualTo(SchedulingAttributes.Policy.DEADLINE);
            assertThat(kernel.runtimeNanos()).isEqualTo(200_000);
            scheduling.withdraw(vms.workers());
            vms.close();
        }
    }
}
