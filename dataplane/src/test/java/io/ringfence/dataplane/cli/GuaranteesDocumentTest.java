package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.admission.PlannedVm;
import io.ringfence.dataplane.admission.PlannedVm.Derivation;
import io.ringfence.dataplane.admission.Plans;
import io.ringfence.dataplane.cli.report.PlanTables;
import io.ringfence.scheduler.SizedReservation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The numbers of docs/guarantees.md are those of the code; -Dringfence.docs.update=true renews them. */
class GuaranteesDocumentTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("ringfence.root", "."), "docs/guarantees.md");
    private static final List<String> VMS = List.of(
            "alice guarantee: { rate: 300kpps, burst: 64, latency: 500us }",
            "bob guarantee: { rate: 5kpps, burst: 16, latency: 2ms }",
            "carol guarantee: { rate: 50kpps, burst: 64 }");

    @Test
    void shouldShowWhatTheCodeComputes() throws IOException, ConfigurationException {
        String document = Files.readString(DOCUMENT);
        String computed = document;
        for (Map.Entry<String, String> block : blocks().entrySet()) {
            computed = replaced(computed, block.getKey(), block.getValue());
        }
        if (Boolean.getBoolean("ringfence.docs.update")) {
            Files.writeString(DOCUMENT, computed);
        } else {
            assertThat(document)
                    .as("docs/guarantees.md; to renew it: mvn test -pl dataplane -am -Dtest=GuaranteesDocumentTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Dringfence.docs.update=true")
                    .isEqualTo(computed);
        }
    }

    private static Map<String, String> blocks() throws ConfigurationException {
        AdmissionPlan plan = Plans.plan("1", VMS);
        List<String> greedier = new ArrayList<>(VMS);
        greedier.add("dave guarantee: { rate: 600kpps, burst: 64 }");
        Map<String, String> blocks = new LinkedHashMap<>();
        blocks.put(
                "examples",
                plan.vms().stream().map(GuaranteesDocumentTest::example).collect(Collectors.joining("\n")));
        blocks.put("check", new PlanTables(plan).toString());
        blocks.put(
                "refusal", Plans.plan("1", greedier).refusals(Plans.online(8)).getFirst() + "\n");
        return blocks;
    }

    private static String example(PlannedVm vm) {
        SizedReservation sized = vm.derivation().map(Derivation::sized).orElseThrow();
        double micro = 1_000;
        return String.format(
                Locale.ROOT,
                """
                %s: %s
                  packet c         %8.3f us    pace p     %6.0f us
                  rate U           %8.3f       burst B    %6.1f us
                  period P         %8.0f us    runtime Q  %6.0f us    share Q/P  %.3f
                  usable q         %8.0f us    worst latency  %.1f us
                """,
                vm.name(),
                VMS.stream()
                        .filter(line -> line.startsWith(vm.name()))
                        .findFirst()
                        .orElseThrow()
                        .substring(vm.name().length() + 1),
                sized.demand().packetNanos() / micro,
                sized.demand().paceNanos() / micro,
                sized.demand().rateShare(),
                sized.demand().burstNanos() / micro,
                sized.reservation().periodNanos() / micro,
                sized.reservation().runtimeNanos() / micro,
                sized.reservation().share(),
                sized.usableNanos() / micro,
                sized.worstLatencyNanos() / micro);
    }

    private static String replaced(String document, String name, String text) {
        String start = "<!-- computed: " + name + " -->\n```\n";
        int from = document.indexOf(start);
        assertThat(from).as("block " + name).isNotNegative();
        int to = document.indexOf("```\n", from + start.length());
        return document.substring(0, from + start.length()) + text + document.substring(to);
    }
}
