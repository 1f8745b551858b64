package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** VMs come as a whole or not at all. */
@Timeout(60)
class RunningVmsTest {
    private static final int ROOM = 4;

    @TempDir
    private Path folder;

    private final RecordedEvents events = new RecordedEvents();
    private final Ageing ageing = new Ageing();
    private Counters counters;
    private RunningVms vms;

    @BeforeEach
    void start() throws IOException {
        counters = Counters.create(folder.resolve("counters"), ROOM);
        vms = new RunningVms(counters, ageing, events, null);
    }

    @AfterEach
    void end() {
        vms.close();
        ageing.close();
        counters.close();
    }

    private AdmissionPlan plan(String period) throws Exception {
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue }, { name: green } ]
                vms:
                  - { name: alice, socket: %1$s/a, network: blue, reservation: { runtime: 100us, period: %2$s } }
                  - { name: bob, socket: %1$s/b, network: blue, reservation: { runtime: 100us, period: %2$s } }
                  - { name: carol, socket: %1$s/c, network: green, reservation: { runtime: 100us, period: %2$s } }
                  - { name: dave, socket: %1$s/d, network: green, reservation: { runtime: 100us, period: %2$s } }
                  - { name: erin, socket: %1$s/e, network: green, reservation: { runtime: 100us, period: %2$s } }
                """.formatted(folder, period), "test.yaml");
        return new AdmissionPlan(configuration, Plans::costs, CpuLimit::read);
    }

    private static PlannedVm planned(AdmissionPlan plan, String name) {
        return plan.vms().stream()
                .filter(vm -> vm.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<String> names() {
        return vms.all().stream().map(RunningVm::name).toList();
    }

    @Test
    void shouldTakeAllBackWhenOneOfTheVmsCannotBeMade() throws Exception {
        AdmissionPlan plan = plan("1ms");
        PlannedVm alice = planned(plan, "alice");
        vms.announce(vms.build(plan, List.of(alice)));
        List<PlannedVm> tooMany =
                plan.vms().stream().filter(vm -> !vm.equals(alice)).toList();
        assertThat(tooMany).hasSize(ROOM);
        assertThatIllegalStateException().isThrownBy(() -> vms.build(plan, tooMany));
        assertThat(names()).containsExactly("alice");
        assertThat(counters.room()).isEqualTo(ROOM - 1);
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .contains("worker-alice")
                .doesNotContain("worker-bob", "worker-carol", "worker-dave", "worker-erin");

        vms.announce(vms.build(plan, tooMany.subList(0, ROOM - 1)));
        assertThat(names()).containsExactly("alice", "bob", "carol", "dave");
        assertThat(counters.room()).isZero();
    }

    @Test
    void shouldWaitForAWorkerThatSleepsOutItsOldPeriodWhenTheNewOneIsShorter() throws Exception {
        AdmissionPlan before = plan("1s");
        RunningVm alice = vms.build(before, List.of(planned(before, "alice"))).getFirst();
        PlannedVm after = planned(plan("1ms"), "alice");
        alice.replan(after);
        alice.replan(after); // as a reload does when it is through
        CompletableFuture<Void> late =
                new CompletableFuture<Void>().completeOnTimeout(null, 1_500, TimeUnit.MILLISECONDS);
        assertThatCode(() -> alice.workers().getFirst().await(late)).doesNotThrowAnyException();
    }

    @Test
    void shouldGoOnWithoutAWorkerThatDoesNotEndInTimeAndFreeWhatItUsedOnceItHas() throws Exception {
        AdmissionPlan plan = plan("1ms");
        List<RunningVm> first = vms.build(plan, List.of(planned(plan, "alice"), planned(plan, "bob")));
        vms.announce(first);
        RunningVm slow = first.getLast();
        Busy.hold(slow.workers().getFirst(), vms.networkOf(slow).segment());
        vms.end(List.of(slow));
        assertThat(events.of("bob"))
                .singleElement()
                .asString()
                .contains("a worker of it did not end in time", "a reload frees");

        // As reloads do, while it still has not ended: the first brings the VM back, the second takes it away again.
        for (int reload = 0; reload < 2; reload++) {
            vms.freeStragglers();
            List<RunningVm> second = vms.build(plan, List.of(planned(plan, "bob")));
            vms.announce(second);
            assertThat(names()).containsExactly("alice", "bob");
            vms.end(second);
        }
        assertThat(events.of("host")).isEmpty();
        assertThat(counters.room()).as("it may still count, for all of them").isZero();

        Busy.letGo(slow.workers().getFirst());
        Await.until("it has ended", slow::hasEnded);
        vms.freeStragglers();
        assertThat(counters.room()).isEqualTo(ROOM - 1);
        vms.announce(vms.build(plan, List.of(planned(plan, "bob"))));
        assertThat(names()).containsExactly("alice", "bob");
    }

    @Test
    void shouldGoOnWithoutAVmWhoseSessionDoesNotEndInTimeAndFreeWhatItUsedOnceItHas() throws Exception {
        AdmissionPlan plan = plan("1ms");
        RunningVm slow = vms.build(plan, List.of(planned(plan, "alice"))).getFirst();
        slow.open();
        try (EmbeddedGuest guest = EmbeddedGuest.connect(folder.resolve("a"), GuestOptions.ofPairs(1))) {
            Busy.hold(slow.workers().getFirst(), vms.networkOf(slow).segment());
            assertThat(CompletableFuture.runAsync(() -> vms.end(List.of(slow)))).succeedsWithin(30, TimeUnit.SECONDS);
            assertThat(guest.session().peerClosed()).isTrue();
        }
        assertThat(events.of("alice"))
                .last()
                .asString()
                .contains("its session did not end in time", "a worker has its queues still", "a reload frees");
        vms.freeStragglers();
        assertThat(counters.room()).as("its worker may still count").isEqualTo(ROOM - 1);
        RunningVm again = vms.build(plan, List.of(planned(plan, "alice"))).getFirst();
        assertThatThrownBy(() -> vms.open(again))
                .isInstanceOf(SocketRefusedException.class)
                .hasMessageContaining("has not ended; reload again once it has");

        Busy.letGo(slow.workers().getFirst());
        Await.until("session and worker have ended", slow::hasEnded);
        vms.open(again);
        vms.end(List.of(again));
        vms.freeStragglers();
        assertThat(counters.room()).isEqualTo(ROOM);
    }

    @Test
    void shouldMakeANetworkAnewWhenTheOldOneHasNobodyLeftButAWorkerThatDoesNotEndInTime() throws Exception {
        AdmissionPlan plan = plan("1ms");
        RunningVm slow = vms.build(plan, List.of(planned(plan, "alice"))).getFirst();
        RunningNetwork old = vms.networkOf(slow);
        Busy.hold(slow.workers().getFirst(), old.segment());
        vms.end(List.of(slow));

        RunningVm again = vms.build(plan, List.of(planned(plan, "alice"))).getFirst();
        assertThat(vms.networkOf(again)).isNotSameAs(old);

        Busy.letGo(slow.workers().getFirst());
        Await.until("it has ended", slow::hasEnded);
        vms.freeStragglers();
        assertThat(old.isEmpty()).isTrue();
        assertThat(vms.networkOf(again).isEmpty()).isFalse();
        assertThat(counters.room()).isEqualTo(ROOM - 1);
    }
}
