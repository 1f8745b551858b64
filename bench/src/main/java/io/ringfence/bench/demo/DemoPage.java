package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report.Slice;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** The demo as a page: what was said, the figures, and latency over time and by percentile. */
final class DemoPage {
    static final String TITLE = "Ringfence: what noisy neighbours cost a VM";

    private DemoPage() {}

    static List<Block> of(List<Outcome> outcomes, List<String> verdict, DemoNetwork network, Timing timing) {
        List<Block> blocks = new ArrayList<>();
        verdict.forEach(
                sentence -> blocks.add(new Block.Prose(sentence.startsWith("- ") ? sentence.substring(2) : sentence)));
        blocks.add(figures(outcomes));
        blocks.add(new Block.Course(
                "Latency of the victim's frames over time",
                outcomes.stream().map(DemoPage::line).toList(),
                OptionalDouble.of(timing.aloneSeconds()),
                "neighbours start (in 2 and 3)"));
        blocks.add(new Block.Curves("Latency of the victim's frames by percentile", curves(outcomes)));
        blocks.add(new Block.Heading("What was done"));
        for (Outcome outcome : outcomes) {
            blocks.add(new Block.Prose("%d, %s. %s Thread %s: %s."
                    .formatted(
                            outcome.act().number(),
                            outcome.title(),
                            outcome.explanation(),
                            outcome.worker().name(),
                            outcome.worker().describe())));
        }
        blocks.add(new Block.Prose(
                ("The victim sends %,d frames of %d bytes a second to its receiver, at times fixed in advance; latency counts"
                                + " from these times. Each of %d neighbours sends frames of 300 bytes, each a chain of %d descriptors, as many as its"
                                + " queue takes. The VMs are embedded guests, polled by one thread on CPU 0. Frames whose way overlaps a time in which that thread was away are"
                                + " not in the latencies.")
                        .formatted(
                                DemoNetwork.STREAM.perSecond(),
                                DemoNetwork.STREAM.lengthBytes(),
                                network.neighbours(),
                                DemoNetwork.DEAR_DESCRIPTORS)));
        HostIdentity host = HostIdentity.current();
        blocks.add(new Block.Prose("%s; %s; kernel %s; %s."
                .formatted(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        host.cpuModel(),
                        host.kernelRelease(),
                        host.jvm())));
        return blocks;
    }

    private static Block figures(List<Outcome> outcomes) {
        List<List<String>> rows = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            for (Phase phase : outcome.phases()) {
                Sample whole = phase.whole();
                rows.add(List.of(
                        label(outcome, phase),
                        Quantity.count(whole.framesPerSecond()),
                        Quantity.time(whole.latencies(), Latencies::p50Nanos),
                        Quantity.time(whole.latencies(), Latencies::p99Nanos),
                        Quantity.time(whole.latencies(), Latencies::maxNanos),
                        Quantity.count(whole.neighboursPerSecond())));
            }
        }
        return new Block.Grid(List.of("", "victim's frames/s", "p50", "p99", "worst", "neighbours' frames/s"), rows);
    }

    private static String label(Outcome outcome, Phase phase) {
        boolean before = outcome.phases().size() > 1 && !phase.noisy();
        return "%d, %s".formatted(outcome.act().number(), before ? "before they start" : outcome.title());
    }

    private static List<Block.Curve> curves(List<Outcome> outcomes) {
        return outcomes.stream()
                .flatMap(outcome -> outcome.phases().stream()
                        .map(phase -> new Block.Curve(
                                label(outcome, phase), phase.victim().histogram())))
                .toList();
    }

    private static Block.Line line(Outcome outcome) {
        List<Slice> slices = outcome.phases().stream()
                .flatMap(phase -> phase.victim().timeline().stream().map(slice -> later(slice, phase.fromSeconds())))
                .toList();
        return new Block.Line("%d".formatted(outcome.act().number()), slices);
    }

    /** In milliseconds, so that the same time is the same number in all acts. */
    private static Slice later(Slice slice, double seconds) {
        return new Slice(
                Math.round(1e3 * (slice.fromSeconds() + seconds)) / 1e3,
                slice.count(),
                slice.p50Nanos(),
                slice.p99Nanos(),
                slice.maxNanos());
    }
}
