package io.ringfence.config;

import io.ringfence.config.document.Located;
import io.ringfence.config.document.Problems;
import io.ringfence.config.document.Section;
import io.ringfence.config.document.Unit;
import java.util.List;
import java.util.Optional;

/** A limit lets through what its VM is guaranteed. */
final class LimitChecks {
    /** Headers that frames have beyond the MTU; a guarantee is for full-size frames. */
    private static final int HEADER_BYTES = 22;

    /** What SendLimit does without a burst: that of 10 ms, but no less than so many packets. */
    private static final int DEFAULT_BURST_PART = 100;

    private static final int LEAST_DEFAULT_BURST_PACKETS = 16;

    private final Problems problems;

    private LimitChecks(Problems problems) {
        this.problems = problems;
    }

    static void check(Section file, Problems problems) {
        LimitChecks checks = new LimitChecks(problems);
        for (Located<Section> located : file.find(ConfigurationFile.VMS).orElse(List.of())) {
            Section vm = located.value();
            Optional<Section> guarantee = vm.find(ConfigurationFile.GUARANTEE);
            Optional<Section> limit = vm.find(ConfigurationFile.LIMIT);
            if (guarantee.isPresent() && limit.isPresent()) {
                Optional<Long> frameBits = vm.find(ConfigurationFile.NETWORK).flatMap(name -> frameBits(file, name));
                guarantee
                        .get()
                        .find(ConfigurationFile.RATE)
                        .ifPresent(rate -> checks.ratesFit(limit.get(), rate, frameBits));
                guarantee
                        .get()
                        .find(ConfigurationFile.BURST)
                        .ifPresent(burst -> checks.burstsFit(limit.get(), burst, frameBits));
            }
        }
    }

    private static Optional<Long> frameBits(Section file, String network) {
        return file.find(ConfigurationFile.NETWORKS).orElse(List.of()).stream()
                .map(Located::value)
                .filter(known -> known.find(ConfigurationFile.NETWORK_NAME)
                        .filter(network::equals)
                        .isPresent())
                .findFirst()
                .flatMap(known -> known.find(ConfigurationFile.MTU))
                .map(mtu -> (long) Byte.SIZE * (mtu + HEADER_BYTES));
    }

    private void ratesFit(Section limit, long promised, Optional<Long> frameBits) {
        limit.located(ConfigurationFile.LIMIT_RATE)
                .filter(rate -> rate.value() < promised)
                .ifPresent(rate -> tooLow(
                        rate,
                        written(rate),
                        "the guaranteed rate, which is " + Unit.written(promised, Unit.PACKET_RATE),
                        "raise the limit or lower the guarantee"));
        frameBits.ifPresent(bits -> limit.located(ConfigurationFile.LIMIT_BANDWIDTH)
                .filter(bandwidth -> bandwidth.value() < promised * bits)
                .ifPresent(bandwidth -> tooLow(
                        bandwidth,
                        bandwidth(bandwidth),
                        "that of the guaranteed rate in full-size frames of %d bytes, which is %s"
                                .formatted(bits / Byte.SIZE, Unit.written(promised * bits, Unit.BANDWIDTH)),
                        "raise the limit or lower the guarantee")));
    }

    private void burstsFit(Section limit, int promised, Optional<Long> frameBits) {
        String expected = "the guaranteed burst, which is " + promised + " packets";
        Optional<Located<Integer>> given = limit.located(ConfigurationFile.LIMIT_BURST);
        if (given.isPresent()) {
            if (given.get().value() < promised) {
                tooLow(
                        given.get(),
                        "a burst of " + given.get().value(),
                        expected,
                        promised <= LimitSpec.MAX_BURST_PACKETS
                                ? "raise the limit or lower the guarantee"
                                : "lower the guarantee, or leave `burst` out of a limit that is high enough");
            }
            return;
        }
        limit.located(ConfigurationFile.LIMIT_RATE)
                .ifPresent(rate -> defaultFits(rate, written(rate), 1, promised, expected));
        frameBits.ifPresent(bits -> limit.located(ConfigurationFile.LIMIT_BANDWIDTH)
                .ifPresent(bandwidth -> defaultFits(bandwidth, bandwidth(bandwidth), bits, promised, expected)));
    }

    private void defaultFits(Located<Long> limit, String written, long perPacket, int promised, String expected) {
        long burst = Math.max(limit.value() / DEFAULT_BURST_PART / perPacket, LEAST_DEFAULT_BURST_PACKETS);
        if (burst < promised) {
            String remedy = promised <= LimitSpec.MAX_BURST_PACKETS
                    ? "add `burst: " + promised + "` to the limit"
                    : "raise the limit"; // no `burst` may be as large
            tooLow(
                    limit,
                    written + ", which without a `burst` is one of " + burst + " packets",
                    expected,
                    remedy + ", or lower the guarantee");
        }
    }

    private void tooLow(Located<?> limit, String found, String expected, String remedy) {
        problems.add(limit.mark(), limit.path(), found, "at least " + expected, remedy);
    }

    private static String written(Located<Long> rate) {
        return Unit.written(rate.value(), Unit.PACKET_RATE);
    }

    private static String bandwidth(Located<Long> bandwidth) {
        return Unit.written(bandwidth.value(), Unit.BANDWIDTH);
    }
}
