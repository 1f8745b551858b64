package io.ringfence.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** On what testpmd 22.11 printed. */
class TestpmdOutputTest {
    private static final String FORWARD_STATS = """

              ---------------------- Forward statistics for port 0  ----------------------
              RX-packets: 91938848       RX-dropped: 0             RX-total: 91938848
              TX-packets: 91937888       TX-dropped: 896           TX-total: 91938784
              ----------------------------------------------------------------------------

              ---------------------- Forward statistics for port 1  ----------------------
              RX-packets: 91938784       RX-dropped: 3             RX-total: 91938787
              TX-packets: 91937952       TX-dropped: 896           TX-total: 91938848
              ----------------------------------------------------------------------------

              +++++++++++++++ Accumulated forward statistics for all ports+++++++++++++++
              RX-packets: 183877632      RX-dropped: 3             RX-total: 183877635
              TX-packets: 183875840      TX-dropped: 1792          TX-total: 183877632
              ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++
            """;

    private static final String PORT_STATS = """

              ######################## NIC statistics for port 0  ########################
              RX-packets: 91937376   RX-missed: 0          RX-bytes:  5883992064
              RX-errors: 0
              RX-nombuf:  0
              TX-packets: 91938848   TX-errors: 2          TX-bytes:  5884086272

              Throughput (since last show)
              Rx-pps:            0          Rx-bps:            0
              Tx-pps:            0          Tx-bps:            0
              ############################################################################
            """;

    @Test
    void shouldReadTheSumBehindThePortsWhenForwarded() {
        assertThat(TestpmdOutput.forwardAll(FORWARD_STATS)).isEqualTo(new PacketCounts(183877632, 3, 183875840, 1792));
    }

    @Test
    void shouldReadPortStatisticsWhenShown() {
        assertThat(TestpmdOutput.nicPorts(PORT_STATS)).containsExactly(new PacketCounts(91937376, 0, 91938848, 2));
    }

    @Test
    void shouldQuoteTheOutputWhenItHoldsNoStatistics() {
        assertThatThrownBy(() -> TestpmdOutput.forwardAll("Packet forwarding not started"))
                .isInstanceOf(PeerException.class)
                .hasMessageContaining("Packet forwarding not started");
    }
}
