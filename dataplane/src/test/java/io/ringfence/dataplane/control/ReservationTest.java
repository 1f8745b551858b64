package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.ThreadStatistics;
import io.ringfence.testing.Requirement;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel says about the workers of a running dataplane. */
@RequiresDataplaneCpu
class ReservationTest {
    private static final long ALICE = 0x01_0000_005452L;
    private static final long BOB = 0x02_0000_005452L;

    @TempDir
    private Path folder;

    private Configuration configuration() throws Exception {
        return Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: { runtime: 150us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 200us, period: 500us } }
                """.formatted(folder), "test.yaml");
    }

    @Test
    void shouldRunEachWorkerWithItsReservationOnItsCpuOnly() throws Exception {
        try (Dataplane dataplane = Started.of(configuration(), new RecordedEvents())) {
            for (Dataplane.WorkerThread worker : dataplane.workerThreads()) {
                boolean alice = worker.name().equals("alice");
                SchedulingAttributes kernel = ThreadScheduling.read(worker.threadId());
                assertThat(kernel.policy()).isEqualTo(SchedulingAttributes.Policy.DEADLINE);
                assertThat(kernel.resetOnFork()).isTrue();
                assertThat(kernel.runtimeNanos()).isEqualTo(alice ? 150_000 : 200_000);
                assertThat(kernel.deadlineNanos()).isEqualTo(alice ? 1_000_000 : 500_000);
                assertThat(kernel.periodNanos()).isEqualTo(alice ? 1_000_000 : 500_000);
                assertThat(Files.readAllLines(Path.of("/proc/self/task/" + worker.threadId() + "/status")))
                        .contains("Cpus_allowed_list:\t1");
            }
        }
    }

    /** With what is reserved, such a worker would need many periods to end. */
    @Test
    void shouldEndInTimeWhenNextToNothingIsReserved() throws Exception {
        Configuration poor = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: { runtime: 10us, period: 100ms } }
                """.formatted(folder), "test.yaml");
        RecordedEvents events = new RecordedEvents();
        Dataplane dataplane = Started.of(poor, events);
        int thread = thread(dataplane, "alice");

        long startNanos = System.nanoTime();
        dataplane.close();

        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofMillis(1_500));
        assertThat(Path.of("/proc/self/task/" + thread)).doesNotExist();
        assertThat(events.of("alice")).noneMatch(line -> line.contains("did not end"));
    }

    @Test
    void shouldUseWhatOthersLeaveOnlyWhereTheFileSaysSo() throws Exception {
        Configuration reclaiming = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reclaim: on,
                      reservation: { runtime: 200us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 200us, period: 1ms } }
                """.formatted(folder), "test.yaml");
        try (Dataplane dataplane = Started.of(reclaiming, new RecordedEvents());
                EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
            int aliceThread = thread(dataplane, "alice");
            int bobThread = thread(dataplane, "bob");
            assertThat(ThreadScheduling.read(aliceThread).reclaims()).isTrue();
            assertThat(ThreadScheduling.read(bobThread).reclaims()).isFalse();

            assertThat(shareOfAFlood(aliceThread, alice, ALICE, bob, BOB))
                    .as("alice's share of the CPU, of which 0.2 is reserved, while bob sends nothing")
                    .isGreaterThan(0.3);
            assertThat(shareOfAFlood(bobThread, bob, BOB, alice, ALICE))
                    .as("bob's share of the CPU, while alice sends nothing")
                    .isLessThan(0.25);
        }
    }

    /** What a worker uses of its CPU while its guest sends as much as it can, in the median of some windows. */
    private static double shareOfAFlood(int thread, EmbeddedGuest from, long source, EmbeddedGuest to, long destination)
            throws Exception {
        double[] shares = new double[11];
        try (PromptThread self = new PromptThread()) {
            for (int window = 0; window < shares.length; window++) {
                long cpuBefore = cpuNanos(thread);
                long start = System.nanoTime();
                long sequence = 0;
                while (System.nanoTime() - start < Duration.ofMillis(200).toNanos()) {
                    while (Traffic.send(from, destination, source, sequence)) {
                        sequence++;
                    }
                    Traffic.take(to);
                    self.nap();
                }
                shares[window] = (double) (cpuNanos(thread) - cpuBefore) / (System.nanoTime() - start);
            }
        }
        Arrays.sort(shares);
        return shares[shares.length / 2];
    }

    @Test
    void shouldRunAWorkerWithTheReservationThatItsGuaranteeComesTo() throws Exception {
        Configuration guaranteed = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue,
                      guarantee: { rate: 50kpps, burst: 32, latency: 1ms } }
                """.formatted(folder), "test.yaml");
        AdmissionPlan plan = new AdmissionPlan(guaranteed, Plans::costs, CpuLimit::read);
        try (Dataplane dataplane = Started.by(plan, new RecordedEvents())) {
            SchedulingAttributes kernel = ThreadScheduling.read(thread(dataplane, "alice"));
            assertThat(kernel.periodNanos()).isEqualTo(250_000);
            assertThat(kernel.runtimeNanos())
                    .isEqualTo(plan.vms().getFirst().reservation().runtimeNanos());
        }
    }

    @Test
    void shouldNameAllVmsOfACpuThatTheKernelFindsFull() throws Exception {
        Configuration full = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, reservation: { runtime: 400us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 549us, period: 1ms } }
                """.formatted(folder), "test.yaml");
        double limit = CpuLimit.read(1).share();
        Requirement.ofKernel(limit < 0.949, "needs a kernel that keeps something for a fair server");
        AdmissionPlan assumed = new AdmissionPlan(
                full, Plans::costs, cpu -> new CpuLimit(CpuLimit.read(cpu).bandwidth(), CpuLimit.Origin.ASSUMED));

        assertThatThrownBy(() -> Started.by(assumed, new RecordedEvents()).close())
                .isInstanceOf(SchedulingRefusedException.class)
                .hasMessageContaining("CPU 1 need 0.949 of it (alice 0.400, bob 0.549)")
                .hasMessageContaining("found by trying")
                .hasMessageContaining("bob: `runtime: ");
    }

    @Test
    void shouldKeepAFloodWithinItsReservationWhileTheOtherVmIsServed() throws Exception {
        try (Dataplane dataplane = Started.of(configuration(), new RecordedEvents());
                EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1));
                PromptThread self = new PromptThread()) {
            int aliceThread = thread(dataplane, "alice");
            long cpuBefore = cpuNanos(aliceThread);
            long start = System.nanoTime();
            long end = start + Duration.ofSeconds(2).toNanos();
            long flooded = 0;
            long asked = 0;
            long served = 0;
            long nextRequest = start;
            for (long now = start; now < end; now = System.nanoTime()) {
                while (Traffic.send(alice, BOB, ALICE, flooded)) {
                    flooded++;
                }
                if (now >= nextRequest && Traffic.send(bob, ALICE, BOB, asked)) {
                    asked++;
                    nextRequest += 200_000;
                }
                Traffic.take(bob);
                served += Traffic.take(alice);
                self.nap();
            }
            double share = (double) (cpuNanos(aliceThread) - cpuBefore) / (System.nanoTime() - start);

            // It floods without end, so it uses what it has, less the margin at which it yields; never more.
            assertThat(share).as("alice's share of the CPU").isBetween(0.05, 0.155);
            assertThat(asked).isGreaterThan(5_000);
            long grace = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (served < asked && System.nanoTime() < grace) {
                served += Traffic.take(alice);
                Traffic.take(bob);
                self.nap();
            }
            assertThat(served).as("frames of bob that arrived").isEqualTo(asked);
        }
    }

    private static int thread(Dataplane dataplane, String vm) {
        return dataplane.workerThreads().stream()
                .filter(worker -> worker.name().equals(vm))
                .findFirst()
                .orElseThrow()
                .threadId();
    }

    private static long cpuNanos(int threadId) {
        return ThreadStatistics.read(threadId).orElseThrow().cpuNanos();
    }
}
