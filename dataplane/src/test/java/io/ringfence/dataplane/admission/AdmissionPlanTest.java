package io.ringfence.dataplane.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.config.ConfigurationException;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuLimit.Origin;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.SchedulingRefusedException;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AdmissionPlanTest {
    @Test
    void shouldDeriveTheReservationOfAGuaranteeAndTakeAGivenOneAsItIs() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1",
                "alice guarantee: { rate: 100kpps, burst: 32, latency: 500us }",
                "bob reservation: { runtime: 400us, period: 4ms }");

        PlannedVm alice = plan.vms().get(0);
        assertThat(alice.reservation().periodNanos()).isEqualTo(125_000);
        assertThat(alice.worstLatencyNanos()).isLessThanOrEqualTo(500_000);
        assertThat(alice.derivation()).isPresent();
        PlannedVm bob = plan.vms().get(1);
        assertThat(bob.reservation()).isEqualTo(new Reservation(400_000, 4_000_000));
        assertThat(bob.worstLatencyNanos()).as("two periods and a pace").isEqualTo(8_020_000);
        assertThat(plan.refusals(Plans.online(8))).isEmpty();
    }

    @Test
    void shouldAskForNoCostModelWhereThereIsNoGuarantee() throws ConfigurationException {
        var configuration = Plans.configuration("1", List.of("bob reservation: { runtime: 400us, period: 4ms }"));

        assertThatCode(() -> new AdmissionPlan(
                        configuration,
                        () -> {
                            throw new AssertionError("asked for");
                        },
                        cpu -> Plans.LIMIT))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldPlaceTheLargestFirstWhereMostRoomIs() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1, 2",
                "small reservation: { runtime: 100us, period: 1ms }",
                "pinned cpu: 1, reservation: { runtime: 300us, period: 1ms }",
                "large reservation: { runtime: 500us, period: 1ms }",
                "medium reservation: { runtime: 200us, period: 1ms }");

        assertThat(cpus(plan)).isEqualTo(Map.of("pinned", 1, "large", 2, "medium", 1, "small", 1));
    }

    @Test
    void shouldPackWhereBalancingDoesNotFit() throws ConfigurationException {
        // Balanced: 0.65 beside nothing, then 0.44 beside 0.2, and then two of 0.25 of which only one has room.
        AdmissionPlan plan = Plans.plan(
                "1, 2",
                "first cpu: 1, reservation: { runtime: 200us, period: 1ms }",
                "second reservation: { runtime: 650us, period: 1ms }",
                "third reservation: { runtime: 250us, period: 1ms }",
                "fourth reservation: { runtime: 440us, period: 1ms }",
                "fifth reservation: { runtime: 250us, period: 1ms }");

        assertThat(plan.refusals(Plans.online(8))).isEmpty();
    }

    @Test
    void shouldPlaceWorkersOfOneVmOnDifferentCpusWhereTheyFit() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1, 2",
                "alice workers: 2, reservation: { runtime: 200us, period: 1ms }",
                "large cpu: 1, reservation: { runtime: 500us, period: 1ms }");

        assertThat(cpus(plan)).isEqualTo(Map.of("large", 1, "alice/0", 2, "alice/1", 1));
    }

    @Test
    void shouldPlaceWorkersOfOneVmTogetherWhereElseTheyDoNotFit() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1, 2",
                "alice workers: 3, reservation: { runtime: 100us, period: 1ms }",
                "large reservation: { runtime: 900us, period: 1ms }");

        assertThat(plan.refusals(Plans.online(8))).isEmpty();
        assertThat(plan.on(plan.cpuOf(plan.vms().getLast().workers().getFirst())))
                .extracting(PlannedWorker::name)
                .containsExactly("large");
    }

    @Test
    void shouldPlaceAllWorkersOnTheCpuThatTheVmNames() throws ConfigurationException {
        AdmissionPlan plan =
                Plans.plan("1, 2", "alice cpu: 2, workers: 2, reservation: { runtime: 200us, period: 1ms }");

        assertThat(cpus(plan)).isEqualTo(Map.of("alice/0", 2, "alice/1", 2));
    }

    @Test
    void shouldSayWhatAllWorkersOfAVmNeedTogether() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1",
                "alice workers: 2, reservation: { runtime: 400us, period: 1ms }",
                "bob reservation: { runtime: 300us, period: 1ms }");

        assertThat(plan.refusals(Plans.online(8)))
                .singleElement()
                .asString()
                .startsWith("the VMs of CPU 1 need 1.100 of it (alice/0 0.400, alice/1 0.400, bob 0.300)")
                // 0.9 - 0.3, for both
                .contains("\n  alice: `runtime: 300us` instead of `400us`")
                .contains("\n  bob: `runtime: 100us` instead of `300us`");
    }

    private static Map<String, Integer> cpus(AdmissionPlan plan) {
        Map<String, Integer> cpus = new TreeMap<>();
        plan.vms().stream()
                .flatMap(vm -> vm.workers().stream())
                .forEach(worker -> cpus.put(worker.name(), plan.cpuOf(worker)));
        return cpus;
    }

    @Test
    void shouldNameVmsSumLimitAndChangesWhenOvercommitted() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1, 2",
                "alice cpu: 1, reservation: { runtime: 130us, period: 200us }",
                "bob cpu: 1, guarantee: { rate: 300kpps, burst: 64, latency: 500us }");
        double bob = plan.vms().get(1).reservation().share();

        assertThat(plan.refusals(Plans.online(8)))
                .singleElement()
                .asString()
                .startsWith("the VMs of CPU 1 need %.3f of it (alice 0.650, bob %.3f), 0.1".formatted(0.65 + bob, bob))
                .contains("more than the 0.900 that the kernel admits (/proc/sys/kernel/sched_rt_runtime_us")
                .contains("\n  alice: `runtime: ", "instead of `130us`, or `cpu: 2`, which has 0.900 left")
                .contains("\n  bob: `latency: ", "instead of `500us`, or `cpu: 2`, which has 0.900 left");
    }

    @Test
    void shouldSayByHowMuchWhenNoSingleChangeIsEnough() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan(
                "1",
                "a reservation: { runtime: 1ms, period: 1ms }",
                "b reservation: { runtime: 1ms, period: 1ms }",
                "c reservation: { runtime: 1ms, period: 1ms }");

        assertThat(plan.refusals(Plans.online(8)))
                .singleElement()
                .asString()
                .contains("no change to one of them alone is enough", "to 29 %", "add a CPU to host.cpus");
    }

    @Test
    void shouldRefuseAGuaranteeThatNoCpuCanKeepWithTheArithmetic() {
        assertThatThrownBy(() -> Plans.plan(
                        "1",
                        "alice guarantee: { rate: 5Mpps, burst: 64, latency: 500us }",
                        "bob guarantee: { rate: 1kpps, burst: 1, latency: 90us }"))
                .isInstanceOfSatisfying(
                        SchedulingRefusedException.class,
                        refused -> assertThat(refused.rule()).isEqualTo(Rule.GUARANTEE))
                .message()
                .satisfies(message -> assertThat(message.lines())
                        .hasSize(2)
                        .anySatisfy(line -> assertThat(line)
                                .contains("VM alice", "696 ns a packet", "the rate takes 3.", "`rate: ", "`5Mpps`"))
                        .anySatisfy(line -> assertThat(line)
                                .contains("VM bob", "two periods of at least 100us", "`latency: ", "`90us`")));
    }

    @Test
    void shouldLetTheKernelDecideWhatIsAssumed() throws ConfigurationException {
        // Without the fair server 0.95 of a CPU fit.
        var configuration = Plans.configuration("1", List.of("alice reservation: { runtime: 930us, period: 1ms }"));
        var plan = new AdmissionPlan(
                configuration, Plans::costs, cpu -> new CpuLimit(Plans.LIMIT.bandwidth(), Origin.ASSUMED));

        assertThat(plan.refusals(Plans.online(8))).singleElement().asString().contains("cannot be read");
        assertThatCode(plan::requirePossible).doesNotThrowAnyException();
        assertThat(plan.refused(1, new CpuLimit(Plans.LIMIT.bandwidth(), Origin.PROBED)))
                .hasMessageContaining("alice 0.930")
                .hasMessageContaining("found by trying")
                .hasMessageContaining("`runtime: 899us` instead of `930us`");
    }

    @Test
    void shouldProposeOnlyChangesThatAreEnough() throws ConfigurationException {
        Random random = new Random(17);
        int proposed = 0;
        for (int set = 0; set < 200; set++) {
            List<String> vms = randomVms(random);
            List<String> refusals;
            try {
                refusals = Plans.plan("1", vms).refusals(Plans.online(8));
            } catch (SchedulingRefusedException impossible) {
                refusals = List.of(impossible.getMessage());
            }
            for (String refusal : refusals) {
                Matcher change = Pattern.compile("`(\\w+): (\\w+)` instead of").matcher(refusal);
                while (change.find()) {
                    assertThat(changed(vms, refusal, change))
                            .as("%s\n%s", vms, refusal)
                            .isTrue();
                    proposed++;
                }
            }
        }
        assertThat(proposed).isGreaterThan(100);
    }

    /** Whether everything fits once the VM in whose line the change stands is changed. */
    private static boolean changed(List<String> vms, String refusal, Matcher change) throws ConfigurationException {
        String before = refusal.substring(0, change.start());
        String line = before.substring(before.lastIndexOf('\n') + 1)
                .replaceFirst("^VM ", "")
                .strip();
        String name = line.substring(0, line.indexOf(':'));
        List<String> changed = new ArrayList<>();
        for (String vm : vms) {
            changed.add(
                    vm.startsWith(name + " ")
                            ? vm.replaceFirst(change.group(1) + ": \\w+", change.group(1) + ": " + change.group(2))
                            : vm);
        }
        return line.contains("no CPU of this host")
                ? Plans.plan(
                                "1",
                                changed.stream()
                                        .filter(vm -> vm.startsWith(name + " "))
                                        .toList())
                        .refusals(Plans.online(8))
                        .isEmpty()
                : Plans.plan("1", changed).refusals(Plans.online(8)).isEmpty();
    }

    private static List<String> randomVms(Random random) {
        List<String> vms = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            vms.add(
                    random.nextInt(3) == 0
                            ? "vm%d reservation: { runtime: %dus, period: %dus }"
                                    .formatted(i, 10 + random.nextInt(400), 500 + random.nextInt(4_000))
                            : "vm%d guarantee: { rate: %dpps, burst: %d, latency: %dus }"
                                    .formatted(
                                            i,
                                            (long) Math.pow(10, 2 + 4 * random.nextDouble()),
                                            1 + random.nextInt(128),
                                            (long) (150 * Math.pow(10, 2 * random.nextDouble()))));
        }
        return vms;
    }

    @Test
    void shouldRefuseWhenNoCpuIsLeftForHousekeeping() throws Exception {
        AdmissionPlan plan = Plans.plan("0, 1", "alice reservation: { runtime: 100us, period: 1ms }");

        assertThat(plan.refusals(Plans.online(3))).isEmpty();
        assertThat(plan.refusals(Plans.online(2)))
                .containsExactly("no CPU is left for housekeeping; take fewer dataplane CPUs");
    }

    @Test
    void shouldRefuseToStartOnACpuThatIsNotOnlineWhateverTheScheduling() throws Exception {
        AdmissionPlan plan = Plans.plan("7", "alice reservation: { runtime: 100us, period: 1ms }");

        assertThatCode(() -> plan.requireOnline(Plans.online(8))).doesNotThrowAnyException();
        assertThatThrownBy(() -> plan.requireOnline(Plans.online(2)))
                .isInstanceOf(SchedulingRefusedException.class)
                .hasMessageContainingAll("CPU 7", "choose one of 0-1");
    }
}
