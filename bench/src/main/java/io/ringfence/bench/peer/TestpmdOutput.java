package io.ringfence.bench.peer;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Reads the statistics that testpmd 22.11 prints. */
final class TestpmdOutput {
    private static final Pattern FORWARD_ALL = Pattern.compile(
            "Accumulated forward statistics for all ports.*?RX-packets:\\s*(\\d+)\\s+RX-dropped:\\s*(\\d+)"
                    + ".*?TX-packets:\\s*(\\d+)\\s+TX-dropped:\\s*(\\d+)",
            Pattern.DOTALL);
    private static final Pattern NIC_PORT = Pattern.compile(
            "NIC statistics for port \\d+.*?RX-packets:\\s*(\\d+)\\s+RX-missed:\\s*(\\d+)"
                    + ".*?TX-packets:\\s*(\\d+)\\s+TX-errors:\\s*(\\d+)",
            Pattern.DOTALL);

    private TestpmdOutput() {}

    /** The block "Accumulated forward statistics for all ports" of {@code show fwd stats all}. */
    static PacketCounts forwardAll(String output) {
        return FORWARD_ALL
                .matcher(output)
                .results()
                .findFirst()
                .map(TestpmdOutput::counts)
                .orElseThrow(() -> new PeerException("testpmd printed no accumulated forward statistics:\n" + output));
    }

    /** The blocks "NIC statistics for port N" of {@code show port stats all}, in the order of the ports. */
    static List<PacketCounts> nicPorts(String output) {
        return NIC_PORT.matcher(output).results().map(TestpmdOutput::counts).toList();
    }

    private static PacketCounts counts(MatchResult match) {
        return new PacketCounts(
                Long.parseLong(match.group(1)),
                Long.parseLong(match.group(2)),
                Long.parseLong(match.group(3)),
                Long.parseLong(match.group(4)));
    }
}
