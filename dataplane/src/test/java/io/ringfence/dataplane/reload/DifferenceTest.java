package io.ringfence.dataplane.reload;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.Configuration;
import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuLimit.Origin;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DifferenceTest {
    private static final String HEAD = """
            host: { cpus: [1, 2], scheduling: fifo }
            networks: [ { name: blue }, { name: red } ]
            journal: { directory: /var/lib/ringfence/journal, retain: 1GiB }
            vms:
            """;
    private static final String ALICE = vm("alice", "reservation: { runtime: 500us, period: 1ms }");
    private static final String BOB = vm("bob", "reservation: { runtime: 300us, period: 1ms }");
    private static final String CAROL = vm("carol", "guarantee: { rate: 10kpps, burst: 8, latency: 2ms }");

    private final AtomicReference<CostModel> costs = new AtomicReference<>(Plans.costs());

    private static String vm(String name, String rest) {
        return "  - { name: %s, socket: /run/%s.sock, network: blue, queues: 2, %s }\n".formatted(name, name, rest);
    }

    private static Configuration configuration(String text) throws ConfigurationException {
        return Configuration.parse(text, "test.yaml");
    }

    private AdmissionPlan plan(String... vms) throws ConfigurationException {
        return new AdmissionPlan(
                configuration(HEAD + String.join("", vms)),
                costs::get,
                cpu -> new CpuLimit((1 << 20) * 9L / 10, Origin.READ));
    }

    private Difference after(AdmissionPlan running, String... vms) throws ConfigurationException {
        return Difference.between(running, revised(running, vms));
    }

    private static AdmissionPlan revised(AdmissionPlan running, String... vms) throws ConfigurationException {
        Configuration next = configuration(HEAD + String.join("", vms));
        return running.revised(next, Difference.staying(running, next));
    }

    private static List<String> names(List<PlannedVm> vms) {
        return vms.stream().map(PlannedVm::name).toList();
    }

    @Test
    void shouldTellApartWhatComesGoesAndStays() throws Exception {
        Difference difference = after(plan(ALICE, BOB), CAROL, BOB);

        assertThat(names(difference.added())).containsExactly("carol");
        assertThat(names(difference.removed())).containsExactly("alice");
        assertThat(names(difference.unchanged())).containsExactly("bob");
        assertThat(difference.isEmpty()).isFalse();
        assertThat(difference.summary()).isEqualTo("+carol, -alice, 1 unchanged");
    }

    @Test
    void shouldBeEmptyWhenOnlyOrderAndNotationDiffer() throws Exception {
        Difference difference = after(
                plan(ALICE, BOB),
                BOB.replace("300us", "0.3ms"),
                ALICE.replace("queues: 2, ", "queues: 2, role: server, "));

        assertThat(difference.isEmpty()).isTrue();
        assertThat(difference.summary()).isEqualTo("nothing has changed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/run/bob.sock | /run/other.sock | socket",
                "network: blue | network: red | network",
                "queues: 2 | queues: 3 | queues",
                "queues: 2 | queues: 2, workers: 2 | workers",
                "queues: 2 | queues: 2, role: client | role",
                "queues: 2 | queues: 2, mac: '52:54:00:00:00:02' | mac",
            })
    void shouldReplaceAVmWhoseSessionCannotGoOn(String before, String now, String key) throws Exception {
        Difference difference = after(plan(ALICE, BOB), ALICE, BOB.replace(before, now));

        assertThat(difference.replaced()).singleElement().satisfies(change -> {
            assertThat(change.name()).isEqualTo("bob");
            assertThat(change.keys()).containsExactly(key);
        });
        assertThat(names(difference.coming())).containsExactly("bob");
        assertThat(names(difference.leaving())).containsExactly("bob");
        assertThat(difference.summary()).isEqualTo("~bob (" + key + ": new session), 1 unchanged");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "queues: 2 | queues: 2, limit: { rate: 1Mpps } | limit | true",
                "runtime: 300us | runtime: 301us | reservation | false",
                "runtime: 300us | runtime: 299us | reservation | true",
                "period: 1ms | period: 2ms | reservation | true",
                "queues: 2 | queues: 2, reclaim: on | reclaim | true",
            })
    void shouldRetuneAVmWhoseSessionGoesOn(String before, String now, String key, boolean shrinks) throws Exception {
        Difference difference = after(plan(ALICE, BOB), ALICE, BOB.replace(before, now));

        assertThat(difference.retuned()).singleElement().satisfies(change -> {
            assertThat(change.keys()).containsExactly(key);
            assertThat(change.shrinks()).isEqualTo(shrinks);
        });
        assertThat(difference.summary()).isEqualTo("~bob (" + key + "), 1 unchanged");
    }

    @Test
    void shouldKeepRunningVmsOnTheirCpusAndPlaceNewOnesAroundThem() throws Exception {
        AdmissionPlan running = plan(ALICE, BOB);
        assertThat(running.cpusOf(running.vms().getFirst())).containsExactly(1);
        assertThat(running.cpusOf(running.vms().getLast())).containsExactly(2);

        // Planned anew, the largest would be placed first, on CPU 1.
        String large = vm("dave", "reservation: { runtime: 550us, period: 1ms }");
        AdmissionPlan next = revised(running, large, ALICE, BOB);

        assertThat(next.vms())
                .extracting(vm -> vm.name() + " " + next.cpusOf(vm))
                .containsExactly("dave [2]", "alice [1]", "bob [2]");
        assertThat(next.refusals(Plans.online(8))).isEmpty();
    }

    @Test
    void shouldTakeACpuThatIsNamedForAChangeOnlyIfTheVmRunsElsewhere() throws Exception {
        AdmissionPlan running = plan(ALICE, BOB);

        assertThat(after(running, ALICE, BOB.replace("queues: 2", "queues: 2, cpu: 2"))
                        .isEmpty())
                .isTrue();
        assertThat(after(running, ALICE, BOB.replace("queues: 2", "queues: 2, cpu: 1"))
                        .replaced())
                .singleElement()
                .satisfies(change -> assertThat(change.keys()).containsExactly("cpu"));
    }

    @Test
    void shouldNoticeThatTheHostWasMeasuredAnew() throws Exception {
        AdmissionPlan running = plan(ALICE, CAROL);
        costs.set(new CostModel(
                Plans.costs().transmit(),
                Plans.costs().receive(),
                new CostModel.WakeUp(CostDistribution.constant(9_000), CostDistribution.constant(9_000))));
        Difference difference = after(running, ALICE, CAROL);

        assertThat(difference.summary()).isEqualTo("~carol (cost model), 1 unchanged");
    }

    @Test
    void shouldNameWhatNeedsARestart() throws Exception {
        Configuration running = configuration(HEAD + ALICE);
        Configuration next = configuration((HEAD + ALICE)
                .replace("[1, 2]", "[1], idle: sleep")
                .replace("fifo", "deadline")
                .replace("1GiB", "2GiB")
                .replace("{ name: blue }", "{ name: blue, mtu: 9000 }")
                .replace("{ name: red }", "{ name: red, mtu: 9000 }"));

        assertThat(Difference.needingRestart(running, running)).isEmpty();
        assertThat(Difference.needingRestart(running, next))
                .satisfiesExactly(
                        cpus -> assertThat(cpus).startsWith("host.cpus is [1] in the file and [1, 2] in the run"),
                        rung -> assertThat(rung).startsWith("host.scheduling is deadline in the file"),
                        idle -> assertThat(idle).startsWith("host.idle is sleep in the file and poll in the run"),
                        retain -> assertThat(retain).startsWith("journal.retain is 2147483648 bytes in the file"),
                        mtu -> assertThat(mtu)
                                .startsWith("mtu of network blue is 9000 in the file and 1500 in the run"))
                .allSatisfy(sentence -> assertThat(sentence).endsWith("needs a restart"));
    }

    @Test
    void shouldNameNetworksWithOtherSettings() throws Exception {
        AdmissionPlan running = plan(ALICE);
        Configuration next = configuration((HEAD + ALICE).replace("{ name: blue }", "{ name: blue, ageing: 10s }"));
        Difference difference = Difference.between(running, running.revised(next, Difference.staying(running, next)));

        assertThat(difference.networks()).extracting(network -> network.name()).containsExactly("blue");
        assertThat(difference.summary()).isEqualTo("~network blue, 1 unchanged");
    }
}
